# SPDX-License-Identifier: Apache-2.0
"""While a job is being started: a newer request, another invocation, and the copies that the job reads."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from dataset_import.poll_loop import LOOK_PAUSE
from dataset_import.staging import StagedData
from dataset_import.table import ConflictError
from local_aws.personalize import Timing
from tests.fakes.faults import DIED_BEFORE, REPEATED, TIMED_OUT, Fault, Kind
from tests.handler.records import Recorded, new
from tests.handler.test_copies import COPY, world_of_minutes
from tests.handler.test_deleting_while_importing import forget_records
from tests.handler.test_open_request import opened
from tests.handler.test_staging import copies, staged
from tests.handler.world import World

LAG = 8.0
"""Seconds for which Personalize may not show a new job yet."""


def staged_for(world: World, logical_id: str, **changes: Any) -> dict[str, Any]:
    """Return the properties of another import of the same file."""
    properties = staged(world, **changes)
    prefix = f"data/{logical_id}/0a1b2c/"
    return {
        **properties,
        "DataSource": {"DataLocation": f"s3://staging/{prefix}items.csv"},
        "Staging": {**properties["Staging"], "Prefix": prefix},
    }


def begin(world: World, event: dict[str, Any], seconds: float = 1.0) -> None:
    """Deliver an event, and let some time pass."""
    world.account.functions.deliver(world.stack.service_token, json.dumps(event))
    world.pass_time(seconds)


def test_a_delete_waits_for_a_job_whose_call_was_repeated() -> None:
    """The reply is that of the second call: the job exists already."""
    world = world_of_minutes(10)
    world.personalize.describe_lag = world.personalize.list_lag = LAG
    properties = staged(world)
    world.faults.next("CreateDatasetImportJob", REPEATED)
    begin(world, world.event("Create", properties))

    begin(world, world.delete("Shop-Interactions-1ABC", properties), 60)

    assert ([status for _, status in world.jobs()], copies(world)) == (["CREATE IN_PROGRESS"], [COPY])


@pytest.mark.parametrize("is_older", [True, False], ids=["older than its record", "of this handler"])
def test_a_rollback_sees_the_job_that_an_update_has_just_started(is_older: bool) -> None:
    """The list of jobs is behind, and without a record nothing else knows the job."""
    world = world_of_minutes(10)
    first = world.create()
    if is_older:
        forget_records(world)
    world.personalize.list_lag = LAG
    new = world.properties(Revision="2")
    world.faults.next("CreateDatasetImportJob", REPEATED)
    begin(world, world.update(first, new, world.properties()), 4)
    assert len(world.jobs()) == 2

    world.run(world.update(first, world.properties(), new))

    assert len(world.jobs()) == 3


@pytest.mark.parametrize("has_failed", [True, False])
def test_a_delete_removes_a_copy_that_lands_late(has_failed: bool) -> None:
    """Amazon S3 has answered with an error, and makes the copy all the same."""
    world = world_of_minutes(10)
    properties = staged(world, Timeout="5" if has_failed else "600")
    world.faults.next("CopyObject", Fault(Kind.LANDS_LATE, TIMED_OUT, seconds=18, raised_after=10))
    create = world.event("Create", properties)
    begin(world, create, 11)
    [physical_id] = [each["PhysicalResourceId"] for each in world.answered(create)] or ["Shop-1ABC"]

    world.run(world.delete(physical_id, properties))
    world.pass_time(120)

    assert copies(world) == []


def test_a_request_whose_time_is_over_leaves_the_copies_of_the_job_that_is_being_started() -> None:
    """It came late, and waits for the call of the request before."""
    world = world_of_minutes(10)
    old = staged(world)
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(60)
    before = world.update(first, staged(world, Revision="2"), old)
    world.pass_time(2)
    newer = world.update(first, staged(world, Revision="3", Timeout="60"), old)
    world.pass_time(48)
    world.personalize.describe_lag = world.personalize.list_lag = LAG
    late = Fault(Kind.LANDS_LATE, TIMED_OUT, seconds=9, raised_after=13)
    world.faults.next("CreateDatasetImportJob", late)
    begin(world, before)

    begin(world, newer, 60)

    assert [status for _, status in world.jobs()] == ["ACTIVE", "CREATE IN_PROGRESS"]
    assert copies(world) == [COPY]


def test_a_job_is_adopted_though_another_invocation_still_copies() -> None:
    """That one cannot start a job any more: its next write finds another record."""
    world = world_of_minutes(0.5)
    slow, quick = staged(world), staged_for(world, "Quick", JobNamePrefix="quick")
    world.faults.next("CopyObject", Fault(Kind.DELAYED, seconds=85))
    create = world.event("Create", slow)
    begin(world, create, 2)
    world.run(world.event("Create", quick, LogicalResourceId="Quick"))
    before = world.clock.now

    begin(world, create)
    world.wait_for_answer(create)

    assert world.clock.now - before < 10


def test_no_job_is_started_when_another_invocation_has_failed_the_request_meanwhile() -> None:
    """One copies past the deadline; the other one decides, and dies before it sends its answer."""
    world = world_of_minutes(10)
    create = world.event("Create", staged(world, Timeout="5"))
    world.faults.next("CopyObject", Fault(Kind.ANSWERED_LATE, seconds=6))
    world.faults.next("Put", DIED_BEFORE)
    begin(world, create, 5.3)

    begin(world, create, 120)

    assert [answer["Status"] for answer in world.answered(create)] == ["FAILED"]
    assert world.jobs() == []


def test_a_job_that_another_invocation_adopts_during_the_copy_is_kept() -> None:
    """Another import has brought the same data meanwhile."""
    world = world_of_minutes(0.04)
    slow, quick = staged(world), staged_for(world, "Quick", JobNamePrefix="quick")
    world.faults.next("CopyObject", Fault(Kind.ANSWERED_LATE, seconds=9), None)
    create = world.event("Create", slow)
    begin(world, create, 0.2)
    begin(world, world.event("Create", quick, LogicalResourceId="Quick"))

    begin(world, create, 120)

    assert len(world.jobs()) == 1


def test_one_of_two_invocations_that_end_at_the_same_moment_copies() -> None:
    """Each knows that it copies itself by the moment until which it may, which is the same for both."""
    recorded, world = Recorded(), World()
    own = recorded.table.write(new(has_schedule=True))
    first, second = opened(recorded, own), opened(recorded, own)
    recorded.table.write(replace(own, busy_until=first.invocation_ends))
    no_services: Any = object()
    copying = StagedData.of(no_services, world.event("Create", staged(world)))

    with pytest.raises(ConflictError):
        copying.copy(second)

    assert copying.copy(second) == LOOK_PAUSE


def test_a_job_that_was_not_started_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The write before the call took too long, so that a newer request may count."""
    caplog.set_level(logging.INFO)
    world = world_of_minutes(10)
    slow = Fault(Kind.ANSWERED_LATE, seconds=6)
    world.faults.next("PutItem", None, slow)

    begin(world, world.event("Create"), 7)
    logged = [record.message for record in caplog.records if record.message.startswith("Started")]

    assert (world.jobs(), logged) == ([], [])


