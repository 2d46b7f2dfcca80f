# SPDX-License-Identifier: Apache-2.0
"""The policies of the function's role that name each dataset and role of the stack's imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import jsii
from aws_cdk import (
    IListProducer,
    IResolveContext,
    Lazy,
)
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_personalize_import._access import PERSONALIZE
from cdk_personalize_import._cdk import is_token

_CUSTOMIZE_ROLES = "@aws-cdk/iam:customizeRoles"

_LONGEST_ARN = 160
"""Characters of a dataset's ARN, or of a role's with a path of 50, where it is a token."""

ROOM_IN_INLINE_POLICY = 6_500
"""Characters for ARNs, of the 10,240 that a role's inline policies may have together.

The rest is for what the function needs for all imports, and for statements of the user's. See
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

ROOM_IN_MANAGED_POLICY = 5_600
"""Characters for ARNs, of the 6,144 that a managed policy may have."""


class PolicyPage:
    """A policy of the function's role that names datasets and roles, until it is full.

    What it names is resolved when the template is written, so that a policy which has been resolved before,
    by a test for one, can still grow.
    """

    def __init__(self, role: iam.Role, jobs: str, policy: iam.ManagedPolicy | None, room: int) -> None:
        self._grows = not is_customized(role)
        self._datasets: list[str] = []
        self._roles: list[str] = []
        self._add = policy.add_statements if policy else role.add_to_policy
        self._jobs = jobs
        self._room = room

    def has_room(self, *arns: str) -> bool:
        """Whether a dataset and a role more do not make the policy too long for IAM."""
        return sum(_longest(arn) for arn in arns) <= self._room

    def name_dataset(self, arn: str) -> None:
        """Let the function import into a dataset."""
        self._room -= _longest(arn)
        # An import is created on its dataset and on the job, so the statement needs both.
        actions = ["personalize:CreateDatasetImportJob", "personalize:DescribeDataset"]
        self._name(self._datasets, arn, actions, always=[self._jobs])

    def pass_role(self, arn: str) -> None:
        """Let the function pass a role to Personalize."""
        self._room -= _longest(arn)
        self._name(self._roles, arn, ["iam:PassRole"], conditions=passed_to(PERSONALIZE))

    def _name(
        self,
        arns: list[str],
        arn: str,
        actions: Sequence[str],
        *,
        always: Sequence[str] = (),
        conditions: Mapping[str, Any] | None = None,
    ) -> None:
        arns.append(arn)
        if self._grows and len(arns) > 1:
            return
        resources = _list_of(always, arns) if self._grows else [*always, arn]
        self._add(iam.PolicyStatement(actions=actions, resources=resources, conditions=conditions))


def _longest(arn: str) -> int:
    """Return how many characters an ARN takes in a policy, with its quotation marks and its comma."""
    return (_LONGEST_ARN if is_token(arn) else len(arn)) + 3


def is_customized(scope: Construct) -> bool:
    """Whether `iam.Role.customize_roles` writes a report of what roles need, in which nothing can grow."""
    return scope.node.try_get_context(_CUSTOMIZE_ROLES) is not None


def _list_of(*lists: Sequence[str]) -> list[str]:
    return Lazy.uncached_list(cast(IListProducer, _Joined(lists)))


@jsii.implements(IListProducer)
class _Joined:
    """Lists that grow, one after the other."""

    def __init__(self, lists: Sequence[Sequence[str]]) -> None:
        self._lists = lists

    def produce(self, *_: IResolveContext) -> list[str]:
        """Return their members. Called by the CDK."""
        return [member for members in self._lists for member in members]


def passed_to(service: str) -> dict[str, Any]:
    """Return the condition that a role is passed to a service only."""
    return {"StringEquals": {"iam:PassedToService": service}}
