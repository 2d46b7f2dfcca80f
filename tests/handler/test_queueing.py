# SPDX-License-Identifier: Apache-2.0
"""An import of hours that has to wait for its turn, and what stops one that has been accepted."""

from typing import Any

import pytest

from dataset_import.turn import LONGEST_QUEUE
from local_aws.personalize import Timing
from tests.fakes.faults import error
from tests.fakes.personalize import JOB_ARN
from tests.handler.hours import HANDLE, HOUR, OTHER_HANDLE, hours, world_of_hours
from tests.handler.world import World


@pytest.fixture
def world() -> World:
    """Make a world in which an import takes two hours."""
    return world_of_hours(2)


def queued(world: World, tries: int, **changes: Any) -> dict[str, Any]:
    """Create an import that the quota holds back for so many tries, one a minute, and return the answer."""
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException", "quota")] * tries)
    return world.run(world.event("Create", hours(world, **changes)))


def test_a_queued_request_is_answered_just_before_cloudformation_gives_up(world: World) -> None:
    """Under the name that its job is going to have, and the request goes on."""
    before = world.clock.now

    answer = queued(world, 90)
    answered_after = world.clock.now - before
    early = world.jobs()
    world.pass_time(4 * HOUR)

    [(name, status)] = world.jobs()
    assert LONGEST_QUEUE <= answered_after < LONGEST_QUEUE + 60
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", JOB_ARN + name)
    assert answer["Data"].pop("CreationDateTime") == answer["Data"]["LastUpdatedDateTime"]
    assert answer["Data"].pop("LastUpdatedDateTime").endswith("+00:00")
    assert answer["Data"] == {
        "DatasetImportJobArn": JOB_ARN + name,
        "DatasetArn": world.dataset_arn,
        "Status": "QUEUED",
    }
    assert (early, status) == ([], "ACTIVE")
    assert [(signal["Status"], signal["Data"]) for signal in world.sent_to(HANDLE)] == [
        ("SUCCESS", JOB_ARN + name)
    ]
    assert world.schedules() == []


def test_a_queued_request_is_answered_at_fifty_six_minutes_to_the_second(world: World) -> None:
    """Two ticks before CloudFormation has to have its answer."""
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 2)
    url = world.sent(seconds_ago=LONGEST_QUEUE)
    create = world.event("Create", hours(world), ResponseURL=url)

    world.invoke(create)

    assert world.answer(create)["Data"]["Status"] == "QUEUED"


def test_a_queued_request_is_started_soon_after_its_turn_has_come(world: World) -> None:
    """It is tried once a minute, before the answer and after."""
    before = world.clock.now
    queued(world, 90)

    world.pass_time(HOUR)

    [job] = world.personalize.jobs.values()
    assert 88 * 60 <= job.created - before < 91 * 60


def test_a_request_behind_another_import_has_a_name_of_its_own(world: World) -> None:
    """The other one's job is running for the whole hour."""
    world.run(world.event("Create", hours(world, OTHER_HANDLE), LogicalResourceId="Other"))

    answer = world.run(world.event("Create", hours(world, Revision="2")))
    world.pass_time(5 * HOUR)

    (other, _), (own, status) = world.jobs()
    assert (answer["Data"]["Status"], answer["PhysicalResourceId"]) == ("QUEUED", JOB_ARN + own)
    assert (other != own, status) == (True, "ACTIVE")
    assert world.count("CreateDatasetImportJob") == 2
    assert [signal["UniqueId"] for signal in world.sent_to(HANDLE)] == [own]
    assert [signal["UniqueId"] for signal in world.sent_to(OTHER_HANDLE)] == [other]


def test_a_queued_request_whose_turn_never_comes_signals_what_held_it_back(world: World) -> None:
    """At the end of its time; nothing is started any more."""
    answer = queued(world, 999, timeout=3)

    world.pass_time(3 * HOUR)

    [signal] = world.sent_to(HANDLE)
    assert (answer["Status"], signal["Status"]) == ("SUCCESS", "FAILURE")
    assert "did not end within 3 h" in signal["Reason"]
    assert "The last reason to wait: quota." in signal["Reason"]
    assert signal["Data"] == answer["PhysicalResourceId"]
    assert (world.jobs(), world.schedules()) == ([], [])


def test_without_a_wait_condition_nobody_is_told_that_a_request_is_queued(world: World) -> None:
    """It has to begin within the hour."""
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 99)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"