def test_a_delete_whose_restored_job_was_seen_removes_its_copies_at_once() -> None:
    """The job that restores ends within the time for which its call was announced."""
    world = World(Timing(pending=2, shortest_import=10, longest_import=10))
    world.create()
    added = staged_for(world, "Added", JobNamePrefix="added")
    created = world.run(world.event("Create", added, LogicalResourceId="Added"))["PhysicalResourceId"]
    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    before = world.clock.now

    world.run(world.delete(created, added, LogicalResourceId="Added"))

    assert len(world.jobs()) == 3
    assert world.clock.now - before < 20


def test_a_delete_is_not_answered_while_a_call_that_restores_may_take_effect() -> None:
    """The call has timed out, and somebody else has imported meanwhile: nothing is left to restore."""
    world = World(Timing(pending=1, shortest_import=2, longest_import=2))
    world.create("Before", JobNamePrefix="before")
    new = world.properties(Revision="2")
    created = world.run(world.event("Create", new))["PhysicalResourceId"]
    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    late = Fault(Kind.LANDS_LATE, TIMED_OUT, seconds=14, raised_after=3)
    world.faults.next("CreateDatasetImportJob", late)
    delete = world.delete(created, new)
    begin(world, delete, 2)
    world.personalize.start_foreign_job(world.dataset_arn, "foreign")

    world.wait_for_answer(delete)

    assert len(world.jobs()) == 4


def test_two_ticks_of_one_moment_do_not_keep_each_other_from_starting() -> None:
    """EventBridge Scheduler may invoke the function twice: one copies, and the other one polls."""
    world = world_of_minutes(5)
    world.personalize.start_foreign_job(world.dataset_arn, "foreign")
    [foreign] = world.personalize.jobs.values()
    world.faults.always("Tick", REPEATED)

    begin(world, world.event("Create", staged(world)), foreign.ends_at - world.clock.now + 90)

    assert len(world.jobs()) == 2
