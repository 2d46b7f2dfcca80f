# SPDX-License-Identifier: Apache-2.0
"""An import of hours: the answer comes early, and the signal at the end."""

import json
import logging
import re

import pytest
from botocore.exceptions import EndpointConnectionError

from dataset_import.cloudformation import Delivery
from tests.fakes.faults import DENIED, error
from tests.fakes.kernel import Died
from tests.fakes.personalize import JOB_ARN
from tests.handler.hours import HANDLE, HOUR, OTHER_HANDLE, hours, world_of_hours
from tests.handler.world import SIGNATURE, TOO_SHORT, World

LOST = EndpointConnectionError(endpoint_url="https://personalize.test")


@pytest.fixture
def world() -> World:
    """Make a world in which an import takes more than an hour."""
    return world_of_hours(1.25)


def test_the_answer_comes_once_the_job_is_accepted_and_the_signal_once_it_is_active(world: World) -> None:
    """CloudFormation waits an hour for the one, and twelve for the other."""
    before = world.clock.now

    answer = world.run(world.event("Create", hours(world)))
    accepted_after = world.clock.now - before
    heard_early = world.sent_to(HANDLE)
    world.pass_time(3 * HOUR)

    [(name, status)] = world.jobs()
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", JOB_ARN + name)
    assert (answer["Data"]["Status"], answer["Data"]["DatasetImportJobArn"]) == (
        "CREATE PENDING",
        JOB_ARN + name,
    )
    assert accepted_after < 60
    assert heard_early == []
    assert status == "ACTIVE"
    assert world.sent_to(HANDLE) == [
        {
            "Status": "SUCCESS",
            "Reason": "The data is in the dataset.",
            "UniqueId": name,
            "Data": JOB_ARN + name,
        }
    ]
    assert world.schedules() == []


def test_the_signal_comes_right_after_the_jobs_end(world: World) -> None:
    """The watching goes on from tick to tick, however long it takes."""
    world.invoke(world.event("Create", hours(world)))
    [job] = world.personalize.jobs.values()
    world.pass_time(job.ends_at - 60 - world.clock.now)
    early = world.sent_to(HANDLE)
    world.pass_time(job.ends_at + 5 - world.clock.now)

    assert early == []
    assert len(world.sent_to(HANDLE)) == 1


def test_a_failed_job_signals_its_reason(world: World) -> None:
    """The deployment fails with what Personalize said."""
    world.objects["items.csv"] = TOO_SHORT

    answer = world.run(world.event("Create", hours(world)))
    world.pass_time(3 * HOUR)

    [(name, status)] = world.jobs()
    [signal] = world.sent_to(HANDLE)
    assert (answer["Status"], status) == ("SUCCESS", "CREATE FAILED")
    assert (signal["Status"], signal["UniqueId"], signal["Data"]) == ("FAILURE", name, JOB_ARN + name)
    assert "Personalize said: " in signal["Reason"]
    assert world.schedules() == []


def test_a_request_that_is_refused_fails_without_a_signal(world: World) -> None:
    """There is nothing to wait for."""
    world.faults.before("DescribeDataset", error("InvalidInputException", "validation error detected"))

    answer = world.run(world.event("Create", hours(world)))
    world.pass_time(13 * HOUR)

    assert answer["Status"] == "FAILED"
    assert (world.sent_to(HANDLE), world.jobs(), world.schedules()) == ([], [], [])


def test_a_job_that_is_active_already_is_signalled_at_once(world: World) -> None:
    """A new wait, such as for another timeout, has its own signal."""
    world.run(world.event("Create", hours(world)))
    world.pass_time(3 * HOUR)
    physical_id = JOB_ARN + world.jobs()[0][0]
    before = world.clock.now

    update = world.update(physical_id, hours(world, OTHER_HANDLE, timeout=5), hours(world))
    answer = world.run(update)

    assert (answer["PhysicalResourceId"], answer["Data"]["Status"]) == (physical_id, "ACTIVE")
    assert [signal["Data"] for signal in world.sent_to(OTHER_HANDLE)] == [physical_id]
    assert (len(world.sent_to(HANDLE)), len(world.jobs())) == (1, 1)
    assert world.clock.now - before < 5


def test_a_handle_that_an_update_keeps_has_had_its_signal() -> None:
    """A second signal has no effect, so that the answer waits for the end of the new import."""
    world = world_of_hours(0.5)
    physical_id = world.run(world.event("Create", hours(world)))["PhysicalResourceId"]
    world.pass_time(3 * HOUR)

    answer = world.run(world.update(physical_id, hours(world, Revision="2"), hours(world)))
    world.pass_time(HOUR)

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "ACTIVE")
    assert len(world.jobs()) == 2
    assert len(world.sent_to(HANDLE)) == 1


def test_the_signal_comes_before_the_longest_wait_is_over() -> None:
    """Twelve hours count from when CloudFormation makes the wait condition, and a tick may be late."""
    world = world_of_hours(14)
    before = world.clock.now

    world.run(world.event("Create", hours(world, timeout=12)))
    world.pass_time(12 * HOUR - 60)

    [signal] = world.sent_to(HANDLE)
    assert signal["Status"] == "FAILURE"
    assert "did not end within 11 h 58 min" in signal["Reason"]
    assert world.clock.now - before < 12 * HOUR


@pytest.mark.parametrize("deliveries", [1, 3])
def test_a_signal_that_got_lost_is_sent_again_by_the_next_tick(world: World, deliveries: int) -> None:
    """The same: what was decided is not thought over."""
    world.run(world.event("Create", hours(world)))
    world.deliveries.extend([Delivery.LOST] * deliveries)
    [job] = world.personalize.jobs.values()

    world.pass_time(job.ends_at + 5 - world.clock.now)
    early = world.sent_to(HANDLE)
    world.personalize.jobs.clear()
    world.pass_time(deliveries * 60)

    assert early == []
    assert [(signal["Status"], signal["Data"]) for signal in world.sent_to(HANDLE)] == [("SUCCESS", job.arn)]
    assert world.schedules() == []


