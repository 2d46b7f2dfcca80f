# SPDX-License-Identifier: Apache-2.0
"""An import of hours: CloudFormation's answer comes early, and the wait condition hears of the end."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from dataset_import.answer import Delivery
from tests.handler.clients import error
from tests.handler.clock import Died
from tests.handler.hours import HANDLE, HOUR, OTHER_HANDLE, hours, world_of_hours
from tests.handler.world import SIGNATURE, TOO_SHORT, World

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/"
LOST = EndpointConnectionError(endpoint_url="https://personalize.test")


@pytest.fixture
def world() -> World:
    """Make a world in which an import takes two hours."""
    return world_of_hours(2)


def test_the_answer_comes_once_the_job_is_accepted_and_the_signal_once_it_is_active(world: World) -> None:
    """CloudFormation waits an hour for the one, and twelve for the other."""
    before = world.clock.now

    answer = world.run(world.event("Create", hours(world)))
    accepted_after = world.clock.now - before
    heard_early = world.heard(HANDLE)
    world.pass_time(3 * HOUR)

    [(name, status)] = world.jobs()
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", ARN + name)
    assert (answer["Data"]["Status"], answer["Data"]["DatasetImportJobArn"]) == ("CREATE PENDING", ARN + name)
    assert accepted_after < 60
    assert heard_early == []
    assert status == "ACTIVE"
    assert world.heard(HANDLE) == [
        {"Status": "SUCCESS", "Reason": "The data is in the dataset.", "UniqueId": name, "Data": ARN + name}
    ]
    assert world.polls() == []


def test_the_signal_comes_right_after_the_jobs_end(world: World) -> None:
    """The watching goes on from tick to tick, however long it takes."""
    world.invoke(world.event("Create", hours(world)))
    [job] = world.personalize.state.jobs.values()
    world.tick(until=job.ends_at - 60)
    early = world.heard(HANDLE)
    world.tick(until=job.ends_at)

    assert early == []
    assert len(world.heard(HANDLE)) == 1
    assert world.clock.now - job.ends_at < 5


def test_a_failed_job_signals_its_reason(world: World) -> None:
    """The deployment fails with what Personalize said."""
    world.objects["interactions.csv"] = TOO_SHORT

    answer = world.run(world.event("Create", hours(world)))
    world.pass_time(3 * HOUR)

    [(name, status)] = world.jobs()
    [signal] = world.heard(HANDLE)
    assert (answer["Status"], status) == ("SUCCESS", "CREATE FAILED")
    assert (signal["Status"], signal["UniqueId"], signal["Data"]) == ("FAILURE", name, ARN + name)
    assert "Personalize said: " in signal["Reason"]
    assert world.polls() == []


def test_a_request_that_is_refused_fails_without_a_signal(world: World) -> None:
    """There is nothing to wait for."""
    world.faults.before("DescribeDataset", error("InvalidInputException", "validation error detected"))

    answer = world.run(world.event("Create", hours(world)))
    world.pass_time(13 * HOUR)

    assert answer["Status"] == "FAILED"
    assert (world.heard(HANDLE), world.jobs(), world.polls()) == ([], [], [])


def test_a_job_that_is_active_already_is_signalled_at_once(world: World) -> None:
    """A new wait, such as for another timeout, has its own signal."""
    world.run(world.event("Create", hours(world)))
    world.pass_time(3 * HOUR)
    physical_id = ARN + world.jobs()[0][0]
    before = world.clock.now

    update = world.update(physical_id, hours(world, OTHER_HANDLE, timeout=5), hours(world))
    answer = world.run(update)

    assert (answer["PhysicalResourceId"], answer["Data"]["Status"]) == (physical_id, "ACTIVE")
    assert [signal["Data"] for signal in world.heard(OTHER_HANDLE)] == [physical_id]
    assert (len(world.heard(HANDLE)), len(world.jobs())) == (1, 1)
    assert world.clock.now - before < 5


def test_a_handle_that_an_update_keeps_has_had_its_signal() -> None:
    """Nobody hears another one, so that the answer waits for the end of what is new."""
    world = world_of_hours(0.5)
    physical_id = world.run(world.event("Create", hours(world)))["PhysicalResourceId"]
    world.pass_time(3 * HOUR)

    answer = world.run(world.update(physical_id, hours(world, Revision="2"), hours(world)))
    world.pass_time(HOUR)

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "ACTIVE")
    assert len(world.jobs()) == 2
    assert len(world.heard(HANDLE)) == 1


def rolled_back(world: World) -> dict[str, Any]:
    """Import, import something else, have CloudFormation roll that back, and tell the answer."""
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
    assert (len(world.jobs()), len(world.heard(HANDLE)), len(world.heard(OTHER_HANDLE))) == (3, 1, 1)


def test_a_rollback_that_takes_hours_succeeds_with_the_job_running() -> None:
    """CloudFormation waits an hour for it; a failure would leave the stack in UPDATE_ROLLBACK_FAILED."""
    world = world_of_hours(5)

    answer = rolled_back(world)

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "CREATE IN_PROGRESS")
    assert answer["Data"]["DatasetImportJobArn"].endswith("-2")
    assert world.polls() == []


def test_a_rollback_out_of_an_import_that_goes_on_for_hours_succeeds_and_imports_later() -> None:
    """Its turn does not come while CloudFormation waits; failing would get the stack stuck."""
    world = world_of_hours(5)
    old, new = hours(world), hours(world, OTHER_HANDLE, Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(6 * HOUR)
    world.run(world.update(first, new, old))
    world.pass_time(HOUR)

    answer = world.run(world.update(first, old, new))
    began = len(world.jobs())
    world.pass_time(12 * HOUR)

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "QUEUED")
    assert (began, [status for _, status in world.jobs()]) == (2, ["ACTIVE"] * 3)
    assert answer["Data"]["DatasetImportJobArn"] == ARN + world.jobs()[2][0]
    assert (len(world.heard(HANDLE)), len(world.heard(OTHER_HANDLE))) == (1, 0)
    assert world.polls() == []


def test_the_signal_comes_before_the_longest_wait_is_over() -> None:
    """Twelve hours count from when CloudFormation makes the wait condition, and a tick may be late."""
    world = world_of_hours(14)
    before = world.clock.now

    world.run(world.event("Create", hours(world, timeout=12)))
    world.pass_time(12 * HOUR - 60)

    [signal] = world.heard(HANDLE)
    assert signal["Status"] == "FAILURE"
    assert "did not end within 11 h 58 min" in signal["Reason"]
    assert world.clock.now - before < 12 * HOUR


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
    assert (len(world.jobs()), len(world.heard(handle))) == (3, 1)


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

    assert [signal["Status"] for signal in world.heard(handle)] == ["SUCCESS"]


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

    assert [signal["Status"] for signal in world.heard(handle)] == ["SUCCESS"]


def made_at(world: World) -> str:
    """The present moment as a presigned URL tells when it was made."""
    return datetime.fromtimestamp(world.clock.now, UTC).strftime("%Y%m%dT%H%M%SZ")


def test_a_rollback_whose_job_fails_says_so() -> None:
    """The dataset still holds what was to be rolled back."""
    world = world_of_hours(0.5)
    old, new = hours(world), hours(world, OTHER_HANDLE, Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(HOUR)
    second = world.run(world.update(first, new, old))["PhysicalResourceId"]
    world.pass_time(HOUR)
    world.objects["interactions.csv"] = TOO_SHORT

    answer = world.run(world.update(second, old, new))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", second)


@pytest.mark.parametrize("deliveries", [1, 3])
def test_a_signal_that_got_lost_is_sent_again_by_the_next_tick(world: World, deliveries: int) -> None:
    """The same: what was decided is not thought over."""
    world.run(world.event("Create", hours(world)))
    world.deliveries.extend([Delivery.LOST] * deliveries)
    [job] = world.personalize.state.jobs.values()

    world.tick(until=job.ends_at)
    early = world.heard(HANDLE)
    world.personalize.state.jobs.clear()
    world.pass_time(deliveries * 60)

    assert early == []
    assert [(signal["Status"], signal["Data"]) for signal in world.heard(HANDLE)] == [("SUCCESS", job.arn)]
    assert world.polls() == []


def test_a_process_that_dies_before_its_signal_leaves_it_to_the_next_tick(world: World) -> None:
    """It had been decided, so that it is delivered; after it, at most twice and the same."""
    world.run(world.event("Create", hours(world)))
    world.faults.before("Put", Died())
    world.faults.after("Put", Died())

    world.pass_time(3 * HOUR)

    assert [signal["Status"] for signal in world.heard(HANDLE)] == ["SUCCESS", "SUCCESS"]
    assert world.heard(HANDLE)[0] == world.heard(HANDLE)[1]
    assert world.polls() == []


def test_a_signal_that_is_refused_ends_the_polling(world: World) -> None:
    """A wait condition that is gone, or whose URL has expired, takes none ever."""
    world.run(world.event("Create", hours(world)))
    world.deliveries.append(Delivery.REFUSED)

    world.pass_time(3 * HOUR)

    assert (world.heard(HANDLE), world.polls()) == ([], [])


def test_a_polling_that_cannot_be_ended_sends_no_other_signal(world: World) -> None:
    """Its next tick sends the same one, and ends it."""
    world.run(world.event("Create", hours(world)))
    world.faults.before("UpdateSchedule", LOST)

    world.pass_time(3 * HOUR)

    first, *others = world.heard(HANDLE)
    assert others == [first]
    assert world.polls() == []


def test_an_error_that_nobody_expected_signals_a_failure(world: World) -> None:
    """The deployment does not have to wait for the end of its time."""
    world.run(world.event("Create", hours(world)))
    world.faults.before("DescribeDatasetImportJob", RuntimeError("what is this"))

    world.pass_time(120)

    [(name, _)] = world.jobs()
    [signal] = world.heard(HANDLE)
    assert (signal["Status"], signal["UniqueId"], signal["Data"]) == ("FAILURE", name, ARN + name)
    assert f"Job: {ARN}{name}. The handler said: RuntimeError: what is this." in signal["Reason"]
    assert world.polls() == []


@pytest.mark.parametrize("operation", ["GetSchedule", "CreateSchedule", "UpdateSchedule"])
@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_trouble_with_the_scheduler_changes_no_verdict(world: World, operation: str, code: str) -> None:
    """The schedule is there, and a later tick has better luck."""
    world.run(world.event("Create", hours(world)))
    world.faults.before(operation, *[error(code)] * 3)

    world.pass_time(3 * HOUR)

    assert {signal["Status"] for signal in world.heard(HANDLE)} == {"SUCCESS"}
    assert world.polls() == []


def test_a_job_that_outlives_the_timeout_signals_a_failure() -> None:
    """With the time that it was given."""
    world = world_of_hours(9)
    before = world.clock.now
    world.run(world.event("Create", hours(world, timeout=3)))

    world.tick(until=before + 3 * HOUR - 60)
    early = world.heard(HANDLE)
    world.tick(until=before + 3 * HOUR)

    [(name, _)] = world.jobs()
    [signal] = world.heard(HANDLE)
    assert early == []
    assert (signal["Status"], signal["Data"]) == ("FAILURE", ARN + name)
    assert "did not end within 3 h" in signal["Reason"]
    assert world.clock.now - before == 3 * HOUR
    assert world.polls() == []


def test_a_signal_has_a_unique_id_that_cloudformation_takes(world: World) -> None:
    """At most 64 characters, none of them of an ARN's punctuation."""
    world.run(world.event("Create", hours(world)))
    world.pass_time(3 * HOUR)

    [signal] = world.heard(HANDLE)
    assert re.fullmatch(r"[\w-]{1,64}", signal["UniqueId"])
    assert json.dumps(signal).isascii()


def test_no_url_is_in_any_log_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Who has the handle's can signal for us."""
    with caplog.at_level(logging.DEBUG):
        world.deliveries.extend([Delivery.LOST, Delivery.TAKEN, Delivery.LOST])
        world.faults.before("UpdateSchedule", LOST, LOST)
        world.faults.before("DescribeDatasetImportJob", LOST)
        world.run(world.event("Create", hours(world)))
        world.pass_time(3 * HOUR)

    assert "Signalled SUCCESS." in caplog.messages
    assert "cloudformation" not in caplog.text.lower().replace("cloudformation_", "")
    assert SIGNATURE not in caplog.text
    assert all(HANDLE not in name for name in world.schedules)
