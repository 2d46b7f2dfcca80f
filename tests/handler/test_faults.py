# SPDX-License-Identifier: Apache-2.0
"""What goes wrong around an import, and what must hold then."""

import json
import logging

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    NoRegionError,
    ReadTimeoutError,
)

from dataset_import.cloudformation import Delivery
from local_aws.personalize import ReadRefused
from tests.fakes.faults import error
from tests.fakes.kernel import Died
from tests.handler.world import SIGNATURE, World

LOST = EndpointConnectionError(endpoint_url="https://personalize.test")
PASSING = {
    "throttled": error("ThrottlingException"),
    "internal failure": error("InternalFailure", status=500),
    "unavailable": error("ServiceUnavailable", status=503),
    "not known here yet": error("UnrecognizedClientException"),
    "no longer known": error("ExpiredTokenException"),
    "slow upload": error("RequestTimeoutException"),
    "not connected": LOST,
    "no reply": ReadTimeoutError(endpoint_url="https://personalize.test"),
    "connection reset": ConnectionClosedError(endpoint_url="https://personalize.test"),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize(
    "operation",
    ["DescribeDataset", "ListDatasetImportJobs", "CreateDatasetImportJob", "DescribeDatasetImportJob"],
)
def test_a_passing_error_is_waited_out(world: World, operation: str, fault: Exception) -> None:
    """Throttling, errors of the service and of the network fail no import, whichever call they meet."""
    world.faults.before(operation, *[fault] * 5)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


@pytest.mark.parametrize("operation", ["GetItem", "CreateSchedule", "PutItem"])
def test_a_passing_error_of_the_scheduler_is_waited_out(world: World, operation: str) -> None:
    """Trouble with the schedule changes no verdict; one that cannot be deleted ends by itself."""
    world.faults.before(operation, LOST, LOST)

    answer = world.run(world.event("Create"))
    world.pass_time(7200)

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1
    assert world.schedules() == []


@pytest.mark.parametrize("code", ["LimitExceededException", "ResourceInUseException"])
def test_a_request_waits_for_its_turn_looking_once_a_tick(world: World, code: str) -> None:
    """The quota of running jobs and other people's imports pass; waiting costs one try a minute."""
    world.faults.before("CreateDatasetImportJob", *[error(code)] * 20)
    before = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert world.count("CreateDatasetImportJob") == 21
    [job] = world.personalize.jobs.values()
    first_tick = job.created - before - 19 * 60
    assert 5 <= first_tick < 65


@pytest.mark.parametrize("code", ["ConflictException", "ResourceNotFoundException", "AccessDeniedException"])
def test_trouble_with_the_schedule_of_a_request_fails_no_import(world: World, code: str) -> None:
    """Whether it waits for its turn or its job is running: the schedule is there, and goes on with it."""
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 5)
    create = world.event("Create")
    world.invoke(create)
    world.pass_time(240)
    world.faults.before("PutItem", *[error(code, status=409)] * 4)

    answer = world.run(create)

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


def test_access_that_has_not_propagated_yet_is_waited_out(world: World) -> None:
    """A new role or bucket policy takes up to two minutes to be usable."""
    refused = error("InvalidInputException", "Insufficient privileges for accessing data in S3.")
    world.faults.before("CreateDatasetImportJob", *[refused] * 12)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"


def test_access_that_never_comes_fails_in_personalizes_words(world: World) -> None:
    """After some three minutes a refusal is believed."""
    world.refuse_access(ReadRefused.POLICY)
    before = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert "Insufficient privileges for accessing data in S3." in answer["Reason"]
    assert "fix bucket policy on shop" in answer["Reason"]
    assert 150 < world.clock.now - before < 270
    assert (world.jobs(), world.schedules()) == ([], [])


def test_access_that_has_not_come_by_the_deadline_fails_in_personalizes_words(world: World) -> None:
    """A deadline before the refusal is believed names the refusal, not a job that was never made."""
    world.refuse_access(ReadRefused.POLICY)

    answer = world.run(world.event("Create", world.properties(Timeout="60")))

    assert answer["Status"] == "FAILED"
    assert "Insufficient privileges for accessing data in S3." in answer["Reason"]
    assert "the bucket's policy" in answer["Reason"]
    assert "running" not in answer["Reason"]


def test_a_job_not_found_right_after_it_was_made_is_looked_for_again(world: World) -> None:
    """Describe may lag behind Create."""
    not_found = error("ResourceNotFoundException")
    world.faults.before("DescribeDatasetImportJob", *[not_found] * 4)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


def test_a_lost_reply_to_create_starts_nothing_twice(world: World) -> None:
    """The job that is there after all is followed."""
    world.faults.after("CreateDatasetImportJob", LOST)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


