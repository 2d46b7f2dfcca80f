# SPDX-License-Identifier: Apache-2.0
"""Finds the imports of stacks, those of their nested stacks included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

IMPORT = "Custom::PersonalizeDatasetImportJob"
_STACK = "AWS::CloudFormation::Stack"
_SCHEDULE_GROUP = "AWS::Scheduler::ScheduleGroup"


@dataclass(frozen=True)
class ImportResource:
    """A resource of type Custom::PersonalizeDatasetImportJob.

    Attributes:
        stack_name: The stack's name.
        stack_id: The stack's ARN.
        logical_id: The resource's name in the stack.
        physical_id: Its job's ARN, once it is complete.
        status: Its status.
        reason: Why it has that.
        updated: Since when it has that.
        schedule_groups: The schedule groups of the stack; that of the handler is one of them.
    """

    stack_name: str
    stack_id: str
    logical_id: str
    physical_id: str
    status: str
    reason: str
    updated: datetime
    schedule_groups: tuple[str, ...]


def import_resources(client: CloudFormationClient, stack: str) -> Iterator[ImportResource]:
    """The imports of a stack and of the stacks within it.

    Args:
        client: CloudFormation.
        stack: The stack's name or ARN.

    Raises:
        ClientError: There is no such stack, or it may not be read.
    """
    described = client.describe_stacks(StackName=stack)["Stacks"][0]
    # A failed first deployment is rolled back: what failed then reads as deleted now.
    rolled_back = described["StackStatus"].startswith("ROLLBACK")
    stack_id = described.get("StackId", stack)
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    groups = tuple(
        resource.get("PhysicalResourceId", "")
        for resource in resources
        if resource["ResourceType"] == _SCHEDULE_GROUP
    )
    for resource in resources:
        gone = resource["ResourceStatus"] == "DELETE_COMPLETE" and not rolled_back
        if resource["ResourceType"] == _STACK and resource.get("PhysicalResourceId") and not gone:
            yield from import_resources(client, resource["PhysicalResourceId"])
        elif resource["ResourceType"] == IMPORT and not gone:
            found = ImportResource(
                stack_name=described["StackName"],
                stack_id=stack_id,
                logical_id=resource["LogicalResourceId"],
                physical_id=resource.get("PhysicalResourceId", ""),
                status=resource["ResourceStatus"],
                reason=resource.get("ResourceStatusReason", ""),
                updated=resource["LastUpdatedTimestamp"],
                schedule_groups=groups,
            )
            yield _as_it_failed(client, found) if rolled_back else found


def _as_it_failed(client: CloudFormationClient, resource: ImportResource) -> ImportResource:
    """The resource as it was when its creation failed, if it did, before it was rolled back."""
    pages = client.get_paginator("describe_stack_events").paginate(StackName=resource.stack_id)
    for event in (event for page in pages for event in page["StackEvents"]):
        if event.get("LogicalResourceId") == resource.logical_id and event.get("ResourceStatus") in (
            "CREATE_FAILED",
            "CREATE_COMPLETE",
        ):
            failed = event["ResourceStatus"] == "CREATE_FAILED"
            return ImportResource(
                stack_name=resource.stack_name,
                stack_id=resource.stack_id,
                logical_id=resource.logical_id,
                physical_id=event.get("PhysicalResourceId", resource.physical_id),
                status="CREATE_FAILED" if failed else resource.status,
                reason=event.get("ResourceStatusReason", "") if failed else resource.reason,
                updated=event["Timestamp"],
                schedule_groups=resource.schedule_groups,
            )
    return resource