def test_a_process_that_dies_before_its_signal_leaves_it_to_the_next_tick(world: World) -> None:
    """It had been decided, so that it is delivered; after it, at most twice and the same."""
    world.run(world.event("Create", hours(world)))
    world.faults.before("Put", Died())
    world.faults.after("Put", Died())

    world.pass_time(3 * HOUR)

    assert [signal["Status"] for signal in world.sent_to(HANDLE)] == ["SUCCESS", "SUCCESS"]
    assert world.sent_to(HANDLE)[0] == world.sent_to(HANDLE)[1]
    assert world.schedules() == []


def test_a_signal_that_is_refused_ends_the_polling(world: World) -> None:
    """A wait condition that is gone, or whose URL has expired, takes none ever."""
    world.run(world.event("Create", hours(world)))
    world.deliveries.append(Delivery.REFUSED)

    world.pass_time(3 * HOUR)

    assert (world.sent_to(HANDLE), world.schedules()) == ([], [])


def test_a_polling_that_cannot_be_ended_sends_no_other_signal(world: World) -> None:
    """Its next tick sends the same one, and ends it."""
    world.run(world.event("Create", hours(world)))
    [job] = world.personalize.jobs.values()
    world.pass_time(job.ends_at - 90 - world.clock.now)
    world.faults.always("DeleteSchedule", DENIED)
    world.pass_time(300)
    world.faults.always("DeleteSchedule", None)

    world.pass_time(60)

    first, *others = world.sent_to(HANDLE)
    assert all(other == first for other in others)
    assert world.schedules() == []


def test_an_error_that_nobody_expected_signals_a_failure(world: World) -> None:
    """The deployment does not have to wait for the end of its time."""
    world.run(world.event("Create", hours(world)))
    world.faults.before("DescribeDatasetImportJob", SystemExit("what is this"))

    world.pass_time(120)

    [(name, _)] = world.jobs()
    [signal] = world.sent_to(HANDLE)
    assert (signal["Status"], signal["UniqueId"], signal["Data"]) == ("FAILURE", name, JOB_ARN + name)
    assert f"Job: {JOB_ARN}{name}. The handler said: SystemExit: what is this." in signal["Reason"]
    assert world.schedules() == []


@pytest.mark.parametrize("operation", ["GetItem", "CreateSchedule", "PutItem"])
@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_trouble_with_the_scheduler_changes_no_verdict(world: World, operation: str, code: str) -> None:
    """The schedule is there, and a later tick has better luck."""
    world.run(world.event("Create", hours(world)))
    world.faults.before(operation, *[error(code)] * 3)

    world.pass_time(3 * HOUR)

    assert {signal["Status"] for signal in world.sent_to(HANDLE)} == {"SUCCESS"}
    assert world.schedules() == []


def test_a_job_that_outlives_the_timeout_signals_a_failure() -> None:
    """With the time that it was given."""
    world = world_of_hours(9)
    before = world.clock.now
    world.run(world.event("Create", hours(world, timeout=3)))

    world.pass_time(before + 3 * HOUR - 60 - world.clock.now)
    early = world.sent_to(HANDLE)
    world.pass_time(before + 3 * HOUR + 1 - world.clock.now)

    [(name, _)] = world.jobs()
    [signal] = world.sent_to(HANDLE)
    assert early == []
    assert (signal["Status"], signal["Data"]) == ("FAILURE", JOB_ARN + name)
    assert "did not end within 3 h" in signal["Reason"]
    assert world.schedules() == []


def test_a_signal_has_a_unique_id_that_cloudformation_takes(world: World) -> None:
    """At most 64 characters, none of them of an ARN's punctuation."""
    world.run(world.event("Create", hours(world)))
    world.pass_time(3 * HOUR)

    [signal] = world.sent_to(HANDLE)
    assert re.fullmatch(r"[\w-]{1,64}", signal["UniqueId"])
    assert json.dumps(signal).isascii()


def test_no_url_is_in_any_log_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Who has the handle's can signal for us."""
    with caplog.at_level(logging.DEBUG):
        world.deliveries.extend([Delivery.LOST, Delivery.TAKEN, Delivery.LOST])
        world.faults.before("PutItem", LOST, LOST)
        world.faults.before("DescribeDatasetImportJob", LOST)
        world.run(world.event("Create", hours(world)))
        world.pass_time(3 * HOUR)

    assert "Signalled SUCCESS: The data is in the dataset." in caplog.messages
    assert "cloudformation" not in caplog.text.lower().replace("cloudformation_", "")
    assert SIGNATURE not in caplog.text
    assert HANDLE not in str([schedule.params for schedule in world.scheduler.schedules()])


def test_the_log_has_the_rest_of_a_signal_that_was_shortened(caplog: pytest.LogCaptureFixture) -> None:
    """The reason of the failed wait condition says so."""
    world = world_of_hours(2)
    caplog.set_level("INFO")
    world.run(world.event("Create", hours(world)))
    [job] = world.personalize.jobs.values()
    world.clock.run(job.created + 60)
    job.failure_reason = "x" * 5000 + "the end"

    world.pass_time(3 * HOUR)

    [signal] = world.sent_to(HANDLE)
    assert signal["Status"] == "FAILURE"
    assert "the function's log has the rest" in signal["Reason"]
    assert "the end" in caplog.text
