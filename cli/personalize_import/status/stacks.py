# SPDX-License-Identifier: Apache-2.0
"""Reads the imports of stacks and of their nested stacks from CloudFormation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from personalize_import.status.events import (
    Deployment,
    Failure,
    Operation,
    begins_deployment,
    read_events,
)
from personalize_import.status.handler_code import error_message
from personalize_import.status.report import is_in_progress
from personalize_import.status.template import IMPORT, Template, read_template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

TABLE = "PersonalizeImportHandlerRecords"
"""The prefix of the logical id of the table with the records, `Records` of `PersonalizeImportHandler`."""

_STACK = "AWS::CloudFormation::Stack"
_TABLE_TYPE = "AWS::DynamoDB::Table"
_FORWARD = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
_SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
"""Statuses of a stack whose resources are those of its last deployment, which has succeeded."""

_DELETED = "DELETE_COMPLETE"


class NoSuchStackError(Exception):
    """A stack does not exist."""


@dataclass(frozen=True)
class Resource:
    """A resource of a stack.

    Attributes:
        logical_id: Its logical id.
        operation: The last operation on it. If no event is known, its beginning is its end.
        is_reached: Whether the current deployment has reached it.
    """

    logical_id: str
    operation: Operation
    is_reached: bool = True


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack with its imports.

    Attributes:
        name: The stack's name.
        id: The stack's ARN.
        status: The stack's status.
        is_rolled_back: Whether its creation, or that of its parent, is or was rolled back.
        failure: The failure of its current or last deployment, if it has failed.
        imports: Its imports.
        nested: The ARNs of its nested stacks, by logical id.
        tables: The names of its tables with records: one, or none before it exists.
        template: Its template.
        notes: Sentences about what could not be read, and the consequences.
    """

    name: str
    id: str
    status: str
    is_rolled_back: bool = False
    failure: Failure | None = None
    imports: tuple[Resource, ...] = ()
    nested: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    template: Template = field(default_factory=Template)
    notes: tuple[str, ...] = ()


