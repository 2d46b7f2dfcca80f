# SPDX-License-Identifier: Apache-2.0
"""Judges the use of the keys with which objects are encrypted, by ministack's KMS and policy evaluator."""

from collections.abc import Iterator
from typing import Any

from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms, s3

DECRYPT = "kms:Decrypt"
KEY_OF_OBJECT = "x-amz-server-side-encryption-aws-kms-key-id"


def keys_of(bucket: str, names: list[str]) -> Iterator[dict[str, Any]]:
    """The keys of these objects; an object that S3 encrypts by itself has none."""
    objects = (s3._buckets.get(bucket) or {"objects": {}})["objects"]
    named = {s3._stored_sse_headers(objects[name]).get(KEY_OF_OBJECT) for name in names if name in objects}
    for key in sorted(filter(None, named)):
        record = kms._resolve_key(key)
        if record is not None:
            yield record


def may_decrypt(key: dict[str, Any], role: dict[str, Any], service: str, source: dict[str, str]) -> bool:
    """Whether both the role and the service may decrypt with the key.

    A key's own policy decides: what it leaves to the account, the role's policies must allow as well.
    """
    as_role = _context(role["Arn"], "AssumedRole", key, {})
    as_service = _context(service, "Service", key, {"aws:principalisawsservice": "true", **source})
    named = evaluator.evaluate_resource_policy(key["Policy"], as_role, named_only=True).decision
    of_account = evaluator.evaluate_resource_policy(key["Policy"], as_role).decision
    policies = evaluator._gather_role_policies(role["RoleName"], get_account_id())
    own = evaluator.evaluate(as_role, policies).decision
    role_may = "Deny" not in (own, of_account) and (named == "Allow" or of_account == own == "Allow")
    by_service = evaluator.evaluate_resource_policy(key["Policy"], as_service, service=service).decision
    return role_may and bool(by_service == "Allow")


def _context(principal: str, kind: str, key: dict[str, Any], conditions: dict[str, str]) -> Any:
    return evaluator.EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=get_account_id(),
        action=DECRYPT,
        resource_arn=key["Arn"],
        region=get_region(),
        source_ip="",
        secure_transport=True,
        service_context=conditions,
    )
