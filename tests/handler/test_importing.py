# SPDX-License-Identifier: Apache-2.0
"""Create and Update, seen from CloudFormation."""

import re

import pytest

from dataset_import.record import IN_FLIGHT
from local_aws.personalize import Timing
from tests.fakes.faults import error
from tests.fakes.kernel import Died
from tests.fakes.personalize import JOB_ARN
from tests.handler.world import GOOD, NO_ITEMS, TOO_SHORT, World

OTHER_ROLE = "arn:aws:iam::123456789012:role/other"


def created(world: World, name: str = "Interactions", **changes: str) -> str:
    """Import once, and return the resource's physical id."""
    answer = world.run(world.event("Create", world.properties(**changes), LogicalResourceId=name))
    assert answer["Status"] == "SUCCESS", answer
    return str(answer["PhysicalResourceId"])


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
    created(world)

    [(name, _)] = world.jobs()
    assert re.fullmatch(r"interactions-[0-9a-f]{12}-1", name)


def test_the_job_is_made_as_the_properties_say(world: World) -> None:
    """Mode, attribution and tags reach Personalize."""
    created(world)
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


def test_new_data_makes_a_new_job_and_leaves_the_old_one(world: World) -> None:
    """An Update with another revision imports again. Its id stays: another one would be a replacement."""
    old = world.properties()
    first = created(world)

    answer = world.run(world.update(first, world.properties(Revision="2"), old))

    [_, (name, _)] = world.jobs()
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert answer["Data"]["DatasetImportJobArn"] == JOB_ARN + name
    assert [status for _, status in world.jobs()] == ["ACTIVE", "ACTIVE"]


def test_another_dataset_is_a_replacement(world: World) -> None:
    """The id is that of the first job there. A rollback takes up the old one, whose data is untouched."""
    elsewhere = world.properties(DatasetArn=world.dataset_arn.replace("/shop/", "/before/"))

    answer = world.run(world.update(JOB_ARN + "before-0a1b2c3d4e5f-1", world.properties(), elsewhere))

    [(name, _)] = world.jobs()
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", JOB_ARN + name)


