# SPDX-License-Identifier: Apache-2.0
"""A Create, seen from CloudFormation: the job that it starts or adopts, and its answer."""

import re
from dataclasses import replace

import pytest

from dataset_import.record import IN_FLIGHT
from local_aws.personalize import Timing
from tests.fakes.kernel import Died
from tests.fakes.personalize import JOB_ARN
from tests.handler.world import World


def test_a_create_succeeds_once_the_data_is_in_the_dataset(world: World) -> None:
    """SUCCESS comes with the job ACTIVE, its ARN as the id, and the attributes."""
    answer = world.run(world.event("Create"))

    [(name, status)] = world.jobs()
    assert status == "ACTIVE"
    assert world.records() == 2
    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"] == JOB_ARN + name
    assert answer["Data"].pop("CreationDateTime") < answer["Data"].pop("LastUpdatedDateTime")
    assert answer["Data"] == {
        "DatasetImportJobArn": JOB_ARN + name,
        "DatasetArn": world.dataset_arn,
        "Status": "ACTIVE",
    }


def test_a_jobs_name_is_stem_fingerprint_attempt(world: World) -> None:
    """The name says what the job holds."""
    world.create()

    [(name, _)] = world.jobs()
    assert re.fullmatch(r"interactions-[0-9a-f]{12}-1", name)


def test_the_job_is_made_as_the_properties_say(world: World) -> None:
    """Mode, attribution and tags reach Personalize."""
    world.create()
    properties = world.properties(
        ImportMode="INCREMENTAL",
        PublishAttributionMetricsToS3="true",
        Tags=[{"Key": "team", "Value": "shop"}],
    )

    arn = world.run(world.event("Create", properties))["PhysicalResourceId"]

    job = world.personalize.do("DescribeDatasetImportJob", {"datasetImportJobArn": arn})["datasetImportJob"]
    tags = world.personalize.do("ListTagsForResource", {"resourceArn": arn})["tags"]
    assert (job["importMode"], job["publishAttributionMetricsToS3"]) == ("INCREMENTAL", True)
    assert tags == [{"tagKey": "team", "tagValue": "shop"}]


def test_the_end_is_noticed_within_seconds(world: World) -> None:
    """From the job's end to the answer it takes at most a pause, or the gap between two invocations."""
    world.run(world.event("Create"))

    [job] = world.personalize.jobs.values()
    assert world.clock.now - job.ends_at < 10


def test_without_wait_the_request_is_done_once_the_job_is_accepted(world: World) -> None:
    """Wait=false answers SUCCESS while the job is pending."""
    answer = world.run(world.event("Create", world.properties(Wait="false")))

    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["Status"] == "CREATE PENDING"
    assert world.schedules() == []


def test_the_running_or_finished_job_of_an_earlier_try_is_adopted(world: World) -> None:
    """After a deploy that timed out, the next one recognises the job: nothing is imported twice."""
    timed_out = world.run(world.event("Create", world.properties(Timeout="60")))

    answer = world.run(world.event("Create"))

    assert timed_out["Status"] == "FAILED"
    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"] == timed_out["PhysicalResourceId"]
    assert len(world.jobs()) == 1


def test_a_job_is_adopted_at_once_where_none_was_to_be_started(world: World) -> None:
    """No call of the request can be under way."""
    first = world.create()
    before = world.clock.now

    assert world.create() == first
    assert world.clock.now - before < 5


def test_a_job_is_adopted_for_another_only_when_the_other_would_be_there(world: World) -> None:
    """The call that starts a job may still be under way when another job turns out to bring the data."""
    properties = world.properties(Wait="false")
    event = world.event("Create", properties)
    world.faults.before("CreateDatasetImportJob", Died())
    before = world.clock.now
    world.invoke(event)
    other = world.event("Create", {**properties, "JobNamePrefix": "other"}, LogicalResourceId="Other")
    adopted = world.run(other)["PhysicalResourceId"]

    answer = world.run(event)

    assert answer["PhysicalResourceId"] == adopted
    assert world.clock.now - before >= IN_FLIGHT
    assert len(world.jobs()) == 1


def test_a_location_that_starts_to_hold_something_else_needs_a_revision(world: World) -> None:
    """The same properties mean the same data: a new resource for them imports nothing."""
    first = world.create()
    world.objects["items.csv"] += b"i9,horror\n"

    assert world.create() == first
    assert world.create(Revision="2") != first


def test_an_earlier_dataset_of_the_same_name_does_not_count(world: World) -> None:
    """A job older than the dataset filled another one: the data is imported again, under a free name."""
    first = world.create()
    world.make_dataset_again()

    second = world.create()

    assert second == first.removesuffix("1") + "2"
    assert world.records() == 2


@pytest.mark.parametrize(("others", "seconds"), [(1100, 0.5), (18, 0.25)], ids=["to list", "to describe"])
def test_an_import_begins_although_its_jobs_take_long_to_read(others: int, seconds: float) -> None:
    """A dataset with an import an hour has thousands of jobs."""
    world = World(Timing(pending=1, shortest_import=60, longest_import=60))
    world.create()
    [known] = world.personalize.jobs.values()
    for number in range(others):
        arn, created = f"{JOB_ARN}hourly-{number}", known.created + 1 + number / 1e4
        world.personalize.jobs[arn] = replace(
            known, name=f"hourly-{number}", arn=arn, import_mode="INCREMENTAL", created=created
        )
    world.faults._latency = seconds
    renamed = world.properties(Revision="2", Timeout="600")

    answer = world.run(world.event("Create", renamed, LogicalResourceId="Renamed"))

    assert answer["Status"] == "SUCCESS", answer["Reason"]
