# SPDX-License-Identifier: Apache-2.0
"""Evaluates the permissions of Personalize with ministack's IAM, S3, KMS and policy evaluator."""

import json
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, s3

from . import key_access
from .personalize import Read, ReadRefused

PERSONALIZE = "personalize.amazonaws.com"

access_key_of_request: ContextVar[str] = ContextVar("access_key_of_request", default="")
"""The access key of the current request; empty for calls of the AWS itself."""


class PolicyChecker:
    """Evaluates the current policies of an account.

    Args:
        source_keys_on_reads: Whether the service sends aws:SourceAccount and aws:SourceArn when it reads from
            S3, as it does when it assumes the role. This is not documented. By default it does, so that
            conditions in a bucket policy are met.
    """

    def __init__(self, source_keys_on_reads: bool = True) -> None:
        self._source_keys_on_reads = source_keys_on_reads

    def may_pass_role(self, caller: str, role_arn: str) -> bool:
        """Whether the caller of this request may pass the role to Personalize."""
        return may_pass_role(role_arn, PERSONALIZE)

    def read_refused(self, read: Read) -> ReadRefused | None:
        """Why Personalize may not do this read."""
        role = role_of(read.role_arn)
        source = {"aws:sourceaccount": get_account_id(), "aws:sourcearn": read.source_arn}
        if role is None or not trusts(role, PERSONALIZE, source):
            return ReadRefused.ROLE
        policy = s3._bucket_policies.get(read.bucket)
        keys = source if self._source_keys_on_reads else {}
        for action, resource, context in _reads(read):
            if not _role_allows(role, action, resource, context, policy):
                return ReadRefused.POLICY
            as_service = _context(PERSONALIZE, "Service", action, resource, context | keys)
            if (
                evaluator.evaluate_resource_policy(policy, as_service, service=PERSONALIZE).decision
                != "Allow"
            ):
                return ReadRefused.POLICY
        keys_used = key_access.keys_of(read.bucket, list(read.keys))
        if not all(key_access.may_decrypt(key, role, PERSONALIZE, keys) for key in keys_used):
            return ReadRefused.POLICY
        return None


def role_of(arn: str) -> dict[str, Any] | None:
    """The record of the role; None if it is not in this account."""
    if arn.split(":")[4:5] != [get_account_id()]:
        return None
    role: dict[str, Any] | None = iam._roles.get(arn.rsplit("/", 1)[-1])
    return role if role and role.get("Arn") == arn else None


def trusts(role: dict[str, Any], service: str, source: dict[str, str]) -> bool:
    """Whether the role's trust policy lets the service assume it on behalf of the source."""
    document = role.get("AssumeRolePolicyDocument") or "{}"
    context = _context(service, "Service", "sts:AssumeRole", role["Arn"], source)
    # In ministack's evaluate_trust_policy, a service principal matches only the account's root.
    parsed = json.loads(document) if isinstance(document, str) else document
    decision = evaluator.evaluate_resource_policy(parsed, context, service=service).decision
    return bool(decision == "Allow")


def role_may(role: dict[str, Any], action: str, resource: str) -> bool:
    """Whether the role's own policies allow an action."""
    return _role_allows(role, action, resource, {}, None)


def may_pass_role(role_arn: str, service: str) -> bool:
    """Whether the caller of the current request may pass the role to the service."""
    key = access_key_of_request.get()
    if not key:
        return True
    denied = evaluator.enforce(
        key,
        "iam:PassRole",
        "iam",
        get_region(),
        resource_arn=role_arn,
        service_context={"iam:PassedToService": service},
    )
    return denied is None


def caller_arn(access_key: str) -> str:
    """The ARN of the principal with the access key."""
    identity = evaluator.resolve_caller_identity(access_key)
    return str(identity["userArn"]) if identity else f"arn:aws:iam::{get_account_id()}:root"


def _reads(read: Read) -> Iterator[tuple[str, str, dict[str, str]]]:
    bucket = f"arn:aws:s3:::{read.bucket}"
    yield "s3:ListBucket", bucket, {"s3:prefix": read.prefix}
    for key in read.keys or [read.prefix]:
        yield "s3:GetObject", f"{bucket}/{key}", {}


def _role_allows(
    role: dict[str, Any], action: str, resource: str, context: dict[str, str], bucket_policy: str | None
) -> bool:
    """Whether the role's policies allow the action, and neither boundary nor bucket policy denies it."""
    account = get_account_id()
    session = f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/PersonalizeSession"
    asked = _context(session, "AssumedRole", action, resource, context)
    policies = evaluator._gather_role_policies(role["RoleName"], account)
    limits = evaluator._permissions_boundary(iam._roles, role["RoleName"], account)
    if evaluator.evaluate(asked, policies, *limits).decision != "Allow":
        return False
    return bool(evaluator.evaluate_resource_policy(bucket_policy, asked).decision != "Deny")


def _context(principal: str, kind: str, action: str, resource: str, keys: dict[str, str]) -> Any:
    service = kind == "Service"
    return evaluator.EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource,
        region=get_region(),
        source_ip="",
        secure_transport=True,
        service_context={"aws:principalisawsservice": str(service).lower(), **keys},
        principal_keys={"aws:principalservicename": principal} if service else {},
    )
