# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from personalize_import.status.current import current_job, describe_job
from personalize_import.status.imports import (
    UNFINISHED,
    Evidence,
    ImportStatus,
    Surroundings,
    judge,
)
from personalize_import.status.request import Request, read_request
from personalize_import.status.stacks import ImportResource, import_resources

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

TIME_TO_ARRIVE = timedelta(seconds=5)
"""What the clocks may differ by of who signs a request and of who writes a resource's status down."""


class StatusReader:
    """Reads how imports stand. It calls nothing that changes anything.

    It needs cloudformation:DescribeStacks, ListStackResources and DescribeStackEvents, and
    personalize:DescribeDatasetImportJob and ListDatasetImportJobs; to tell the job of a request that is under
    way, or what it waits for, also scheduler:GetSchedule and personalize:DescribeDataset.

    Args:
        client: Makes the boto3 client of a service, such as `boto3.Session().client`.
    """

    def __init__(self, client: Callable[[Any], Any]) -> None:
        self._client = client

    def read(self, stacks: Iterable[str]) -> list[ImportStatus]:
        """How the imports of stacks stand, in the order of the stacks.

        Raises:
            ClientError, BotoCoreError: A stack or a job cannot be read.
        """
        now = datetime.now(UTC)
        # A stack that is named beside the one it is nested in counts once.
        resources = {
            (found.stack_id, found.resource.logical_id): found
            for stack in stacks
            for found in import_resources(self._cloudformation, stack)
        }
        return [judge(self._evidence(found), now) for found in resources.values()]

    @cached_property
    def _cloudformation(self) -> CloudFormationClient:
        client: CloudFormationClient = self._client("cloudformation")
        return client

    @cached_property
    def _personalize(self) -> PersonalizeClient:
        client: PersonalizeClient = self._client("personalize")
        return client

    @cached_property
    def _scheduler(self) -> EventBridgeSchedulerClient:
        client: EventBridgeSchedulerClient = self._client("scheduler")
        return client

    def _evidence(self, found: ImportResource) -> Evidence:
        resource = found.resource
        request = self._request(found)
        is_open = request is not None and not request.closed
        job_arn = request.job_arn if request else resource.physical_id
        look_up = describe_job if request else current_job
        job = look_up(self._personalize, job_arn)
        return Evidence(
            stack=found.stack_name,
            logical_id=resource.logical_id,
            resource_status=resource.status,
            resource_reason=resource.reason,
            since=(request and request.since) or resource.updated,
            dataset_arn=request.dataset_arn if request else "",
            is_open=is_open,
            job_arn=job.arn if job else job_arn,
            job=job,
            surroundings=self._surroundings(request) if request and is_open and not job else None,
            last_words=request.last_words if request else "",
        )

    def _request(self, found: ImportResource) -> Request | None:
        """The request that tells the current job: one under way, or the last one while it is remembered.

        While the resource is in progress, one of an earlier deployment tells nothing.
        """
        request = read_request(self._scheduler, found)
        if request is None or not request.closed:
            return request
        if found.resource.status not in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            return request if request.job_arn else None
        sent = found.resource.updated - TIME_TO_ARRIVE
        return request if request.since and request.since >= sent else None

    def _surroundings(self, request: Request) -> Surroundings | None:
        """What the request may be waiting for, or None where that may not be seen."""
        try:
            dataset = self._personalize.describe_dataset(datasetArn=request.dataset_arn)["dataset"]
            of_dataset = self._unfinished(request.dataset_arn)
            # The quota matters only where nothing nearer is in the way; the account's list may be long.
            near = of_dataset or dataset.get("status") != "ACTIVE"
            return Surroundings(
                dataset_status=dataset.get("status", ""),
                jobs_of_dataset=of_dataset,
                jobs_of_account=0 if near else self._unfinished(None),
            )
        except ClientError:
            return None

    def _unfinished(self, dataset_arn: str | None) -> int:
        paginator = self._personalize.get_paginator("list_dataset_import_jobs")
        pages = paginator.paginate(datasetArn=dataset_arn) if dataset_arn else paginator.paginate()
        return sum(job.get("status") in UNFINISHED for page in pages for job in page["datasetImportJobs"])
