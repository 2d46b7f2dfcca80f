# SPDX-License-Identifier: Apache-2.0
"""The removal of copies, and the answer while Amazon S3 does not remove them."""

import json
from typing import Any

import pytest

from tests.fakes.faults import LOST, TIMED_OUT, Fault, Kind, refused
from tests.handler.test_copies import world_of_minutes
from tests.handler.test_staging import THROTTLED, copies, staged
from tests.handler.world import BAD_ROW, GOOD, World

INVALID = refused("ValidationException", "1 validation error detected")
HUNG = Fault(Kind.LANDS_LATE, TIMED_OUT, seconds=3600, raised_after=13)


def many_files(world: World, number: int) -> dict[str, Any]:
    """Return the properties of an import of so many files."""
    properties = staged(world)
    names = [f"part-{number}.csv" for number in range(1, number)]
    for name in names:
        world.account.s3.objects["assets", name] = GOOD
    properties["Staging"]["Files"] += [{"Bucket": "assets", "Key": name, "Name": name} for name in names]
    return properties


def test_the_copies_of_many_files_are_removed_by_one_call(world: World) -> None:
    """Two hundred calls would take seconds."""
    world.run(world.event("Create", many_files(world, 200)))

    assert (world.count("DeleteObjects"), copies(world)) == (1, [])


@pytest.mark.parametrize("fault", [THROTTLED, HUNG])
def test_copies_that_cannot_be_removed_do_not_keep_the_answer_back(fault: Fault) -> None:
    """Amazon S3 throttles the removal, or is out of reach, once the data is in the dataset."""
    world = world_of_minutes(10)
    properties = many_files(world, 100)
    world.faults.always("DeleteObjects", fault)
    create = world.event("Create", properties)
    world.account.functions.deliver(world.stack.service_token, json.dumps(create))

    world.pass_time(900)

    assert world.jobs()[0][1] == "ACTIVE"
    assert [answer["Status"] for answer in world.answered(create)] == ["SUCCESS"]


@pytest.mark.parametrize("fault", [THROTTLED, HUNG])
def test_a_delete_whose_copies_cannot_be_removed_is_answered_in_time(fault: Fault) -> None:
    """It tries again until then, because a bucket with copies cannot be deleted."""
    world = world_of_minutes(10)
    properties = many_files(world, 100)
    first = world.run(world.event("Create", properties))["PhysicalResourceId"]
    world.faults.always("DeleteObjects", fault)
    delete = world.delete(first, properties)
    world.account.functions.deliver(world.stack.service_token, json.dumps(delete))

    world.pass_time(600)
    early = world.answered(delete)
    world.pass_time(3000)

    assert early == []
    assert [answer["Status"] for answer in world.answered(delete)] == ["SUCCESS"]


@pytest.mark.parametrize("how", ["throttled", "out of reach", "throttled by object", "looks that fail"])
def test_a_request_goes_on_after_its_answer_until_its_copies_are_removed(world: World, how: str) -> None:
    """Each tick tries again, and the request is closed after that."""
    if how == "throttled by object":
        world.account.s3.refusal = "SlowDown"
    else:
        world.faults.always("DeleteObjects", LOST if how == "out of reach" else THROTTLED)
    assert world.run(world.event("Create", staged(world)))["Status"] == "SUCCESS"
    assert len(copies(world)) == len(world.schedules()) == 1
    world.account.s3.refusal = ""
    if how == "looks that fail":
        world.faults.always("DescribeDatasetImportJob", LOST)
        world.pass_time(120)
        assert len(copies(world)) == 1
        world.faults.always("DescribeDatasetImportJob", None)
    world.faults.always("DeleteObjects", None)

    world.pass_time(120)

    assert (copies(world), world.schedules(), world.record()["event"]) == ([], [], None)


def test_a_failed_import_that_nobody_waits_for_removes_its_copies_later(world: World) -> None:
    """The failure is logged once they are removed."""
    world.faults.always("DeleteObjects", THROTTLED)
    properties = staged(world, content=BAD_ROW, Wait="false")
    assert world.run(world.event("Create", properties))["Status"] == "SUCCESS"
    world.pass_time(3600)
    assert len(copies(world)) == len(world.schedules()) == 1
    world.faults.always("DeleteObjects", None)

    world.pass_time(120)

    assert (copies(world), world.schedules()) == ([], [])


