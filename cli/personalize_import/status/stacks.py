# SPDX-License-Identifier: Apache-2.0
"""Finds the imports of stacks, those of their nested stacks included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

IMPORT = "Custom::PersonalizeDatasetImportJob"
_STACK = "AWS::CloudFormation::Stack"
_SCHEDULE_GROUP = "AWS::Scheduler::ScheduleGroup"
_CREATED = ("CREATE_FAILED", "CREATE_COMPLETE")
_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
"""What a stack's own events say when a deployment begins."""


@dataclass(frozen=True)
class Resource:
    """A resource of a stack.

    Attributes:
        type: Its type.
        logical_id: Its name in the stack.
        physical_id: What it is in the account; of an import, once it is complete, the ARN of the first job
            that it had in its dataset.
        status: Its status.
        reason: Why it has that.
        updated: Since when it has that.
    """

    type: str
    logical_id: str
    physical_id: str
    status: str
    reason: str
    updated: datetime


@dataclass(frozen=True)
class ImportResource:
    """A resource of type Custom::PersonalizeDatasetImportJob.

    Attributes:
        stack_name: The stack's name.
        stack_id: The stack's ARN.
        schedule_groups: The schedule groups of the stack; that of the handler is one of them.
        resource: The resource itself.
    """

    stack_name: str
    stack_id: str
    schedule_groups: tuple[str, ...]
    resource: Resource


def import_resources(
    client: CloudFormationClient, stack: str, *, rolled_back: bool = False
) -> Iterator[ImportResource]:
    """The imports of a stack and of the stacks within it.

    Args:
        client: CloudFormation.
        stack: The stack's name or ARN.
        rolled_back: Whether the stack that it is nested in has been rolled back.

    Raises:
        ClientError: There is no such stack, or it may not be read.
    """
    described = client.describe_stacks(StackName=stack)["Stacks"][0]
    stack_id = described.get("StackId", stack)
    status = described["StackStatus"]
    # A first deployment that failed is rolled back: its resources are gone, but its events tell of them.
    rolled_back = rolled_back or status.startswith("ROLLBACK")
    found = {} if rolled_back else _listed(client, stack_id)
    if rolled_back or status.endswith("_IN_PROGRESS"):
        found |= _in_events(client, stack_id, _CREATED if rolled_back else ())
    resources = [each for each in found.values() if each.status != "DELETE_COMPLETE"]
    groups = tuple(each.physical_id for each in resources if each.type == _SCHEDULE_GROUP)
    for each in resources:
        # A nested stack has its ARN as soon as there is a stack behind it.
        if each.type == _STACK and each.physical_id.startswith("arn:"):
            yield from import_resources(client, each.physical_id, rolled_back=rolled_back)
        elif each.type == IMPORT:
            yield ImportResource(described["StackName"], stack_id, groups, each)


def _listed(client: CloudFormationClient, stack_id: str) -> dict[str, Resource]:
    """The resources that a stack has."""
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    return {
        resource["LogicalResourceId"]: Resource(
            type=resource["ResourceType"],
            logical_id=resource["LogicalResourceId"],
            physical_id=resource.get("PhysicalResourceId", ""),
            status=resource["ResourceStatus"],
            reason=resource.get("ResourceStatusReason", ""),
            updated=resource["LastUpdatedTimestamp"],
        )
        for page in pages
        for resource in page["StackResourceSummaries"]
    }


def _in_events(client: CloudFormationClient, stack_id: str, statuses: Sequence[str]) -> dict[str, Resource]:
    """What the events of a stack's current or last deployment say of its resources.

    Args:
        client: CloudFormation.
        stack_id: The stack's ARN.
        statuses: The events that count, the newest of each resource; all of them, if there are none here.
    """
    found: dict[str, Resource] = {}
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        for event in page["StackEvents"]:
            status = event.get("ResourceStatus", "")
            if event.get("PhysicalResourceId") == stack_id:
                if status in _BEGINNINGS:
                    return found
            elif not statuses or status in statuses:
                logical_id = event.get("LogicalResourceId", "")
                resource = Resource(
                    type=event.get("ResourceType", ""),
                    logical_id=logical_id,
                    physical_id=event.get("PhysicalResourceId", ""),
                    status=status,
                    reason=event.get("ResourceStatusReason", ""),
                    updated=event["Timestamp"],
                )
                found.setdefault(logical_id, resource)
    return found
