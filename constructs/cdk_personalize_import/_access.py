# SPDX-License-Identifier: Apache-2.0
"""The statements with which Amazon Personalize can read the data. `_grants` adds them to policies.

The principals are the service itself and the role that it assumes. The actions are those of the
documentation, and the resource is the location alone; docs/access.md gives the reason of each. See
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
    """A principal that reads, and the conditions under which a policy allows it.

    Attributes:
        principal: The service, or the account of a role.
        conditions: The conditions.
        role_pattern: The pattern of the role in the conditions; None for the service.
    """

    principal: iam.IPrincipal
    conditions: Mapping[str, Any] = field(default_factory=dict)
    role_pattern: Any = None

    def allowed(self, actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
        """Return the statement that allows the principal the actions on the resources."""
        return iam.PolicyStatement(
            principals=[self.principal], actions=actions, resources=resources, conditions=self.conditions
        )


@dataclass(frozen=True)
class ReadPrincipals:
    """The principals that read the data of one import.

    No policy of a bucket or key names a role by its ARN. The stack of the bucket would depend on that of the
    role, which depends on the data; and S3 and KMS refuse a role that does not exist yet.

    Attributes:
        scope: The import.
        role_pattern: A pattern of the ARN of its role, for `aws:PrincipalArn`. It is resolved when the
            template is written.
        confused_deputy_conditions: Whether the service may read only on behalf of this account and region.
    """

    scope: Construct
    role_pattern: Any
    confused_deputy_conditions: bool

    def of_bucket(self, bucket: s3.IBucket) -> list[ReadPrincipal]:
        """Return the principals that the bucket's policy must allow.

        A role needs the bucket's policy only if the bucket belongs to another account. If the stack may be
        deployed to any account, that may be so for a bucket of a known account to which the stack refers. In
        the same account, the statement for the role allows no more than the role's own policy.
        """
        stack = stack_of(self.scope)
        ours, theirs = environment_of(stack).account, environment_of(bucket).account
        is_unknown = is_token(ours) and not is_token(theirs) and stack_of(bucket) is stack
        is_foreign = is_unknown or differ(ours, theirs)
        return [self._service, self._role] if is_foreign else [self._service]

    def of_key(self) -> list[ReadPrincipal]:
        """Return the principals that the policy of the bucket's key must allow."""
        return [self._service, self._role]

    @property
    def _service(self) -> ReadPrincipal:
        conditions = on_behalf_of(stack_of(self.scope)) if self.confused_deputy_conditions else {}
        return ReadPrincipal(_personalize(), conditions)

    @property
    def _role(self) -> ReadPrincipal:
        """Return the account of the role, on the condition that the caller is the role."""
        account = iam.AccountPrincipal(stack_of(self.scope).account)
        conditions = {"ArnLike": {"aws:PrincipalArn": self.role_pattern}}
        return ReadPrincipal(account, conditions, self.role_pattern)


def is_of_another_account(resource: IResource, stack: Stack) -> bool:
    """Whether synth knows that a resource belongs to another account than the stack."""
    return differ(environment_of(resource).account, environment_of(stack).account)


@functools.cache
def _personalize() -> iam.ServicePrincipal:
    return iam.ServicePrincipal(PERSONALIZE)


@cached_by_identity
def on_behalf_of(stack: Stack) -> Mapping[str, Mapping[str, str]]:
    """Return the conditions with which Personalize may act only for the account and region of the stack.

    See https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html
    """
    anything = stack.format_arn(service="personalize", resource="*", arn_format=ArnFormat.NO_RESOURCE_NAME)
    return {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": anything}}


READ_ACTIONS = ["s3:GetObject", "s3:ListBucket"]
"""ListBucket has no condition on the prefix, because it is not documented how Personalize lists."""

KEY_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant", "kms:ListGrants"]
"""Reading needs Decrypt. The documentation requires the others too, without a reason."""

ROLE_KEY_ACTIONS = [action for action in KEY_ACTIONS if action != "kms:CreateGrant"]
"""The actions of the role's own policy.

The key's policy does not name the role, it delegates the decision to the role's account. The documentation
requires CreateGrant in the key's policy only.
"""

STAGING_KEY_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey"]
"""The actions of the handler, which copies files into a bucket with this key.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuAndPermissions.html
"""

_ALIAS = "alias/"


def role_statements(scope: Construct, location: DataLocation) -> list[iam.PolicyStatement]:
    """Return the statements of the role of an import."""
    statements = [iam.PolicyStatement(actions=READ_ACTIONS, resources=read_resources(location))]
    key = location.encryption_key
    if key is not None:
        statements.append(key_use_statement(key, stack_of(scope), ROLE_KEY_ACTIONS))
    return statements


def bucket_statements(location: DataLocation, readers: Iterable[ReadPrincipal]) -> list[iam.PolicyStatement]:
    """Return the statements that the bucket's policy needs."""
    return [reader.allowed(READ_ACTIONS, read_resources(location)) for reader in readers]


def key_statements(location: DataLocation, readers: Iterable[ReadPrincipal]) -> list[iam.PolicyStatement]:
    """Return the statements that the policy of the bucket's key needs; none if the app knows no key."""
    if location.encryption_key is None:
        return []
    # In the policy of a key, "*" is that key.
    return [reader.allowed(KEY_ACTIONS, ["*"]) for reader in readers]


def staging_key_statement(stack: Stack) -> iam.PolicyStatement:
    """Return the statement with which a key's policy delegates the handler's actions to its account."""
    account = iam.AccountPrincipal(stack.account)
    return iam.PolicyStatement(principals=[account], actions=STAGING_KEY_ACTIONS, resources=["*"])


def read_resources(location: DataLocation) -> list[str]:
    """Return the ARN of the bucket, for ListBucket, and the pattern of the objects, for GetObject."""
    return [location.bucket_arn, location.objects_arn]


def key_use_statement(key: kms.IKey, stack: Stack, actions: Sequence[str]) -> iam.PolicyStatement:
    """Return the statement with which a role of the stack may use a key.

    If the ARN of the key is not known, the statement names all keys of the key's account. If an alias is
    known, a condition limits it to the key of the alias, because a policy that names an alias allows nothing.
    A key that the app creates in another account has no name that is known here; its own policy limits who
    may use it.
    """
    arn = key.key_arn
    alias = _alias_name(key, arn)
    if alias is None and not (is_token(arn) and is_of_another_account(key, stack)):
        return iam.PolicyStatement(actions=actions, resources=[arn])
    account, region = environment_of(key)
    return iam.PolicyStatement(
        actions=actions,
        resources=[f"arn:{stack.partition}:kms:{region}:{account}:key/*"],
        conditions=None if alias is None else {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
    )


def _alias_name(key: kms.IKey, arn: str) -> str | None:
    """Return the name of an alias; None if the key is not given by an alias."""
    name = getattr(key, "alias_name", None)
    if isinstance(name, str):
        return name
    _, found, name = arn.partition(f":{_ALIAS}")
    return f"{_ALIAS}{name}" if found else None
