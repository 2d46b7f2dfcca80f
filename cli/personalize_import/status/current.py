# SPDX-License-Identifier: Apache-2.0
"""Which job is an import's current one.

The physical id of an import is the ARN of the first job that it had in its dataset, and stays for as long as
it imports there. The current one is its attribute DatasetImportJobArn, which no API of CloudFormation shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from personalize_import.status.imports import JOB, Job

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_personalize.type_defs import DatasetImportJobSummaryTypeDef, DatasetImportJobTypeDef

_NAME = re.compile(r"(.+)-[0-9a-f]{12}-[0-9]+")
"""The name that the handler gives a job: STEM-FINGERPRINT-NUMBER."""

_NO_DATASET = ("ResourceNotFoundException", "InvalidInputException")
"""What Personalize may say to the ARN of a dataset that it has named itself: the dataset is gone."""


def newest_of_stem(first: Job, jobs: Iterable[Job]) -> Job:
    """The newest job since `first` of the same stem; one that has failed only where all have.

    Args:
        first: The job that the physical id names. It is its own answer where its name is not the handler's.
        jobs: The jobs of its dataset.
    """
    stem = _stem(first)
    later = (job for job in jobs if stem and _stem(job) == stem and job.created >= first.created)
    candidates = [first, *(job for job in later if job.arn != first.arn)]
    return max(candidates, key=lambda job: (job.status != "CREATE FAILED", job.created))


def _stem(job: Job) -> str:
    match = _NAME.fullmatch(job.name)
    return match[1] if match else ""


def current_job(client: PersonalizeClient, physical_id: str) -> Job | None:
    """The current job of the import of this physical id; None where that is the ARN of no job.

    Raises:
        ClientError: The job or the list of the dataset's jobs cannot be read.
    """
    first = describe_job(client, physical_id)
    if first is None:
        return None
    try:
        pages = client.get_paginator("list_dataset_import_jobs").paginate(datasetArn=first.dataset_arn)
        jobs = [_job(found, first.dataset_arn) for page in pages for found in page["datasetImportJobs"]]
    except ClientError as error:
        if error.response["Error"]["Code"] in _NO_DATASET:
            return first
        raise
    return newest_of_stem(first, jobs)


def describe_job(client: PersonalizeClient, arn: str) -> Job | None:
    """The job of an ARN; None where Personalize has none, or where it is no job's.

    Raises:
        ClientError: The job cannot be read.
    """
    if JOB not in arn:
        return None
    try:
        found = client.describe_dataset_import_job(datasetImportJobArn=arn)["datasetImportJob"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return _job(found, found.get("datasetArn", ""))


def _job(found: DatasetImportJobTypeDef | DatasetImportJobSummaryTypeDef, dataset_arn: str) -> Job:
    return Job(
        arn=found["datasetImportJobArn"],
        status=found["status"],
        created=found["creationDateTime"],
        updated=found["lastUpdatedDateTime"],
        dataset_arn=dataset_arn,
        failure_reason=found.get("failureReason", ""),
    )
