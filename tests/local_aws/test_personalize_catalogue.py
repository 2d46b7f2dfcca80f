# SPDX-License-Identifier: Apache-2.0
"""Schemas, dataset groups and datasets are created and deleted, and keep what they depend on."""

import pytest

from local_aws.personalize import Personalize, Timing
from tests.local_aws.world import INTERACTIONS, World, schema

GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/group"


def test_a_dataset_group_is_active_after_a_minute(world: World) -> None:
    """It is pending, then in progress, then ACTIVE."""
    world.call("CreateDatasetGroup", name="group")

    statuses = []
    for seconds in (0, 30, 30):
        world.now += seconds
        statuses.append(world.call("DescribeDatasetGroup", datasetGroupArn=GROUP)["datasetGroup"]["status"])

    assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_a_dataset_is_named_by_its_group_and_type(world: World) -> None:
    """A group has at most one dataset of a type."""
    assert world.dataset() == "arn:aws:personalize:us-east-1:123456789012:dataset/group/INTERACTIONS"
    assert world.error(
        "CreateDataset",
        name="another",
        datasetGroupArn=GROUP,
        schemaArn="arn:aws:personalize:us-east-1:123456789012:schema/group-Interactions",
        datasetType="Interactions",
    ).code == "ResourceAlreadyExistsException"  # fmt: skip


def test_a_dataset_needs_an_active_group(world: World) -> None:
    """A group that is still being created is in use."""
    world.call("CreateDatasetGroup", name="group")
    arn = world.call("CreateSchema", name="s", schema=schema(INTERACTIONS))["schemaArn"]

    error = world.error(
        "CreateDataset", name="d", datasetGroupArn=GROUP, schemaArn=arn, datasetType="Interactions"
    )

    assert error.code == "ResourceInUseException"


def test_a_dataset_cannot_be_deleted_while_an_import_runs(world: World) -> None:
    """The deletion is refused until the job has ended."""
    dataset = world.dataset()
    world.call("CreateDatasetImportJob", **world.job(dataset))

    error = world.error("DeleteDataset", datasetArn=dataset)
    world.now += 1200

    assert error.code == "ResourceInUseException"
    assert world.call("DeleteDataset", datasetArn=dataset) == {}


def test_a_deleted_dataset_is_gone_after_a_while(world: World) -> None:
    """It is deleting first, and then not found."""
    dataset = world.dataset()
    world.call("DeleteDataset", datasetArn=dataset)

    status = world.call("DescribeDataset", datasetArn=dataset)["dataset"]["status"]
    world.now += 30

    assert status == "DELETE IN_PROGRESS"
    assert world.error("DescribeDataset", datasetArn=dataset).code == "ResourceNotFoundException"


def test_jobs_outlive_their_dataset_and_a_new_one_of_its_name_is_empty(world: World) -> None:
    """There is no call that deletes a job; its records went with the dataset."""
    dataset = world.dataset()
    world.imported(dataset)
    world.call("DeleteDataset", datasetArn=dataset)
    world.now += 30
    world.call(
        "DeleteSchema", schemaArn="arn:aws:personalize:us-east-1:123456789012:schema/group-Interactions"
    )

    again = world.dataset()

    assert again == dataset
    assert world.service.records(again) == 0
    assert len(world.call("ListDatasetImportJobs", datasetArn=again)["datasetImportJobs"]) == 1


def test_a_group_with_datasets_and_a_schema_with_a_dataset_stay(world: World) -> None:
    """What is needed cannot be deleted."""
    world.dataset()
    schema_arn = "arn:aws:personalize:us-east-1:123456789012:schema/group-Interactions"

    assert world.error("DeleteDatasetGroup", datasetGroupArn=GROUP).code == "ResourceInUseException"
    assert world.error("DeleteSchema", schemaArn=schema_arn).code == "ResourceInUseException"


@pytest.mark.parametrize(
    "text", ["no JSON", "[]", '{"type": "string"}', '{"type": "record", "name": "x", "fields": []}']
)
def test_a_schema_has_to_be_a_record_of_avro(world: World, text: str) -> None:
    """Anything else is refused when the schema is created."""
    assert world.error("CreateSchema", name="s", schema=text).code == "InvalidInputException"


def test_a_group_of_a_domain_asks_for_the_fields_of_the_domain(world: World) -> None:
    """An ECOMMERCE interactions schema has EVENT_TYPE."""
    world.call("CreateDatasetGroup", name="group", domain="ECOMMERCE")
    world.now += 60
    arn = world.call("CreateSchema", name="s", schema=schema(INTERACTIONS), domain="ECOMMERCE")["schemaArn"]

    error = world.error(
        "CreateDataset", name="d", datasetGroupArn=GROUP, schemaArn=arn, datasetType="Interactions"
    )

    assert error.message == "Input schema is missing the following fields: [EVENT_TYPE]"


def test_tags_are_put_listed_and_taken_away(world: World) -> None:
    """Tags of the creation and tags that are added later form one list."""
    dataset = world.dataset()
    tags = [{"tagKey": "a", "tagValue": "1"}]
    arn = world.call("CreateDatasetImportJob", **world.job(dataset, tags=tags))["datasetImportJobArn"]

    world.call("TagResource", resourceArn=arn, tags=[{"tagKey": "b", "tagValue": "2"}])
    world.call("UntagResource", resourceArn=arn, tagKeys=["a"])

    assert world.call("ListTagsForResource", resourceArn=arn) == {"tags": [{"tagKey": "b", "tagValue": "2"}]}


def test_more_than_fifty_tags_are_too_many(world: World) -> None:
    """The list of a request may be longer, a resource's may not."""
    tags = [{"tagKey": f"k{number}", "tagValue": ""} for number in range(51)]

    error = world.error("CreateDatasetImportJob", **world.job(world.dataset(), tags=tags))

    assert error.code == "TooManyTagsException"
    assert world.call("ListDatasetImportJobs")["datasetImportJobs"] == []


def test_speed_shortens_the_minutes_and_leaves_the_clock_alone(world: World) -> None:
    """At speed 60 a group is ACTIVE after a second, with times of the clock."""
    service = Personalize(clock=lambda: world.now, access=world, objects=world, timing=Timing(speed=60))
    service.handle("CreateDatasetGroup", {"name": "group"})
    world.now += 1

    group = service.handle("DescribeDatasetGroup", {"datasetGroupArn": GROUP})["datasetGroup"]

    assert group["status"] == "ACTIVE"
    assert group["lastUpdatedDateTime"].timestamp() == world.now
