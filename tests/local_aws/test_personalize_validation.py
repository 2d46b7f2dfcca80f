# SPDX-License-Identifier: Apache-2.0
"""Requests are checked against botocore's model and refused in the service's words."""

from typing import Any

import pytest

from tests.local_aws.world import ROLE, World

DATASET = "arn:aws:personalize:us-east-1:123456789012:dataset/group/INTERACTIONS"
GOOD = {
    "jobName": "job",
    "datasetArn": DATASET,
    "roleArn": ROLE,
    "dataSource": {"dataLocation": "s3://data/data.csv"},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"jobName": "-job"},
            "Value '-job' at 'jobName' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\-_]*",
        ),
        ({"jobName": "j" * 64}, "Member must have length less than or equal to 63"),
        ({"jobName": None}, "Value null at 'jobName' failed to satisfy constraint: Member must not be null"),
        (
            {"importMode": "full"},
            "Value 'full' at 'importMode' failed to satisfy constraint: "
            "Member must satisfy enum value set: [FULL, INCREMENTAL]",
        ),
        ({"datasetArn": "dataset"}, "Value 'dataset' at 'datasetArn' failed"),
        ({"roleArn": "role"}, "Value 'role' at 'roleArn' failed"),
        (
            {"dataSource": {"dataLocation": "data.csv"}},
            "Value 'data.csv' at 'dataSource.dataLocation' failed",
        ),
        (
            {"tags": [{"tagKey": "", "tagValue": "v"}]},
            "Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        ({"tags": [{"tagKey": "a!", "tagValue": "v"}]}, "Value 'a!' at 'tags.1.member.tagKey' failed"),
    ],
)
def test_a_value_outside_its_constraint_is_told_with_field_and_rule(
    world: World, change: dict[str, Any], said: str
) -> None:
    """Lengths, patterns, enumerations and required members come from the model."""
    error = world.error("CreateDatasetImportJob", **(GOOD | change))

    assert error.code == "InvalidInputException"
    assert error.message.startswith("1 validation error detected: Value ")
    assert said in error.message


def test_all_problems_are_told_at_once(world: World) -> None:
    """The message counts them and joins them."""
    error = world.error("CreateDatasetImportJob", **(GOOD | {"jobName": "-", "importMode": "full"}))

    assert error.message.startswith("2 validation errors detected: Value '-' at 'jobName'")
    assert "; Value 'full' at 'importMode'" in error.message


@pytest.mark.parametrize("change", [{"jobName": 3}, {"tags": {}}, {"publishAttributionMetricsToS3": "yes"}])
def test_a_value_of_the_wrong_type_is_no_request_at_all(world: World, change: dict[str, Any]) -> None:
    """Such a request cannot be parsed."""
    assert world.error("CreateDatasetImportJob", **(GOOD | change)).code == "SerializationException"


def test_a_page_has_a_hundred_entries_at_most(world: World) -> None:
    """A greater maxResults is refused."""
    error = world.error("ListDatasetImportJobs", maxResults=101)

    assert "Member must have value less than or equal to 100" in error.message


def test_a_made_up_token_is_refused(world: World) -> None:
    """Only a token of an earlier answer is valid."""
    assert world.error("ListDatasetImportJobs", nextToken="3?").code == "InvalidNextTokenException"


def test_an_operation_that_does_not_exist_is_unknown(world: World) -> None:
    """Only the operations of the API can be called."""
    assert world.error("DeleteDatasetImportJob").code == "UnknownOperationException"
