# SPDX-License-Identifier: Apache-2.0
"""Who reads the data of an import: the service itself, and the role that it assumes."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import ArnFormat, IResource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import.asked_once import asked_once
from cdk_personalize_import.environments import differ, environment_of, stack_of

PERSONALIZE = "personalize.amazonaws.com"
"""The same in every partition."""


@dataclass(frozen=True)
class Reader:
    """A principal, and the conditions on which a policy lets it read."""

    principal: iam.IPrincipal
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def allowed(self, actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
        """Return the statement that allows it the actions on the resources."""
        return iam.PolicyStatement(
            principals=[self.principal], actions=actions, resources=resources, conditions=self.conditions
        )


@dataclass(frozen=True)
class Readers:
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

    def of_bucket(self, bucket: s3.IBucket) -> list[Reader]:
        """Return who must be in the bucket's policy.

        In its own account a role needs no more than a policy of its own; in another one it needs both.
        """
        foreign = is_of_another_account(bucket, stack_of(self.scope))
        return [self._service, self._role] if foreign else [self._service]

    def of_key(self) -> list[Reader]:
        """Return who must be in the policy of the bucket's key, without which no role's policy counts."""
        return [self._service, self._role]

    @property
    def _service(self) -> Reader:
        conditions = on_behalf_of(stack_of(self.scope)) if self.confused_deputy_conditions else {}
        return Reader(_personalize(), conditions)

    @property
    def _role(self) -> Reader:
        """Return the role, as one of its account's principals, to whom its own policy allows the same."""
        account = iam.AccountPrincipal(stack_of(self.scope).account)
        return Reader(account, {"ArnLike": {"aws:PrincipalArn": self.role_pattern}})


def is_of_another_account(resource: IResource, stack: Stack) -> bool:
    """Whether a resource is known to be of another account than the stack."""
    return differ(environment_of(resource).account, environment_of(stack).account)


@functools.cache
def _personalize() -> iam.ServicePrincipal:
    return iam.ServicePrincipal(PERSONALIZE)


@asked_once
def on_behalf_of(stack: Stack) -> Mapping[str, Mapping[str, str]]:
    """Return the conditions that Personalize acts on behalf of the account and region of the stack.

    See https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html
    """
    anything = stack.format_arn(service="personalize", resource="*", arn_format=ArnFormat.NO_RESOURCE_NAME)
    return {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": anything}}
