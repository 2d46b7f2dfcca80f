# SPDX-License-Identifier: Apache-2.0
"""The results of a deployment, read from CloudFormation and Personalize."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_personalize import PersonalizeClient

    from personalize_import.status import ImportStatus

RESOURCE_TYPE = "Custom::PersonalizeDatasetImportJob"


@dataclass(frozen=True)
class ImportResult:
    """One import of a stack."""

    dataset: str
    """The dataset's name."""
    job_arn: str
    """The ARN of the import's current job."""
    status: str
    """The job's status in Personalize: ACTIVE when the data is in the dataset."""
    resource_status: str
    """The resource's status in CloudFormation: CREATE_COMPLETE or UPDATE_COMPLETE when it is done."""
    records: int
    """The records that the dataset holds."""
    seconds: float
    """From the job's creation to its last change of state, in seconds of the wall clock."""

    @property
    def job(self) -> str:
        """The job's name."""
        return self.job_arn.rpartition("/")[2]

    @property
    def succeeded(self) -> bool:
        """Whether the import has succeeded in Personalize and in CloudFormation."""
        return self.status == "ACTIVE" and self.resource_status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


@dataclass(frozen=True)
class Results:
    """The results of a deployment."""

    imports: list[ImportResult]
    """The result of each import."""
    status: Sequence[ImportStatus]
    """The status of the imports, as `personalize-import status` reads it."""


def read_results(
    stack_name: str,
    status: Sequence[ImportStatus],
    cloudformation: CloudFormationClient,
    personalize: PersonalizeClient,
    count_records: Callable[[str], int],
) -> list[ImportResult]:
    """Read all imports of a stack, in the order of their logical ids.

    Args:
        stack_name: The stack's name.
        status: Names the current job of each import, by logical id.
        cloudformation: Has the resources.
        personalize: Has the jobs.
        count_records: Returns how many records a dataset holds, by its ARN.
    """
    current = {each.logical_id: each.job_arn for each in status}
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    results = []
    for resource in sorted(resources, key=lambda resource: resource["LogicalResourceId"]):
        if resource["ResourceType"] == RESOURCE_TYPE:
            # The physical id is the ARN of the first job that the import had in its dataset.
            arn = current.get(resource["LogicalResourceId"]) or resource.get("PhysicalResourceId", "")
            results.append(_read_import(arn, resource["ResourceStatus"], personalize, count_records))
    return results


def _read_import(
    arn: str, resource_status: str, personalize: PersonalizeClient, count_records: Callable[[str], int]
) -> ImportResult:
    job = personalize.describe_dataset_import_job(datasetImportJobArn=arn)["datasetImportJob"]
    dataset = personalize.describe_dataset(datasetArn=job["datasetArn"])["dataset"]
    return ImportResult(
        dataset=dataset["name"],
        job_arn=job["datasetImportJobArn"],
        status=job["status"],
        resource_status=resource_status,
        records=count_records(job["datasetArn"]),
        seconds=(job["lastUpdatedDateTime"] - job["creationDateTime"]).total_seconds(),
    )