def test_a_removal_that_never_succeeds_ends_with_the_time_for_signals(world: World) -> None:
    """The bucket of the stack expires the copies after a week."""
    world.faults.always("DeleteObjects", THROTTLED)
    world.run(world.event("Create", staged(world)))

    world.pass_time(13 * 3600)

    assert (len(copies(world)), world.schedules()) == (1, [])


def test_a_removal_that_dies_is_done_by_the_next_tick() -> None:
    """The answer comes after it."""
    world = world_of_minutes(1)
    world.faults.next("DeleteObjects", Fault(Kind.DIED_BEFORE))

    answer = world.run(world.event("Create", staged(world)), for_seconds=600)
    world.pass_time(120)

    assert (answer["Status"], copies(world), world.schedules()) == ("SUCCESS", [], [])


def test_the_copies_of_a_job_that_is_being_started_stay_although_its_import_fails() -> None:
    """The reply to the first call is lost, the second is refused, and only then the first takes effect."""
    world = world_of_minutes(10)
    late = Fault(Kind.LANDS_LATE, TIMED_OUT, seconds=28, raised_after=13)
    world.faults.next("CreateDatasetImportJob", late, INVALID)
    failed = world.run(world.event("Create", staged(world)))
    world.pass_time(30)
    running, kept = world.jobs(), copies(world)

    world.run(world.delete(failed["PhysicalResourceId"], staged(world)))

    assert (failed["Status"], [status for _, status in running]) == ("FAILED", ["CREATE IN_PROGRESS"])
    assert (len(kept), copies(world)) == (1, [])


def test_the_copies_of_a_job_that_was_refused_are_removed_at_once(world: World) -> None:
    """Nothing is under way, and a bucket with copies cannot be deleted."""
    world.faults.next("CreateDatasetImportJob", INVALID)

    assert world.run(world.event("Create", staged(world)))["Status"] == "FAILED"

    assert (copies(world), world.schedules()) == ([], [])


def test_a_failed_update_goes_on_until_the_copies_of_a_job_that_was_being_started_are_removed() -> None:
    """Its rollback may be skipped, so that nothing follows it."""
    world = world_of_minutes(10)
    old = staged(world)
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.faults.next("CreateDatasetImportJob", LOST, INVALID)

    answer = world.run(world.update(first, staged(world, asset="ffff00"), old))
    left = (len(copies(world)), len(world.schedules()))
    world.pass_time(180)

    assert (answer["Status"], left) == ("FAILED", (1, 1))
    assert (copies(world), world.schedules(), len(world.jobs())) == ([], [], 1)


def test_a_removal_that_lands_late_leaves_the_copies_of_the_next_request() -> None:
    """The second call has succeeded, and the first one takes effect after the answer."""
    world = world_of_minutes(1)
    late = Fault(Kind.LANDS_LATE, TIMED_OUT, seconds=14, raised_after=10)
    world.faults.next("DeleteObjects", late)
    old = staged(world)
    create = world.event("Create", old)
    world.account.functions.deliver(world.stack.service_token, json.dumps(create))
    world.wait_for_answer(create)
    update = world.update(world.answer(create)["PhysicalResourceId"], staged(world, Revision="2"), old)
    world.account.functions.deliver(world.stack.service_token, json.dumps(update))

    world.pass_time(50)

    assert [status for _, status in world.jobs()] == ["ACTIVE", "CREATE IN_PROGRESS"]
    assert len(copies(world)) == 1


def test_a_failed_update_removes_a_copy_that_lands_late() -> None:
    """Its rollback may be skipped, so that nothing follows it."""
    world = world_of_minutes(1)
    old = staged(world)
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    late = Fault(Kind.LANDS_LATE, TIMED_OUT, seconds=18, raised_after=10)
    world.faults.next("CopyObject", late)

    answer = world.run(world.update(first, staged(world, asset="ffff00", Timeout="5"), old))
    world.pass_time(180)

    assert (answer["Status"], copies(world), world.schedules()) == ("FAILED", [], [])
