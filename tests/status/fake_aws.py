# SPDX-License-Identifier: Apache-2.0
"""Fakes of CloudFormation, DynamoDB and Personalize with the calls that `status` makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from dataset_import.jobs import Dataset, Job
from dataset_import.record import Record
from tests.status.facts import DATASET, NOW

IMPORT = "Custom::PersonalizeDatasetImportJob"
NESTED = "AWS::CloudFormation::Stack"
TABLE = ("PersonalizeImportHandlerRecords6A6F7591", "AWS::DynamoDB::Table", "CREATE_COMPLETE", "records")


def arn(stack: str) -> str:
    """The ARN of a stack."""
    return f"arn:aws:cloudformation:eu-west-1:111122223333:stack/{stack}/1"


@dataclass
class FakeStack:
    """A stack.

    Attributes:
        status: Its status.
        resources: Its resources: logical id, type, status, physical id.
        events: The events of its last deployment, the oldest first: logical id, status, reason, physical id,
            type. The logical id of the stack itself is empty. They are a minute apart, the last one a minute
            before NOW.
        template: The construct paths of the imports in its template, by logical id.
        parent: The ARN of the stack that it is nested in.
    """

    status: str = "CREATE_COMPLETE"
    resources: list[tuple[str, str, str, str]] = field(default_factory=list)
    events: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    template: dict[str, str] = field(default_factory=dict)
    parent: str = ""


@dataclass
class FakeAws:
    """An account.

    Attributes:
        stacks: Its stacks, by name.
        records: The records in the table of each stack.
        datasets: Its datasets.
        jobs: Its import jobs, all of one dataset.
        errors: The code of the error that an action ends with, by action, such as `dynamodb:GetItem`.
        calls: The calls that were made: action and arguments.
        endpoint: The URL at which it answers.
    """

    stacks: dict[str, FakeStack] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    datasets: list[Dataset] = field(default_factory=lambda: [DATASET])
    jobs: list[Job] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    endpoint: str = "https://personalize.us-east-1.amazonaws.com"

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        meta = SimpleNamespace(endpoint_url=self.endpoint)
        return _Client(lambda operation, given: self._call(service, operation, given), meta)

    @property
    def actions(self) -> set[str]:
        """The actions that were called."""
        return {action for action, _ in self.calls}

    def _call(self, service: str, operation: str, given: dict[str, Any]) -> Any:
        name = "".join(part.capitalize() for part in operation.split("_"))
        action = f"{service}:{name}"
        self.calls.append((action, given))
        if action in self.errors:
            raise _error(self.errors[action], f"not allowed: {action}")
        return getattr(self, f"_{operation}")(**given)

    def _describe_stacks(self, StackName: str = "") -> Any:
        described = [
            {
                "StackName": name,
                "StackId": arn(name),
                "StackStatus": stack.status,
                "CreationTime": NOW - timedelta(days=1),
                **({"ParentId": stack.parent} if stack.parent else {}),
            }
            for name, stack in self.stacks.items()
            if (stack.status != "DELETE_COMPLETE" if not StackName else StackName in (name, arn(name)))
        ]
        if StackName and not described:
            raise _error("ValidationError", f"Stack with id {StackName} does not exist")
        return {"Stacks": described}

    def _stack(self, name: str) -> FakeStack:
        return self.stacks[name.split("/")[1]]

    def _get_template(self, StackName: str) -> Any:
        resources = {
            logical_id: {"Type": IMPORT, "Metadata": {"aws:cdk:path": f"{path}/Resource"}}
            for logical_id, path in self._stack(StackName).template.items()
        }
        return {"TemplateBody": {"Resources": resources}}

    def _list_stack_resources(self, StackName: str) -> Any:
        names = ("LogicalResourceId", "ResourceType", "ResourceStatus", "PhysicalResourceId")
        rows = [dict(zip(names, each, strict=True)) for each in self._stack(StackName).resources]
        updated = {"LastUpdatedTimestamp": NOW - timedelta(hours=2)}
        return {"StackResourceSummaries": [row | updated for row in rows]}

    def _describe_stack_events(self, StackName: str) -> Any:
        rows = self._stack(StackName).events
        events = [
            {
                "StackId": StackName,
                "LogicalResourceId": logical_id or StackName.split("/")[1],
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
                "PhysicalResourceId": physical_id if logical_id else StackName,
                "ResourceType": kind if logical_id else NESTED,
                "Timestamp": NOW - timedelta(minutes=len(rows) - number),
            }
            for number, (logical_id, status, reason, physical_id, kind) in enumerate(rows)
        ]
        return {"StackEvents": events[::-1]}

    def _get_item(self, TableName: str, Key: Any, ConsistentRead: bool) -> Any:
        found = [record for record in self.records if record.key == Key["Key"]["S"]]
        items = [{"Version": {"N": "1"}, "Record": {"S": record.to_json()}} for record in found]
        return {"Item": items[0]} if items and TableName == "records" and ConsistentRead else {}

    def _describe_dataset(self, datasetArn: str) -> Any:
        for dataset in self.datasets:
            if dataset.arn == datasetArn:
                return {"dataset": {"status": dataset.status, "creationDateTime": dataset.created}}
        raise _error("ResourceNotFoundException", "no dataset")

    def _describe_dataset_import_job(self, datasetImportJobArn: str) -> Any:
        for job in self.jobs:
            if job.arn == datasetImportJobArn:
                return {"datasetImportJob": _summary(job) | {"datasetArn": DATASET.arn}}
        raise _error("ResourceNotFoundException", "no job")

    def _list_dataset_import_jobs(self, datasetArn: str = "", maxResults: int = 100) -> Any:
        return {"datasetImportJobs": [_summary(job) for job in self.jobs]}


@dataclass
class _Client:
    """A client that has every operation as a method."""

    call: Callable[[str, dict[str, Any]], Any]
    meta: SimpleNamespace

    def __getattr__(self, operation: str) -> Any:
        assert re.fullmatch("[a-z_]+", operation)
        return lambda **given: self.call(operation, given)

    def get_paginator(self, operation: str) -> Any:
        return _Paginator(lambda **given: [self.call(operation, given)])


@dataclass
class _Paginator:
    """A paginator with one page."""

    paginate: Callable[..., list[Any]]


def _summary(job: Job) -> dict[str, Any]:
    return {
        "datasetImportJobArn": job.arn,
        "status": job.status,
        "creationDateTime": job.created,
        "lastUpdatedDateTime": job.updated,
        "failureReason": job.failure_reason,
        "importMode": job.import_mode,
    }


def _error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")
