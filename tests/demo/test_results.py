# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
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


def body(text: str) -> dict[str, Any]:
    """Make the answer that carries an object."""
    content = text.encode()
    return {"Body": StreamingBody(io.BytesIO(content), len(content))}


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


def test_an_import_is_read_from_cloudformation_personalize_and_s3() -> None:
    """The import comes from CloudFormation, its job from Personalize, the count from the file."""
    cloudformation, personalize, s3 = client("cloudformation"), client("personalize"), client("s3")
    with Stubber(cloudformation) as c, Stubber(personalize) as p, Stubber(s3) as objects:
        stub_stack(p, c, "s3://bucket/data/items.csv")
        objects.add_response(
            "get_object", body("ITEM_ID,TEXT\n1,a\n2,b\n"), {"Bucket": "bucket", "Key": "data/items.csv"}
        )

        (result,) = read_results("Stack", [STATUS], cloudformation, personalize, s3)

    assert result.job_arn == JOB
    assert result.dataset == "sample-items"
    assert result.records == 2
    assert result.seconds == 7.5
    assert result.succeeded


def test_a_folder_counts_the_files_of_its_first_level() -> None:
    """Personalize reads every file of a folder, each with a header of its own."""
    cloudformation, personalize, s3 = client("cloudformation"), client("personalize"), client("s3")
    with Stubber(cloudformation) as c, Stubber(personalize) as p, Stubber(s3) as objects:
        stub_stack(p, c, "s3://bucket/data/")
        objects.add_response(
            "list_objects_v2",
            {"Contents": [{"Key": "data/a.csv"}, {"Key": "data/b.csv"}]},
            {"Bucket": "bucket", "Prefix": "data/", "Delimiter": "/"},
        )
        objects.add_response("get_object", body("ITEM_ID\n1\n2\n"))
        objects.add_response("get_object", body("ITEM_ID\n3\n"))

        (result,) = read_results("Stack", [STATUS], cloudformation, personalize, s3)

    assert result.records == 3


@pytest.mark.parametrize(
    ("text", "records"),
    [("ITEM_ID\n", 0), ("", 0), ('ID,TEXT\n1,"two\nlines"\n2,b\n', 2), ('ID,TEXT\n1,"a \\" b"\n2,c', 2)],
)
def test_records_are_counted_not_lines(text: str, records: int) -> None:
    """Line breaks and escaped quotes inside a quoted value do not count."""
    cloudformation, personalize, s3 = client("cloudformation"), client("personalize"), client("s3")
    with Stubber(cloudformation) as c, Stubber(personalize) as p, Stubber(s3) as objects:
        stub_stack(p, c, "s3://bucket/items.csv")
        objects.add_response("get_object", body(text))

        (result,) = read_results("Stack", [STATUS], cloudformation, personalize, s3)

    assert result.records == records