class Stacks:
    """Reads stacks. Every method raises ClientError if one may not be read.

    Args:
        client: CloudFormation.
    """

    def __init__(self, client: CloudFormationClient) -> None:
        self._client = client
        self._templates: dict[tuple[str, str, object], Template] = {}
        self._without_imports: set[tuple[str, str, object]] = set()

    def roots(self) -> Iterator[StackTypeDef]:
        """Yield the stacks of the region that are not nested and may have imports."""
        for page in self._client.get_paginator("describe_stacks").paginate():
            for described in page["Stacks"]:
                if not described.get("ParentId") and _version(described) not in self._without_imports:
                    yield described

    def describe(self, stack: str) -> StackTypeDef:
        """Describe a stack, by its name or ARN.

        Raises:
            NoSuchStackError: It does not exist.
        """
        try:
            (described,) = self._client.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            details = error.response["Error"]
            if details["Code"] == "ValidationError" and details["Message"].endswith("does not exist"):
                raise NoSuchStackError(stack) from None
            raise
        return described

    def family(self, described: StackTypeDef) -> list[Stack]:
        """Read a stack and its nested stacks.

        Raises:
            NoSuchStackError: It no longer exists.
        """
        if described["StackStatus"] == _DELETED:
            raise NoSuchStackError(described["StackName"])
        family = self._family(described, is_rolled_back=False)
        if not is_in_progress(family[0].status) and not any(stack.imports for stack in family):
            self._without_imports.add(_version(described))  # until it changes
        return family

    def _family(self, described: StackTypeDef, *, is_rolled_back: bool) -> list[Stack]:
        is_rolled_back = is_rolled_back or described["StackStatus"].startswith("ROLLBACK_")
        stack = _StackReader(self, described, is_rolled_back).stack()
        nested = [
            each
            for arn in stack.nested.values()
            for each in self._family(self.describe(arn), is_rolled_back=is_rolled_back)
        ]
        failed = {each.id for each in nested if each.failure}
        if stack.failure and stack.nested.get(stack.failure.logical_id) in failed:
            stack = replace(stack, failure=None)  # the nested stack has the reason
        return [stack, *nested]

    def template(self, described: StackTypeDef) -> Template:
        """Read the template of a stack; it is empty before CloudFormation has one."""
        version = _version(described)
        if version not in self._templates:
            try:
                reply = self._client.get_template(StackName=_id(described))
            except ClientError as error:
                if error.response["Error"]["Code"] == "ValidationError":
                    return Template()
                raise
            self._templates[version] = read_template(reply["TemplateBody"])
        return self._templates[version]

    def listed(self, stack_id: str) -> dict[str, Operation]:
        """Read the resources of a stack."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
        return {
            resource["LogicalResourceId"]: Operation(
                type=resource["ResourceType"],
                physical_id=resource.get("PhysicalResourceId", ""),
                status=resource["ResourceStatus"],
                reason=resource.get("ResourceStatusReason", ""),
                began=resource["LastUpdatedTimestamp"],
                updated=resource["LastUpdatedTimestamp"],
            )
            for page in pages
            for resource in page["StackResourceSummaries"]
        }

    def deployment(self, stack_id: str, *, is_rolled_back: bool) -> Deployment:
        """Read the current or last deployment of a stack; its creation, if it is rolled back."""
        events = []
        for page in self._client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
            for event in page["StackEvents"]:
                events.append(event)
                if begins_deployment(event, is_creation=is_rolled_back):
                    return read_events(events)
        return read_events(events)


class _StackReader:
    """Reads one stack."""

    def __init__(self, stacks: Stacks, described: StackTypeDef, is_rolled_back: bool) -> None:
        self._stacks = stacks
        self._described = described
        self._is_rolled_back = is_rolled_back
        self._status = described["StackStatus"]
        self._notes: list[str] = []

    def stack(self) -> Stack:
        """Return the stack."""
        resources = self._resources
        imports = [each for each in resources.values() if each.operation.type == IMPORT]
        if self._status in _FORWARD:
            imports += [self._not_begun(name) for name in self._template.imports if name not in resources]
        # CloudFormation lists resources in no order, and in a watch the order must not change.
        order = {name: number for number, name in enumerate(self._template.imports)}
        imports.sort(key=lambda each: order.get(each.logical_id, len(order)))
        has_failed = self._is_rolled_back or "ROLLBACK" in self._status or self._status.endswith("_FAILED")
        return Stack(
            name=self._described["StackName"],
            id=_id(self._described),
            status=self._status,
            is_rolled_back=self._is_rolled_back,
            failure=self._deployment.failure if has_failed else None,
            imports=tuple(imports),
            # A nested stack has an ARN once it has been created.
            nested={name: arn for name, arn in self._physical_ids(_STACK) if arn.startswith("arn:")},
            tables=tuple(table for name, table in self._physical_ids(_TABLE_TYPE) if name.startswith(TABLE)),
            template=self._template,
            notes=tuple(self._notes),
        )

    @cached_property
    def _deployment(self) -> Deployment:
        if self._status in _SETTLED:
            return Deployment()
        return self._stacks.deployment(_id(self._described), is_rolled_back=self._is_rolled_back)

    @cached_property
    def _template(self) -> Template:
        try:
            return self._stacks.template(self._described)
        except ClientError as error:
            self._notes.append(
                f"The template of {self._described['StackName']} could not be read. Imports have their "
                f"logical ids, and those that have not begun are missing. {error_message(error)}"
            )
            return Template()

    @cached_property
    def _resources(self) -> dict[str, Resource]:
        deployment = self._deployment
        if self._is_rolled_back:
            # The resources are deleted, but the events of their creation still exist.
            created = {name: deployment.operation(name, of="CREATE_") for name in deployment.events}
            return {name: Resource(name, made) for name, made in created.items() if made}
        listed = self._stacks.listed(_id(self._described))
        found = {}
        for name in {**listed, **deployment.events}:
            # A clean-up deletes the old physical resource of a logical id that still exists.
            is_replaced = "CLEANUP" in self._status and name in self._template.logical_ids
            known, done = listed.get(name), None if is_replaced else deployment.operation(name)
            if done and known and not done.physical_id:
                done = replace(done, physical_id=known.physical_id)
            operation = done or known
            if operation and operation.status != _DELETED:
                is_reached = bool(done) or self._status not in _FORWARD
                if not is_reached:
                    operation = replace(operation, began=deployment.began or operation.began)
                found[name] = Resource(name, operation, is_reached)
        return found

    def _not_begun(self, logical_id: str) -> Resource:
        began = self._deployment.began or self._described["CreationTime"]
        operation = Operation(type=IMPORT, physical_id="", status="", reason="", began=began, updated=began)
        return Resource(logical_id, operation, is_reached=False)

    def _physical_ids(self, kind: str) -> list[tuple[str, str]]:
        found = [(name, each.operation) for name, each in self._resources.items()]
        return [
            (name, operation.physical_id)
            for name, operation in found
            if operation.type == kind and operation.physical_id
        ]


def _id(described: StackTypeDef) -> str:
    return described.get("StackId", described["StackName"])


def _version(described: StackTypeDef) -> tuple[str, str, object]:
    return _id(described), described["StackStatus"], described.get("LastUpdatedTime")