@pytest.mark.parametrize(
    "change",
    [
        {"RoleArn": OTHER_ROLE},
        {"Tags": [{"Key": "team", "Value": "shop"}]},
        {"Timeout": "600"},
        {"JobNamePrefix": "renamed"},
        {"Wait": "false"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_does_not_decide_the_data_imports_nothing(world: World, change: dict[str, str]) -> None:
    """An Update of role, tags, timeout, name or wait alone keeps the job and the id, at once."""
    first = created(world)
    before = world.clock.now

    answer = world.run(world.update(first, world.properties(**change), world.properties()))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert len(world.jobs()) == 1
    assert world.clock.now - before < 5


def test_what_does_not_decide_the_data_imports_nothing_even_after_others_imported(world: World) -> None:
    """A FULL import is not repeated over later incremental data because somebody changed a tag."""
    first = created(world)
    created(world, "Increments", ImportMode="INCREMENTAL", JobNamePrefix="increments")
    tagged = world.properties(Tags=[{"Key": "team", "Value": "shop"}])

    answer = world.run(world.update(first, tagged, world.properties()))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert len(world.jobs()) == 2


def test_a_resource_that_has_imported_something_else_since_imports_again(world: World) -> None:
    """When the rollback of an Update was skipped, CloudFormation no longer knows what the dataset holds."""
    old, new = world.properties(), world.properties(Revision="2")
    first = created(world)
    world.run(world.update(first, new, old))

    answer = world.run(world.update(first, world.properties(RoleArn=OTHER_ROLE), old))

    names = [name for name, _ in world.jobs()]
    assert answer["Data"]["DatasetImportJobArn"] == JOB_ARN + names[2]
    assert names[2] == names[0].removesuffix("1") + "2"


def test_a_rollback_brings_the_old_data_back(world: World) -> None:
    """When an Update had succeeded, the Update back imports the old data again: the dataset lost it."""
    old, new = world.properties(), world.properties(Revision="2")
    first = created(world)
    world.run(world.update(first, new, old))

    answer = world.run(world.update(first, old, new))

    names = [name for name, _ in world.jobs()]
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert answer["Data"]["DatasetImportJobArn"] == JOB_ARN + names[2]
    assert names[2] == names[0].removesuffix("1") + "2"


def test_a_rollback_of_what_was_added_imports_nothing(world: World) -> None:
    """The old increment is still in the dataset, and would be there twice. Nothing takes the new one out."""
    created(world, JobNamePrefix="full")
    old = world.properties(ImportMode="INCREMENTAL")
    new = world.properties(ImportMode="INCREMENTAL", Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.run(world.update(first, new, old))

    answer = world.run(world.update(first, old, new))

    assert (answer["Status"], answer["Data"]["DatasetImportJobArn"]) == ("SUCCESS", first)
    assert len(world.jobs()) == 3


def test_the_rollback_of_a_failed_update_imports_nothing(world: World) -> None:
    """When the new data never got in, the old job is recognised."""
    old, new = world.properties(), world.properties(Revision="2")
    first = created(world)
    world.objects["items.csv"] = TOO_SHORT
    failed = world.run(world.update(first, new, old))

    answer = world.run(world.update(first, old, new))

    assert (failed["Status"], failed["PhysicalResourceId"]) == ("FAILED", first)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert [status for _, status in world.jobs()] == ["ACTIVE", "CREATE FAILED"]


@pytest.mark.parametrize("data", [TOO_SHORT, NO_ITEMS], ids=["its job failed", "no job was started"])
def test_the_rollback_of_a_failed_update_keeps_what_others_have_added(world: World, data: bytes) -> None:
    """A FULL import of the old data would remove it, and the Update has brought nothing."""
    old, new = world.properties(), world.properties(DataSource={"DataLocation": "s3://shop/new.csv"})
    first = created(world)
    created(world, "Increments", ImportMode="INCREMENTAL", JobNamePrefix="increments")
    world.objects["new.csv"] = data
    failed = world.run(world.update(first, new, old))
    before = len(world.jobs())

    answer = world.run(world.update(first, old, new))

    assert (failed["Status"], answer["Status"]) == ("FAILED", "SUCCESS")
    assert answer["Data"]["DatasetImportJobArn"] == first
    assert len(world.jobs()) == before


def test_an_update_from_ones_own_increments_to_full_data_imports_it(world: World) -> None:
    """They are what is to be replaced, though the full data has been there before."""
    full, increments = world.properties(), world.properties(ImportMode="INCREMENTAL")
    first = created(world)
    world.run(world.update(first, increments, full))

    answer = world.run(world.update(first, full, increments))

    assert answer["Status"] == "SUCCESS"
    assert [name[-2:] for name, _ in world.jobs()] == ["-1", "-1", "-2"]


def test_an_update_waits_for_an_earlier_one_before_its_own_time_begins(world: World) -> None:
    """The job of one that was cancelled goes on; the rollback may take as long as any import after it."""
    old, new = world.properties(Timeout="1260"), world.properties(Timeout="1260", Revision="2")
    first = created(world)
    world.invoke(world.update(first, new, old))
    before = world.clock.now

    answer = world.run(world.update(first, old, new))

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "ACTIVE")
    assert world.clock.now - before > 1260
    assert len(world.jobs()) == 3


def test_the_timeout_of_an_update_that_waited_for_an_earlier_one_counts_from_its_turn() -> None:
    """It is the update's own timeout, and no longer time."""
    world = World(Timing(shortest_import=1200.0, longest_import=1200.0))
    first = created(world)
    old, new = world.properties(Revision="2"), world.properties(Revision="3", Timeout="300")
    world.invoke(world.update(first, old, world.properties()))
    its_turn = world.clock.now + 1200

    answer = world.run(world.update(first, new, old))

    assert (answer["Status"], [status for _, status in world.jobs()][1]) == ("FAILED", "ACTIVE")
    assert its_turn + 240 <= world.clock.now < its_turn + 420


def test_a_job_that_never_began_is_not_said_to_be_running(world: World) -> None:
    """Its name was chosen, and every call to start it got lost."""
    world.faults.before("CreateDatasetImportJob", *[error("InternalServerException", "boom", 500)] * 5000)

    answer = world.run(world.event("Create", world.properties(Timeout="300")))

    assert "Job: none, it could not begin. The last reason to wait: boom." in answer["Reason"]
    assert world.jobs() == []


def test_an_update_after_one_that_failed_and_was_not_rolled_back_imports(world: World) -> None:
    """The old properties are then those of the failed one, and the id that of the job before it."""
    first = created(world)
    failed = world.properties(Revision="2", DataSource={"DataLocation": "s3://shop/corrected.csv"})
    assert world.run(world.update(first, failed, world.properties()))["Status"] == "FAILED"
    world.objects["corrected.csv"] = world.objects["items.csv"]

    answer = world.run(world.update(first, {**failed, "RoleArn": OTHER_ROLE}, failed))

    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["DatasetImportJobArn"] != first
    assert [status for _, status in world.jobs()][-1] == "ACTIVE"


def test_a_failed_job_fails_the_request_with_personalizes_reason(world: World) -> None:
    """FAILED names location, dataset, job and Personalize's reason, and answers the job's own ARN."""
    world.objects["items.csv"] = TOO_SHORT

    answer = world.run(world.event("Create"))

    [(name, status)] = world.jobs()
    [job] = world.personalize.jobs.values()
    assert status == "CREATE FAILED"
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", JOB_ARN + name)
    for said in ("s3://shop/items.csv", world.dataset_arn, JOB_ARN + name, job.failure_reason):
        assert said in answer["Reason"]


def test_corrected_data_imports_under_the_next_number(world: World) -> None:
    """A failed job does not count as holding the data; its name is taken for good."""
    world.objects["items.csv"] = TOO_SHORT
    world.run(world.event("Create"))
    world.objects["items.csv"] = GOOD

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert [name[-2:] for name, _ in world.jobs()] == ["-1", "-2"]


def test_a_wrong_header_fails_at_once_in_personalizes_words(world: World) -> None:
    """What Personalize refuses about the data is not retried."""
    world.objects["items.csv"] = NO_ITEMS
    before = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert "Input csv is missing the following columns: [GENRE]" in answer["Reason"]
    assert world.clock.now - before < 5
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
    first = created(world)
    before = world.clock.now

    assert created(world) == first
    assert world.clock.now - before < 5


def test_a_job_is_adopted_for_another_only_when_the_other_would_be_there(world: World) -> None:
    """The call that starts a job may still be under way when another job turns out to bring the data."""
    properties = world.properties(Wait="false")
    event = world.event("Create", properties)
    world.faults.before("CreateDatasetImportJob", Died())
    world.invoke(event)
    other = world.event("Create", {**properties, "JobNamePrefix": "other"}, LogicalResourceId="Other")
    adopted = world.run(other)["PhysicalResourceId"]
    before = world.clock.now

    answer = world.run(event)

    assert answer["PhysicalResourceId"] == adopted
    assert world.clock.now - before >= IN_FLIGHT
    assert len(world.jobs()) == 1


def test_a_timeout_is_answered_in_time_and_says_that_the_job_goes_on(world: World) -> None:
    """FAILED comes before CloudFormation gives up, with what to do next."""
    event = world.event("Create", world.properties(Timeout="300"))
    before = world.clock.now

    answer = world.run(event)

    assert answer["Status"] == "FAILED"
    assert "did not end within 5 min" in answer["Reason"]
    assert "goes on" in answer["Reason"]
    assert answer["Data"] == {}
    assert 300 <= world.clock.now - before < 300 + 60
    assert world.schedules() == []


def test_the_default_hour_is_answered_before_cloudformation_ends_it(world: World) -> None:
    """With the longest timeout, too, the answer leaves a tick's time to CloudFormation's hour."""
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 200)
    before = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert world.clock.now - before < 3600


def test_without_wait_the_request_is_done_once_the_job_is_accepted(world: World) -> None:
    """Wait=false answers SUCCESS while the job is pending."""
    answer = world.run(world.event("Create", world.properties(Wait="false")))

    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["Status"] == "CREATE PENDING"
    assert world.schedules() == []


def test_an_earlier_dataset_of_the_same_name_does_not_count(world: World) -> None:
    """A job older than the dataset filled another one: the data is imported again, under a free name."""
    first = created(world)
    world.make_dataset_again()

    second = created(world)

    assert second == first.removesuffix("1") + "2"
    assert world.records() == 2


def test_an_update_does_not_keep_the_job_that_filled_an_earlier_dataset(world: World) -> None:
    """The dataset has been made anew since, and is empty."""
    first = created(world)
    world.make_dataset_again()

    answer = world.run(world.update(first, world.properties(RoleArn=OTHER_ROLE), world.properties()))

    assert answer["Data"]["DatasetImportJobArn"] == first.removesuffix("1") + "2"
    assert world.records() == 2


def test_a_location_that_starts_to_hold_something_else_needs_a_revision(world: World) -> None:
    """The same properties mean the same data: a new resource for them imports nothing."""
    first = created(world)
    world.objects["items.csv"] += b"i9,horror\n"

    assert created(world) == first
    assert created(world, Revision="2") != first


@pytest.mark.parametrize("missing", ["DatasetArn", "DataSource", "RoleArn", "JobNamePrefix"])
def test_a_property_that_is_missing_fails_the_request_by_name(world: World, missing: str) -> None:
    """The reason names what a template lacks."""
    answer = world.run(world.event("Create", world.properties(**{missing: None})))

    assert answer["Status"] == "FAILED"
    assert missing in answer["Reason"]