@pytest.mark.parametrize("tries", [0, 90])
def test_a_newer_request_stops_the_signalling(world: World, tries: int) -> None:
    """Of a job that runs as of one that is queued: its wait condition is gone."""
    physical_id = queued(world, tries)["PhysicalResourceId"]
    update = world.update(physical_id, hours(world, OTHER_HANDLE, Revision="2"), hours(world))

    answer = world.run(update)
    world.pass_time(6 * HOUR)

    assert answer["Status"] == "SUCCESS"
    assert world.sent_to(HANDLE) == []
    assert {signal["Status"] for signal in world.sent_to(OTHER_HANDLE)} == {"SUCCESS"}
    assert world.jobs()[-1][1] == "ACTIVE"
    assert (len(world.jobs()), world.schedules()) == (2 if tries == 0 else 1, [])


@pytest.mark.parametrize("tries", [0, 90])
def test_a_delete_stops_the_signalling(world: World, tries: int) -> None:
    """The stack goes while its import runs, or before it has begun; then it does not begin."""
    physical_id = queued(world, tries)["PhysicalResourceId"]

    answer = world.run(world.delete(physical_id, hours(world)))
    world.pass_time(6 * HOUR)

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", physical_id)
    assert world.sent_to(HANDLE) == []
    assert (len(world.jobs()), world.schedules()) == (1 if tries == 0 else 0, [])


def test_a_delete_has_nothing_to_signal(world: World) -> None:
    """Its properties have the handle of the wait that goes with it."""
    physical_id = world.run(world.event("Create", hours(world)))["PhysicalResourceId"]
    world.pass_time(3 * HOUR)

    world.run(world.delete(physical_id, hours(world)))
    world.pass_time(3 * HOUR)

    assert len(world.sent_to(HANDLE)) == 1


def test_a_change_back_by_a_user_that_does_not_wait_is_not_queued() -> None:
    """It is no rollback, and `wait=False` promises that Personalize has accepted the job."""
    world = World(Timing(shortest_import=600.0, longest_import=600.0))
    old, new = world.properties(Wait="false"), world.properties(Wait="false", Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(HOUR)
    world.run(world.update(first, new, old))
    world.pass_time(HOUR)
    world.personalize.start_foreign_job(world.dataset_arn, "foreign")
    world.personalize.jobs[JOB_ARN + "foreign"].ends_at += 3 * HOUR

    world.stack.status = "UPDATE_IN_PROGRESS"
    answer = world.run(world.update(first, old, new))

    assert (answer["Status"], len(world.jobs())) == ("FAILED", 3)


def test_a_queued_job_gets_no_name_of_a_job_that_filled_an_earlier_dataset() -> None:
    """Otherwise that job is taken for the own one, and the data never gets into the dataset.

    As a stack of many hours that is destroyed and deployed again, while others use up the quota. The list of
    the jobs of a dataset leaves out those of an earlier one of its name; a description does not.
    """
    world = World(Timing(shortest_import=600.0, longest_import=600.0))
    first = world.run(world.event("Create", hours(world)))["PhysicalResourceId"]
    world.pass_time(HOUR)
    world.run(world.delete(first, hours(world)))
    world.make_dataset_again()
    world.personalize.unlisted.add(first.removeprefix(JOB_ARN))
    world.personalize.start_foreign_job(world.dataset_arn, "foreign")
    world.personalize.jobs[JOB_ARN + "foreign"].ends_at += 2 * HOUR
    handle = HANDLE.replace("/1?", "/2?").replace("T11", "T13")

    answer = world.run(world.event("Create", hours(world, handle, timeout=11)))
    world.pass_time(12 * HOUR)

    assert answer["Data"]["Status"] == "QUEUED"
    assert [signal["Status"] for signal in world.sent_to(handle)] == ["SUCCESS"]
    assert [name for name, _ in world.jobs()[2:]] == [first.removeprefix(JOB_ARN)[:-1] + "2"]


def test_a_cancelled_create_that_waits_for_its_turn_is_not_queued_for_hours(world: World) -> None:
    """The stack is rolled back, but no Create is a part of that."""
    world.personalize.start_foreign_job(world.dataset_arn, "foreign")
    world.personalize.jobs[JOB_ARN + "foreign"].ends_at += 2 * HOUR
    world.stack.status = "ROLLBACK_IN_PROGRESS"

    answer = world.run(world.event("Create", world.properties(Wait="false", Timeout="10800")))
    world.pass_time(3 * HOUR)

    assert answer["Status"] == "FAILED"
    assert [name for name, _ in world.jobs()] == ["foreign"]
