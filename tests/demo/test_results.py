# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.stub import Stubber

from demo.results import RESOURCE_TYPE, read_results
from personalize_import.status import ImportState, ImportStatus

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
DATASET = "arn:aws:personalize:eu-west-1:123456789012:dataset/sample/ITEMS"
FIRST = "arn:aws:personalize:eu-west-1:123456789012:dataset-import-job/items-0123456789ab-1"
"""The physical id of the import."""
JOB = "arn:aws:personalize:eu-west-1:123456789012:dataset-import-job/items-ba9876543210-1"

STATUS = ImportStatus(
    stack="Stack",
    logical_id="Import",
    path="Stack/Import",
    state=ImportState.ACTIVE,
    elapsed=timedelta(),
    job_arn=JOB,
)


def client(service: Any) -> Any:
    """Make a client that answers only what a test has laid down."""
    return boto3.client(
        service, region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def resource(logical_id: str, kind: str, physical_id: str) -> dict[str, Any]:
    """Make a line of a stack's resources."""
    return {
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": kind,
        "LastUpdatedTimestamp": CREATED,
        "ResourceStatus": "CREATE_COMPLETE",
    }


def stub_stack(personalize: Stubber, cloudformation: Stubber, location: str) -> None:
    """Lay down a stack with one ACTIVE import, whose current job is from a location."""
    resources = [resource("Bucket", "AWS::S3::Bucket", "bucket"), resource("Import", RESOURCE_TYPE, FIRST)]
    cloudformation.add_response("list_stack_resources", {"StackResourceSummaries": resources})
    job = {
        "datasetImportJobArn": JOB,
        "status": "ACTIVE",
        "creationDateTime": CREATED,
        "lastUpdatedDateTime": CREATED + timedelta(seconds=7.5),
        "datasetArn": DATASET,
        "dataSource": {"dataLocation": location},
    }
    personalize.add_response(
        "describe_dataset_import_job", {"datasetImportJob": job}, {"datasetImportJobArn": JOB}
    )
    personalize.add_response("describe_dataset", {"dataset": {"name": "sample-items"}})


def test_an_import_is_read_from_cloudformation_and_personalize() -> None:
    """The import comes from CloudFormation, its job from Personalize, the count from the embedded one."""
    cloudformation, personalize = client("cloudformation"), client("personalize")
    with Stubber(cloudformation) as c, Stubber(personalize) as p:
        stub_stack(p, c, "s3://bucket/data/items.csv")

        (result,) = read_results("Stack", [STATUS], cloudformation, personalize, {DATASET: 2}.__getitem__)

    assert result.job_arn == JOB
    assert result.dataset == "sample-items"
    assert result.records == 2
    assert result.seconds == 7.5
    assert result.succeeded
