# SPDX-License-Identifier: Apache-2.0
"""Rollbacks to imports of hours, whose wait conditions are over, and what looks like one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local_aws.personalize import Timing
from tests.fakes.faults import error
from tests.fakes.personalize import JOB_ARN
from tests.handler.hours import HANDLE, HOUR, OTHER_HANDLE, hours, world_of_hours
from tests.handler.world import TOO_SHORT, World

THIRD_HANDLE = OTHER_HANDLE.replace("/2?", "/3?").replace("T12", "T13")


@pytest.fixture
def world() -> World:
    """Make a world in which an import takes more than an hour."""
    return world_of_hours(1.25)


def made_at(world: World) -> str:
    """The present moment in the form of the date in a presigned URL."""
    return datetime.fromtimestamp(world.clock.now, UTC).strftime("%Y%m%dT%H%M%SZ")


def rolled_back(world: World) -> dict[str, Any]:
    """Import, import something else, roll that back, and return the answer."""
    old, new = hours(world), hours(world, OTHER_HANDLE, Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(12 * HOUR)
    second = world.run(world.update(first, new, old))["PhysicalResourceId"]
    world.pass_time(12 * HOUR)
    return world.run(world.update(second, old, new))


def test_a_rollback_waits_for_the_old_data_itself() -> None:
    """Its wait condition is long over, so that nothing else would."""
    world = world_of_hours(0.5)

    answer = rolled_back(world)
    world.pass_time(HOUR)

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "ACTIVE")
    assert (len(world.jobs()), len(world.sent_to(HANDLE)), len(world.sent_to(OTHER_HANDLE))) == (3, 1, 1)


def test_a_rollback_that_takes_hours_succeeds_with_the_job_running() -> None:
    """CloudFormation waits an hour for it; a failure would leave the stack in UPDATE_ROLLBACK_FAILED."""
    world = world_of_hours(2.5)

    answer = rolled_back(world)

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "CREATE IN_PROGRESS")
    assert answer["Data"]["DatasetImportJobArn"].endswith("-2")
    assert world.schedules() == []


def test_a_rollback_out_of_an_import_that_goes_on_for_hours_succeeds_and_imports_later() -> None:
    """Its turn does not come while CloudFormation waits; failing would get the stack stuck."""
    world = world_of_hours(2.5)
    old, new = hours(world), hours(world, OTHER_HANDLE, Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(3 * HOUR)
    world.run(world.update(first, new, old))
    world.pass_time(HOUR)

    answer = world.run(world.update(first, old, new))
    began = len(world.jobs())
    world.pass_time(12 * HOUR)

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "QUEUED")
    assert (began, [status for _, status in world.jobs()]) == (2, ["ACTIVE"] * 3)
    assert answer["Data"]["DatasetImportJobArn"] == JOB_ARN + world.jobs()[2][0]
    assert (len(world.sent_to(HANDLE)), len(world.sent_to(OTHER_HANDLE))) == (1, 0)
    assert world.schedules() == []


def test_a_rollback_waits_itself_though_the_update_before_had_no_wait_condition() -> None:
    """Its handle is older than that Update, which had none."""
    world = world_of_hours(0.5)
    handle = HANDLE.replace("20261118T110000Z", made_at(world))
    old, new = hours(world, handle), world.properties(Revision="2")
    first = world.run(world.event("Create", old, ResponseURL=world.sent(0)))["PhysicalResourceId"]
    world.pass_time(HOUR)
    update = world.update(first, new, old) | {"ResponseURL": world.sent(0)}
    world.run(update)
    world.pass_time(HOUR)

    answer = world.run(world.update(first, old, new) | {"ResponseURL": world.sent(0)})

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "ACTIVE")
    assert (len(world.jobs()), len(world.sent_to(handle))) == (3, 1)


def test_an_update_that_is_sent_again_signals_its_own_wait_condition(world: World) -> None:
    """That the first one was sent after the handle was made says nothing: it had the same one."""
    first = world.run(world.event("Create", world.properties()))["PhysicalResourceId"]
    world.pass_time(HOUR)
    handle = HANDLE.replace("20261118T110000Z", made_at(world))
    world.pass_time(60)
    update = world.update(first, hours(world, handle, Revision="2"), world.properties())
    world.invoke(update | {"ResponseURL": world.sent(0)})
    world.pass_time(10)

    world.run(update | {"ResponseURL": world.sent(0)})
    world.pass_time(3 * HOUR)

    assert [signal["Status"] for signal in world.sent_to(handle)] == ["SUCCESS"]


def test_a_create_after_the_delete_of_a_failed_one_signals_the_wait_condition_that_was_kept(
    world: World,
) -> None:
    """As a stack that keeps what a failed deployment has made is deployed again: nobody has signalled yet."""
    handle = HANDLE.replace("20261118T110000Z", made_at(world))
    world.pass_time(60)
    failed = world.event("Create", hours(world, handle, RoleArn=""), ResponseURL=world.sent(0))
    physical_id = world.run(failed)["PhysicalResourceId"]
    world.run(world.delete(physical_id, failed["ResourceProperties"]) | {"ResponseURL": world.sent(0)})
    world.pass_time(60)

    world.run(world.event("Create", hours(world, handle), ResponseURL=world.sent(0)))
    world.pass_time(3 * HOUR)

    assert [signal["Status"] for signal in world.sent_to(handle)] == ["SUCCESS"]


@pytest.mark.parametrize("code", ["ConflictException", "ThrottlingException"])
def test_a_signal_waits_for_the_end_though_the_answer_could_not_be_noted(world: World, code: str) -> None:
    """That CloudFormation has its answer is not written down; what is read back says that it has none."""
    create = world.event("Create", hours(world))
    world.faults.before("PutItem", error(code))
    world.faults.before("GetItem", None, None, None, error("ThrottlingException"))

    world.run(create)
    world.pass_time(HOUR)
    early = world.sent_to(HANDLE)
    world.pass_time(2 * HOUR)

    assert early == []
    assert [signal["Status"] for signal in world.sent_to(HANDLE)] == ["SUCCESS"]


def test_a_rollback_whose_job_fails_says_so() -> None:
    """The dataset still holds what was to be rolled back."""
    world = world_of_hours(0.5)
    old, new = hours(world), hours(world, OTHER_HANDLE, Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(HOUR)
    second = world.run(world.update(first, new, old))["PhysicalResourceId"]
    world.pass_time(HOUR)
    world.objects["items.csv"] = TOO_SHORT

    answer = world.run(world.update(second, old, new))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", second)


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_rollback_of_a_switch_that_takes_hours_restores_all_that_the_switch_replaced(
    is_cancelled: bool,
) -> None:
    """One job after the other, also after the answer, when the stack is no longer being rolled back."""
    world = world_of_hours(2.5 if is_cancelled else 1.25)
    full, new = hours(world), hours(world, THIRD_HANDLE, Revision="3")
    added = hours(world, OTHER_HANDLE, Revision="2", ImportMode="INCREMENTAL")
    first = world.run(world.event("Create", full))["PhysicalResourceId"]
    world.pass_time(3 * HOUR)
    world.run(world.update(first, added, full))
    world.pass_time(3 * HOUR)
    world.run(world.update(first, new, added))
    world.pass_time(600 if is_cancelled else 3 * HOUR)

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    answer = world.run(world.update(first, added, new))
    world.stack.status = "UPDATE_ROLLBACK_COMPLETE"
    world.pass_time(24 * HOUR)

    bases = [name.rpartition("-")[0] for name, _ in world.jobs()]
    assert answer["Status"] == "SUCCESS"
    assert bases[3:] == bases[:2]


@pytest.mark.parametrize("hours_later", [3, 1], ids=["running", "queued"])
def test_a_change_of_tags_while_a_rollback_of_hours_goes_on_succeeds(hours_later: int) -> None:
    """The job that the rollback has promised runs all the same."""
    world = world_of_hours(2.5)
    old, new = hours(world), hours(world, OTHER_HANDLE, Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(3 * HOUR)
    world.run(world.update(first, new, old))
    world.pass_time(hours_later * HOUR)
    world.run(world.update(first, old, new))
    world.pass_time(60)

    answer = world.run(world.update(first, {**old, "Tags": [{"Key": "team", "Value": "shop"}]}, old))
    world.pass_time(12 * HOUR)

    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert [name[-2:] for name, _ in world.jobs()] == ["-1", "-1", "-2"]
    assert world.jobs()[-1][1] == "ACTIVE"


def test_a_rollback_that_does_not_wait_is_queued_behind_a_job_of_hours(world: World) -> None:
    """It succeeds before CloudFormation stops to wait, and imports the old data later."""
    old, new = world.properties(Wait="false"), world.properties(Wait="false", Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(3 * HOUR)
    world.run(world.update(first, new, old))

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    answer = world.run(world.update(first, old, new))
    world.stack.status = "UPDATE_ROLLBACK_COMPLETE"
    world.pass_time(3 * HOUR)

    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert [status for _, status in world.jobs()] == ["ACTIVE"] * 3


def test_an_update_with_the_same_handle_sends_the_signal_that_is_still_due() -> None:
    """After --no-rollback the wait condition may not have begun to wait."""
    world = world_of_hours(1.25)
    old = hours(world)
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(600)

    world.run(world.update(first, {**old, "Tags": [{"Key": "team", "Value": "shop"}]}, old))
    world.pass_time(4 * HOUR)

    assert [signal["Status"] for signal in world.sent_to(HANDLE)] == ["SUCCESS"]


@pytest.mark.parametrize("minutes", [25, 90])
def test_a_rollback_of_a_switch_that_does_not_wait_succeeds_in_time(minutes: int) -> None:
    """As another rollback without waiting: after 56 minutes at the latest, and the rest is imported later."""
    world = World(Timing(shortest_import=minutes * 60, longest_import=minutes * 60))
    full = world.properties(Wait="false")
    first = world.run(world.event("Create", full))["PhysicalResourceId"]
    world.pass_time(2 * HOUR)
    before = full
    for number in "123":
        added = world.properties(Wait="false", ImportMode="INCREMENTAL", Revision=number)
        world.run(world.update(first, added, before))
        world.pass_time(2 * HOUR)
        before = added
    switch = world.properties(Wait="false", Revision="new")
    world.run(world.update(first, switch, before))
    world.pass_time(2 * HOUR)

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    answer = world.run(world.update(first, before, switch))

    assert answer["Status"] == "SUCCESS", answer["Reason"]
