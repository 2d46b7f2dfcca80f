# SPDX-License-Identifier: Apache-2.0
"""The calls to Personalize that the handler makes, answering plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_import.faults import printable
from dataset_import.jobs import Dataset, Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_personalize.type_defs import (
        CreateDatasetImportJobRequestTypeDef,
        DatasetImportJobSummaryTypeDef,
        DatasetImportJobTypeDef,
    )

    from dataset_import.request import ImportRequest


class Personalize:
    """Amazon Personalize, as far as importing goes.

    Args:
        client: Makes the boto3 client; called on first use, so that a client that cannot be made fails the
            request that needs it, with an answer, rather than the start of the process, without one.
    """

    def __init__(self, client: Callable[[], PersonalizeClient]) -> None:
        self._client = client

    def dataset(self, arn: str) -> Dataset:
        """Describe a dataset."""
        found = self._client().describe_dataset(datasetArn=arn)["dataset"]
        return Dataset(arn=arn, status=found["status"], created=found["creationDateTime"])

    def jobs(self, dataset_arn: str) -> list[Job]:
        """List every import job of a dataset, failed and old ones too, in no order."""
        pages = self._client().get_paginator("list_dataset_import_jobs").paginate(datasetArn=dataset_arn)
        return [_job(summary) for page in pages for summary in page["datasetImportJobs"]]

    def job(self, arn: str) -> Job:
        """Describe an import job."""
        return _job(self._client().describe_dataset_import_job(datasetImportJobArn=arn)["datasetImportJob"])

    def start(self, request: ImportRequest, name: str) -> None:
        """Create the import job."""
        call: CreateDatasetImportJobRequestTypeDef = {
            "jobName": name,
            "datasetArn": request.dataset_arn,
            "dataSource": {"dataLocation": request.data_location},
            "roleArn": request.role_arn,
            "importMode": request.import_mode,  # type: ignore[typeddict-item]  # the service judges the value
            "publishAttributionMetricsToS3": request.publish_attribution_metrics_to_s3,
        }
        if request.tags:
            call["tags"] = [{"tagKey": key, "tagValue": value} for key, value in request.tags]
        self._client().create_dataset_import_job(**call)


def _job(found: DatasetImportJobTypeDef | DatasetImportJobSummaryTypeDef) -> Job:
    return Job(
        arn=found["datasetImportJobArn"],
        status=found["status"],
        created=found["creationDateTime"],
        updated=found["lastUpdatedDateTime"],
        failure_reason=printable(found.get("failureReason", "")),
        import_mode=found.get("importMode", "FULL"),
    )
