# SPDX-License-Identifier: Apache-2.0
"""The policies of the function's role that list the datasets and roles of the stack's imports."""

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
"""Characters that are assumed for an ARN that is a token: a dataset's, or a role's with a path of 50."""

ROOM_IN_INLINE_POLICY = 6_500
"""Characters for ARNs, of the 10,240 that a role's inline policies may have together.

The rest is for the statements that are the same for all imports, and for those of the user. See
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

ROOM_IN_MANAGED_POLICY = 5_600
"""Characters for ARNs, of the 6,144 that a managed policy may have."""


class PolicyPage:
    """A policy of the function's role that lists datasets and roles, up to IAM's limit of length.

    The lists are resolved when the template is written. So imports can be added after a policy was resolved,
    for example by a test.
    """

    def __init__(self, role: iam.Role, jobs: str, policy: iam.ManagedPolicy | None, room: int) -> None:
        self._grows = not is_customized(role)
        self._datasets: list[str] = []
        self._roles: list[str] = []
        self._add_statement = policy.add_statements if policy else role.add_to_policy
        self._jobs = jobs
        self._room = room

    def has_room(self, *arns: str) -> bool:
        """Whether the policy stays below IAM's limit with these ARNs."""
        return sum(_longest(arn) for arn in arns) <= self._room

    def add_dataset(self, arn: str) -> None:
        """Allow the function to import into a dataset."""
        self._room -= _longest(arn)
        # CreateDatasetImportJob is authorised for the dataset and for the job.
        actions = ["personalize:CreateDatasetImportJob", "personalize:DescribeDataset"]
        self._add(self._datasets, arn, actions, always=[self._jobs])

    def add_role(self, arn: str) -> None:
        """Allow the function to pass a role to Personalize."""
        self._room -= _longest(arn)
        self._add(self._roles, arn, ["iam:PassRole"], conditions=passed_to(PERSONALIZE))

    def _add(
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
        self._add_statement(iam.PolicyStatement(actions=actions, resources=resources, conditions=conditions))


def _longest(arn: str) -> int:
    """Return the characters that an ARN needs in a policy, with its quotation marks and its comma."""
    return (_LONGEST_ARN if is_token(arn) else len(arn)) + 3


def is_customized(scope: Construct) -> bool:
    """Whether `iam.Role.customize_roles` is used. Its report is written at once, so no list can grow."""
    return scope.node.try_get_context(_CUSTOMIZE_ROLES) is not None


def _list_of(*lists: Sequence[str]) -> list[str]:
    return Lazy.uncached_list(cast(IListProducer, _Joined(lists)))


@jsii.implements(IListProducer)
class _Joined:
    """Joins lists when the template is written."""

    def __init__(self, lists: Sequence[Sequence[str]]) -> None:
        self._lists = lists

    def produce(self, *_: IResolveContext) -> list[str]:
        """Return the members of the lists. The CDK calls it."""
        return [member for members in self._lists for member in members]


def passed_to(service: str) -> dict[str, Any]:
    """Return the condition that a role is passed to one service only."""
    return {"StringEquals": {"iam:PassedToService": service}}