def test_an_event_that_comes_twice_starts_one_job(world: World) -> None:
    """AWS Lambda delivers at least once."""
    event = world.event("Create")
    world.invoke(event, kill_after=10)

    answer = world.run(event)

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


@pytest.mark.parametrize(
    "operation", ["GetItem", "CreateSchedule", "CreateDatasetImportJob", "DescribeDatasetImportJob"]
)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_that_dies_is_taken_over(world: World, operation: str, moment: str) -> None:
    """Killed around any call, the event delivered again goes on where it stood."""
    getattr(world.faults, moment)(operation, Died())
    event = world.event("Create")
    world.invoke(event)

    answer = world.run(event)

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


def test_an_invocation_that_runs_out_of_time_says_nothing(world: World) -> None:
    """The next one goes on."""
    event = world.event("Create")
    world.invoke(event, kill_after=20)

    assert world.answered(event) == []
    world.wait_for_answer(event, 7200)
    assert world.answer(event)["Status"] == "SUCCESS"


def test_ticks_may_stay_away_for_a_while(world: World) -> None:
    """After half an hour without any tick, one is enough."""
    event = world.event("Create")
    world.invoke(event)
    world.clock.now += 1800

    world.wait_for_answer(event, 120)

    assert world.answer(event)["Status"] == "SUCCESS"


def test_a_tick_after_the_answer_does_nothing(world: World) -> None:
    """A schedule's late or repeated call finds the request closed."""
    event = world.event("Create")
    world.invoke(event)
    [schedule] = world.scheduler.schedules()
    world.wait_for_answer(event, 7200)

    world.invoke(json.loads(schedule.input))

    assert world.answer(event)["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


def test_a_superseded_requests_tick_does_nothing(world: World) -> None:
    """When the user cancels an Update, the request that follows takes the polling over."""
    first = world.create()
    old, new = world.properties(), world.properties(Revision="2")
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 60)
    cancelled = world.update(first, new, old)
    world.invoke(cancelled)
    [schedule] = world.scheduler.schedules()

    answer = world.run(world.update(first, old, new))
    world.invoke(json.loads(schedule.input))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert world.answered(cancelled) == []
    assert (len(world.jobs()), world.schedules()) == (1, [])


def test_polling_that_cannot_be_set_up_starts_no_job(world: World) -> None:
    """A request that could not be followed fails, with the scheduler's words, before it touches data."""
    world.faults.before(
        "CreateSchedule", *[error("AccessDeniedException", "no scheduler:CreateSchedule")] * 99
    )

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert "no scheduler:CreateSchedule" in answer["Reason"]
    assert (world.jobs(), world.schedules()) == ([], [])


def test_polling_that_cannot_be_set_up_fails_an_update_with_the_old_id(world: World) -> None:
    """Another id would have CloudFormation delete what it still needs."""
    first = world.create()
    world.faults.before("CreateSchedule", *[error("AccessDeniedException")] * 99)

    answer = world.run(world.update(first, world.properties(Revision="2"), world.properties()))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", first)
    assert len(world.jobs()) == 1


@pytest.mark.parametrize("operation", ["GetItem", "CreateSchedule", "DescribeDataset"])
def test_a_client_that_cannot_be_made_fails_the_request(world: World, operation: str) -> None:
    """CloudFormation gets an answer at once, with an id."""
    world.faults.before(operation, NoRegionError())
    before = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert "said: You must specify a region." in answer["Reason"]
    assert world.clock.now - before < 5
    assert world.jobs() == []


def test_an_answer_that_got_lost_is_sent_again(world: World) -> None:
    """The schedule stays until CloudFormation has the answer."""
    world.deliveries.extend([Delivery.LOST, Delivery.LOST])

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert world.schedules() == []


def test_an_answer_that_is_refused_ends_the_polling(world: World) -> None:
    """An expired URL takes no answer ever; there is nobody left to poll for."""
    world.deliveries.append(Delivery.REFUSED)
    event = world.event("Create")

    world.invoke(event)
    world.pass_time(7200)

    assert world.answered(event) == []
    assert world.schedules() == []


def test_a_retry_after_a_failure_is_a_new_try(world: World) -> None:
    """The same RequestId with a new response URL gets no stale verdict."""
    event = world.event("Create")
    world.refuse_access(ReadRefused.POLICY)
    world.run(event)
    world.refuse_access(None)

    again = {**event, "ResponseURL": event["ResponseURL"] + "&again"}

    assert world.run(again)["Status"] == "SUCCESS"


def test_the_response_url_is_in_no_log_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Who has the URL can answer for us."""
    with caplog.at_level(logging.DEBUG):
        world.deliveries.append(Delivery.LOST)
        world.faults.before("PutItem", LOST)
        world.run(world.event("Create"))

    assert caplog.records
    assert SIGNATURE not in caplog.text
    assert SIGNATURE not in str([schedule.params for schedule in world.scheduler.schedules()])
