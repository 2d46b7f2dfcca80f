# SPDX-License-Identifier: Apache-2.0
"""What must be allowed so that Amazon Personalize can read the data, and to whom.

The principals are the service itself and the role that it assumes. The actions are those of the documents,
and the resources just the location; docs/access.md says why each is there. See
https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html and
https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-key-access.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import ArnFormat, IResource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import._cdk import cached_by_identity, differ, environment_of, is_token, stack_of
from cdk_personalize_import._data_location import DataLocation

PERSONALIZE = "personalize.amazonaws.com"
"""The same in every partition."""


@dataclass(frozen=True)
class ReadPrincipal:
    """A principal, and the conditions on which a policy lets it read."""

    principal: iam.IPrincipal
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def allowed(self, actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
        """Return the statement that allows it the actions on the resources."""
        return iam.PolicyStatement(
            principals=[self.principal], actions=actions, resources=resources, conditions=self.conditions
        )


@dataclass(frozen=True)
class ReadPrincipals:
    """The readers of one import.

    No policy on the data names a role by its ARN: the stack of the bucket or the key would come to depend on
    that of the role, which depends on the data, and S3 and KMS refuse a role that is not there yet.

    Args:
        scope: The import.
        role_pattern: What `aws:PrincipalArn` of its role is like; resolved when the template is written.
        confused_deputy_conditions: Whether the service may read on behalf of this account and region only.
    """

    scope: Construct
    role_pattern: Any
    confused_deputy_conditions: bool

    def of_bucket(self, bucket: s3.IBucket) -> list[ReadPrincipal]:
        """Return who must be in the bucket's policy.

        In its own account a role needs no more than a policy of its own; in another one it needs both.
        """
        foreign = is_of_another_account(bucket, stack_of(self.scope))
        return [self._service, self._role] if foreign else [self._service]

    def of_key(self) -> list[ReadPrincipal]:
        """Return who must be in the policy of the bucket's key, without which no role's policy counts."""
        return [self._service, self._role]

    @property
    def _service(self) -> ReadPrincipal:
        conditions = on_behalf_of(stack_of(self.scope)) if self.confused_deputy_conditions else {}
        return ReadPrincipal(_personalize(), conditions)

    @property
    def _role(self) -> ReadPrincipal:
        """Return the role, as one of its account's principals, to whom its own policy allows the same."""
        account = iam.AccountPrincipal(stack_of(self.scope).account)
        return ReadPrincipal(account, {"ArnLike": {"aws:PrincipalArn": self.role_pattern}})


def is_of_another_account(resource: IResource, stack: Stack) -> bool:
    """Whether a resource is known to be of another account than the stack."""
    return differ(environment_of(resource).account, environment_of(stack).account)


@functools.cache
def _personalize() -> iam.ServicePrincipal:
    return iam.ServicePrincipal(PERSONALIZE)


@cached_by_identity
def on_behalf_of(stack: Stack) -> Mapping[str, Mapping[str, str]]:
    """Return the conditions that Personalize acts on behalf of the account and region of the stack.

    See https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html
    """
    anything = stack.format_arn(service="personalize", resource="*", arn_format=ArnFormat.NO_RESOURCE_NAME)
    return {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": anything}}


READ_ACTIONS = ["s3:GetObject", "s3:ListBucket"]
"""ListBucket has no condition on the prefix, because no document says how Personalize lists."""

KEY_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant", "kms:ListGrants"]
"""Reading takes Decrypt. The documents want the others too, and do not say what for."""

ROLE_KEY_ACTIONS = [action for action in KEY_ACTIONS if action != "kms:CreateGrant"]
"""What the role needs, because the key's policy names no role but leaves it to the role's account.

The documents want CreateGrant in the key's policy only. Where that names the role, they want nothing here.
"""

_ALIAS = "alias/"


def role_statements(scope: Construct, location: DataLocation) -> list[iam.PolicyStatement]:
    """Return what the policy of the role of an import must hold."""
    statements = [iam.PolicyStatement(actions=READ_ACTIONS, resources=read_resources(location))]
    key = location.encryption_key
    if key is not None:
        statements.append(_use_of(key, stack_of(scope)))
    return statements


def bucket_statements(location: DataLocation, readers: Iterable[ReadPrincipal]) -> list[iam.PolicyStatement]:
    """Return what the policy of the bucket must hold at least."""
    return [reader.allowed(READ_ACTIONS, read_resources(location)) for reader in readers]


def key_statements(location: DataLocation, readers: Iterable[ReadPrincipal]) -> list[iam.PolicyStatement]:
    """Return what the policy of the bucket's key must hold; nothing if no key is known."""
    if location.encryption_key is None:
        return []
    # In the policy of a key, "*" is that key.
    return [reader.allowed(KEY_ACTIONS, ["*"]) for reader in readers]


def read_resources(location: DataLocation) -> list[str]:
    """Return the bucket, which is listed, and the pattern of the objects, which are got."""
    return [location.bucket_arn, location.objects_arn]


def _use_of(key: kms.IKey, stack: Stack) -> iam.PolicyStatement:
    """Return what lets a role of the stack use the key.

    Where the key's ARN is not known it is all keys of the key's account: those of an alias, where that is
    what is known, for IAM takes the ARN of an alias for no key; all, where the app makes the key in another
    account, since a key has no name by which to know it there. Its own policy decides all the same.
    """
    arn = key.key_arn
    alias = _alias_name(key, arn)
    if alias is None and not (is_token(arn) and is_of_another_account(key, stack)):
        return iam.PolicyStatement(actions=ROLE_KEY_ACTIONS, resources=[arn])
    account, region = environment_of(key)
    return iam.PolicyStatement(
        actions=ROLE_KEY_ACTIONS,
        resources=[f"arn:{stack.partition}:kms:{region}:{account}:key/*"],
        conditions=None if alias is None else {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
    )


def _alias_name(key: kms.IKey, arn: str) -> str | None:
    """Return the name by which the key is known, if it is that of an alias."""
    name = getattr(key, "alias_name", None)
    if isinstance(name, str):
        return name
    _, found, name = arn.partition(f":{_ALIAS}")
    return f"{_ALIAS}{name}" if found else None
