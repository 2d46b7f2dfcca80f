# SPDX-License-Identifier: Apache-2.0
"""The function's entry, as AWS Lambda calls it."""

import json
from types import SimpleNamespace

import pytest

from dataset_import.cloudformation import Delivery
from dataset_import.handler import handler
from tests.fakes.faults import error
from tests.handler.test_answer import cloudformation
from tests.handler.world import World

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/"


def test_the_function_answers_even_where_it_is_set_up_wrongly(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its environment it can do nothing, and says so."""
    monkeypatch.delenv("SCHEDULE_GROUP_NAME")
    context = SimpleNamespace(
        aws_request_id="1", invoked_function_arn="arn", get_remaining_time_in_millis=lambda: 90_000
    )

    with cloudformation(200) as (url, received):
        handler({**world.event("Create"), "ResponseURL": url}, context)

    [(_, body)] = received
    answer = json.loads(body)
    assert (answer["Status"], answer["RequestId"]) == ("FAILED", "request-1")
    assert answer["PhysicalResourceId"] == "Interactions-request-1"
    assert "KeyError: 'SCHEDULE_GROUP_NAME'" in answer["Reason"]


def test_the_function_that_is_to_be_called_again_is_the_one_that_was_called(world: World) -> None:
    """Its ARN, perhaps an alias's, is the context's; what goes wrong there is answered as well."""

    class Context:
        @property
        def invoked_function_arn(self) -> str:
            raise LookupError("which function?")

        def get_remaining_time_in_millis(self) -> int:
            return 90_000

    with cloudformation(200) as (url, received):
        handler({**world.event("Create"), "ResponseURL": url}, Context())

    [(_, body)] = received
    assert "The handler said: LookupError: which function?" in json.loads(body)["Reason"]


def test_the_last_tick_of_a_request_does_nothing(world: World) -> None:
    """It has no URL to answer, and needs no client: neither that of the request nor that of its answer."""
    world.run(world.event("Create"))
    ticks = [json.loads(schedule["Target"]["Input"]) for schedule in world.schedules.values()]
    calls = list(world.calls)

    for tick in ticks:
        handler(tick, SimpleNamespace())

    assert [tick["CrHelperData"]["closed"] for tick in ticks] == [True, True]
    assert (len(world.answers), world.calls) == (1, calls)


def test_what_was_decided_is_sent_again_without_a_look(world: World) -> None:
    """The answer got lost; whatever has become of the job since, CloudFormation is told the same."""
    world.deliveries.append(Delivery.LOST)
    create = world.event("Create", world.properties(Wait="false"))
    world.invoke(create)
    [(name, _)] = world.jobs()
    world.clock.now += 600
    world.calls.clear()

    world.invoke(create)

    answer = world.answer(create)
    assert answer["PhysicalResourceId"] == answer["Data"]["DatasetImportJobArn"] == ARN + name
    assert answer["Data"]["Status"] == "CREATE PENDING"
    assert not any("Dataset" in call for call in world.calls)


def test_an_answer_that_did_not_get_through_fails_the_invocation(world: World) -> None:
    """AWS Lambda tries the event again, and its log says why."""
    world.deliveries.append(Delivery.LOST)

    world.invoke(world.event("Create", world.properties(Wait="false")))

    assert [str(error) for error in world.raised] == ["The answer did not reach CloudFormation."]


def test_a_request_that_nothing_would_go_on_with_fails_the_invocation(world: World) -> None:
    """The schedule could not be made, but there is time to try."""
    world.faults.before("CreateSchedule", *[error("AccessDeniedException")] * 9)
    create = world.event("Create", ResponseURL=world.sent(seconds_ago=1))

    world.invoke(create)

    assert [str(error) for error in world.raised] == [
        "The schedule that polls for the request could not be made yet."
    ]
    assert world.answered(create) == []


def test_an_error_that_nobody_expected_names_the_job_that_was_chosen(world: World) -> None:
    """It may be running, so the user has to know where to look; and it is what is left behind."""
    world.faults.after("CreateDatasetImportJob", RuntimeError("what is this"))
    create = world.event("Create")

    world.invoke(create)

    [(name, _)] = world.jobs()
    answer = world.answer(create)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", ARN + name)
    assert (
        f"The request for the import of s3://shop/items.csv into {world.dataset_arn} was given up. "
        f"Job: {ARN}{name}. The handler said: RuntimeError: what is this."
    ) in answer["Reason"]


def test_a_function_that_exits_has_failed(world: World) -> None:
    """SystemExit is no Exception, and would end the process without an answer."""
    world.faults.before("ListDatasetImportJobs", SystemExit("memory"))

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert "Job: none. The handler said: SystemExit: memory." in answer["Reason"]


@pytest.mark.parametrize(("time_left", "watched"), [(40, 20), (90, 58)])
def test_an_invocation_watches_until_just_before_the_next_tick_or_its_own_end(
    world: World, time_left: float, watched: float
) -> None:
    """There is time left to answer, before AWS Lambda cuts it off."""
    before = world.clock.now

    world.invoke(world.event("Create"), time_left=time_left)

    assert watched - 2.5 < world.clock.now - before <= watched
    assert world.raised == []
