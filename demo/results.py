# SPDX-License-Identifier: Apache-2.0
"""What came of a deployment, read back from CloudFormation, Personalize and S3."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalize_import.status.current import current_job

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_s3 import S3Client

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
    """The job's status in the words of Personalize: ACTIVE when the data is in the dataset."""
    resource_status: str
    """The resource's status in the words of CloudFormation: CREATE_COMPLETE or UPDATE_COMPLETE when done."""
    records: int
    """The records in the files at the job's location; an ACTIVE job has imported them."""
    seconds: float
    """From the job's creation to its last change of state, in seconds of the wall clock."""

    @property
    def succeeded(self) -> bool:
        """Whether Personalize and CloudFormation both say so."""
        return self.status == "ACTIVE" and self.resource_status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


@dataclass(frozen=True)
class Results:
    """What came of a deployment."""

    imports: list[ImportResult]
    """What was read back of each import."""
    status: list[ImportStatus]
    """What `personalize-import status` says of them."""


def read_results(
    stack_name: str, cloudformation: CloudFormationClient, personalize: PersonalizeClient, s3: S3Client
) -> list[ImportResult]:
    """Read all imports of a stack, in the order of their logical ids."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    results = []
    for resource in sorted(resources, key=lambda resource: resource["LogicalResourceId"]):
        if resource["ResourceType"] == RESOURCE_TYPE:
            physical_id = resource.get("PhysicalResourceId", "")
            results.append(_read_import(physical_id, resource["ResourceStatus"], personalize, s3))
    return results


def _read_import(
    physical_id: str, resource_status: str, personalize: PersonalizeClient, s3: S3Client
) -> ImportResult:
    current = current_job(personalize, physical_id)
    arn = current.arn if current else physical_id
    job = personalize.describe_dataset_import_job(datasetImportJobArn=arn)["datasetImportJob"]
    dataset = personalize.describe_dataset(datasetArn=job["datasetArn"])["dataset"]
    return ImportResult(
        dataset=dataset["name"],
        job_arn=job["datasetImportJobArn"],
        status=job["status"],
        resource_status=resource_status,
        records=_count_records(job["dataSource"].get("dataLocation", ""), s3),
        seconds=(job["lastUpdatedDateTime"] - job["creationDateTime"]).total_seconds(),
    )


def _count_records(location: str, s3: S3Client) -> int:
    """Count the records below a location; Personalize tells no number, so its input is counted."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    keys = [key]
    if key.endswith("/") or not key:  # a folder stands for the files of its first level
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key, Delimiter="/")
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return sum(_count_in_file(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys)


def _count_in_file(content: bytes) -> int:
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), escapechar="\\")
    return max(0, sum(1 for row in rows if row) - 1)
