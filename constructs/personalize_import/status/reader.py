# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from personalize_import.status.imports import (
    UNFINISHED,
    Evidence,
    ImportStatus,
    Job,
    Surroundings,
    judge,
)
from personalize_import.status.request import OpenRequest, read_request
from personalize_import.status.stacks import ImportResource, import_resources

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

_JOB = ":dataset-import-job/"


class StatusReader:
    """Reads how imports stand. It calls nothing that changes anything.

    It needs cloudformation:DescribeStacks, ListStackResources and DescribeStackEvents, and
    personalize:DescribeDatasetImportJob; to tell what an import without a job waits for also
    scheduler:GetSchedule, personalize:DescribeDataset and personalize:ListDatasetImportJobs.

    Args:
        session: Makes the clients.
    """

    def __init__(self, session: boto3.Session) -> None:
        self._session = session

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
        return self._session.client("cloudformation")

    @cached_property
    def _personalize(self) -> PersonalizeClient:
        return self._session.client("personalize")

    @cached_property
    def _scheduler(self) -> EventBridgeSchedulerClient:
        return self._session.client("scheduler")

    def _evidence(self, found: ImportResource) -> Evidence:
        resource = found.resource
        in_progress = resource.status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
        request = read_request(self._scheduler, found) if in_progress else None
        job_arn = request.job_arn if request else resource.physical_id
        job = self._job(job_arn) if _JOB in job_arn else None
        return Evidence(
            stack=found.stack_name,
            logical_id=resource.logical_id,
            resource_status=resource.status,
            resource_reason=resource.reason,
            since=(request and request.since) or resource.updated,
            dataset_arn=request.dataset_arn if request else "",
            job_arn=job_arn if _JOB in job_arn else "",
            job=job,
            surroundings=self._surroundings(request) if request and not job else None,
            last_words=request.last_words if request else "",
        )

    def _job(self, arn: str) -> Job | None:
        try:
            found = self._personalize.describe_dataset_import_job(datasetImportJobArn=arn)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        job = found["datasetImportJob"]
        return Job(
            arn=arn,
            status=job["status"],
            created=job["creationDateTime"],
            updated=job["lastUpdatedDateTime"],
            dataset_arn=job.get("datasetArn", ""),
            failure_reason=job.get("failureReason", ""),
        )

    def _surroundings(self, request: OpenRequest) -> Surroundings | None:
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
