# SPDX-License-Identifier: Apache-2.0
"""Reads the evidence of imports: records in DynamoDB, and jobs and datasets in Personalize."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from personalize_import.status.contents import job_with_data, own_job, own_job_name
from personalize_import.status.handler_code import (
    RUNNING,
    Dataset,
    ErrorKind,
    Job,
    Personalize,
    PollingError,
    Record,
    ServiceError,
    Table,
    job_arn,
    job_name,
    record_key,
    text_of,
)
from personalize_import.status.imports import Evidence

if TYPE_CHECKING:
    from personalize_import.status.stacks import Resource, Stack

TIME_TO_ARRIVE = timedelta(seconds=5)
"""The largest difference between the times of a request and of its event in CloudFormation."""


class EvidenceReader:
    """One reading of AWS, in which each dataset and list of jobs is read once.

    Args:
        client: Returns the boto3 client of a service.
        personalize: The handler's calls to Personalize.

    Attributes:
        notes: Sentences about what could not be read, and the consequences.
    """

    def __init__(self, client: Callable[[Any], Any], personalize: Personalize) -> None:
        self._client = client
        self._personalize = personalize
        self._datasets: dict[str, Dataset | None] = {}
        self._jobs: dict[str, list[Job]] = {}
        self.notes: list[str] = []

    def evidence(self, stack: Stack, resource: Resource) -> Evidence:
        """Return the evidence of an import.

        Raises:
            ServiceError: Personalize did not answer as expected.
        """
        operation = resource.operation
        found = Evidence(
            stack=stack.name,
            logical_id=resource.logical_id,
            path=stack.template.path(resource.logical_id),
            resource_status=operation.status,
            resource_reason=operation.reason,
            physical_id=operation.physical_id,
            began=operation.began,
            updated=operation.updated,
            is_reached=resource.is_reached,
            is_rolled_back=stack.is_rolled_back,
            dataset_arn=operation.dataset_arn,
        )
        if not operation.status:
            return found
        if stack.is_rolled_back:
            return self._with_first_job(found)
        record = self._record(stack, resource)
        if record and record.is_open and _is_for_resource(record, operation.status):
            return self._with_request(replace(found, is_reached=True), record)
        if operation.status.endswith("_IN_PROGRESS") and not _is_of_operation(record, operation.began):
            return found  # the handler has not started
        return self._with_own_job(found, record)

    def _record(self, stack: Stack, resource: Resource) -> Record | None:
        """Return the record of an import; None if there is none, or if it may not be read."""
        key = record_key({"StackId": stack.id, "LogicalResourceId": resource.logical_id})
        for name in stack.tables:
            try:
                record = Table(lambda: self._dynamodb, name).read(key)
            except PollingError as error:
                self.notes.append(
                    f"The records of {stack.name} could not be read. The names of the jobs are used instead, "
                    f"and an import in progress is shown as starting. {error.message}"
                )
            else:
                if record:
                    return record
        return None

    def _with_first_job(self, found: Evidence) -> Evidence:
        """Add the job of a creation, whether or not Personalize has accepted it."""
        name = job_name(found.physical_id)
        if not name:
            return found
        job = self._personalize.job(found.physical_id, name)
        dataset_arn = job.dataset_arn if job else found.dataset_arn
        return replace(found, job_arn=found.physical_id, job=job, dataset_arn=dataset_arn)

    def _with_request(self, found: Evidence, record: Record) -> Evidence:
        """Add the evidence of an open request."""
        dataset_arn = text_of((record.event or {}).get("ResourceProperties"), "DatasetArn")
        found = replace(
            found,
            is_open=True,
            is_copying=record.busy_until > time.time(),
            is_refused=bool(record.refused_since),
            waiting_reason=record.waiting_reason,
            dataset_arn=dataset_arn or found.dataset_arn,
            began=datetime.fromtimestamp(record.request.issued, UTC),
        )
        name = own_job_name(record, found.physical_id)
        if not dataset_arn:
            return found
        if name:
            arn = job_arn(dataset_arn, name)
            found = replace(found, job_arn=arn, job=self._personalize.job(dataset_arn, name))
        if record.request.type == "Delete" or (found.job and not found.job.has_ended):
            return found
        return self._with_dataset(found)

    def _with_own_job(self, found: Evidence, record: Record | None) -> Evidence:
        """Add the job of a resource whose request is done, and the contents of its dataset."""
        name = own_job_name(record, found.physical_id)
        reference = found.physical_id if job_name(found.physical_id) else found.dataset_arn
        if not name or not reference:
            return found
        found = replace(found, job_arn=job_arn(reference, name))
        chosen = self._personalize.job(reference, name)
        if chosen is None:
            return found
        found = self._with_dataset(replace(found, job=chosen, dataset_arn=chosen.dataset_arn))
        own = own_job(record, chosen, found.jobs)
        if found.dataset and own.has_ended and not own.has_failed:
            own = job_with_data(own, found.dataset, found.jobs) or own
        return replace(found, job=own, job_arn=own.arn)

    def _with_dataset(self, found: Evidence) -> Evidence:
        dataset = self._dataset(found.dataset_arn)
        if dataset is None:
            return replace(found, is_dataset_gone=True)
        jobs = self._jobs_of(found.dataset_arn)
        is_next = found.job is None and all(job.has_ended for job in jobs)
        return replace(
            found,
            dataset=dataset,
            jobs=jobs,
            # The account's list may be long, so it is read only if nothing else delays the import.
            jobs_of_account=self._unfinished_of_account if is_next else 0,
        )

    def _dataset(self, arn: str) -> Dataset | None:
        if arn not in self._datasets:
            try:
                self._datasets[arn] = self._personalize.dataset(arn)
            except ServiceError as error:
                if error.kind is not ErrorKind.NOT_FOUND:
                    raise
                self._datasets[arn] = None
        return self._datasets[arn]

    def _jobs_of(self, dataset_arn: str) -> list[Job]:
        if dataset_arn not in self._jobs:
            self._jobs[dataset_arn] = self._personalize.jobs(dataset_arn)
        return self._jobs[dataset_arn]

    @cached_property
    def _unfinished_of_account(self) -> int:
        pages = self._client("personalize").get_paginator("list_dataset_import_jobs").paginate()
        statuses = [job.get("status") for page in pages for job in page["datasetImportJobs"]]
        return sum(status in RUNNING for status in statuses)

    @cached_property
    def _dynamodb(self) -> Any:
        return self._client("dynamodb")


def _is_for_resource(record: Record, status: str) -> bool:
    """Whether the open request is for the resource that CloudFormation shows.

    The Delete of a replacement that is rolled back is not, because the resource keeps its old id.
    """
    return record.request.type != "Delete" or status.startswith("DELETE")


def _is_of_operation(record: Record | None, began: datetime) -> bool:
    """Whether the last request of a record belongs to the current operation on the resource."""
    if record is None:
        return False
    return datetime.fromtimestamp(record.request.issued, UTC) >= began - TIME_TO_ARRIVE
