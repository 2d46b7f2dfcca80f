# SPDX-License-Identifier: Apache-2.0
"""The function's entry, as AWS Lambda calls it."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from dataset_import.cloudformation import Delivery
from dataset_import.handler import handler
from dataset_import.services import Services
from tests.fakes.faults import error
from tests.fakes.personalize import JOB_ARN
from tests.handler.world import World


def test_a_function_that_is_set_up_wrongly_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its environment it can do nothing."""
    sent: list[bytes] = []

    def put(url: str, body: bytes) -> Delivery:
        sent.append(body)
        return Delivery.TAKEN

    monkeypatch.setattr("dataset_import.handler.Services", lambda: Services(put=put, environment={}))
    context = SimpleNamespace(invoked_function_arn="arn", get_remaining_time_in_millis=lambda: 90_000)

    handler(world.event("Create"), context)

    [answer] = map(json.loads, sent)
    assert (answer["Status"], answer["RequestId"]) == ("FAILED", "request-1")
    assert answer["PhysicalResourceId"] == "Interactions-request-1"
    assert "The handler said: KeyError: 'SCHEDULE_GROUP_NAME'" in answer["Reason"]


def test_a_schedule_invokes_the_function_by_the_arn_that_was_invoked(world: World) -> None:
    """It is the context's, perhaps an alias's."""
    world.invoke(world.event("Create"))

    [schedule] = world.scheduler.schedules()
    assert schedule.params["Target"]["Arn"] == world.stack.service_token


def test_a_tick_of_a_request_that_is_done_deletes_its_schedule_and_nothing_else(world: World) -> None:
    """The schedule could not be deleted with the answer; its next tick makes up for it."""
    world.faults.before("DeleteSchedule", error("ThrottlingException"))
    world.run(world.event("Create"))
    answers = len(world.answers)
    world.forget_calls()

    world.pass_time(70)

    assert world.schedules() == []
    assert (world.count("GetItem"), world.count("DeleteSchedule"), world.count("PutItem")) == (1, 21, 0) or (
        world.count("PutItem") == 0
    )
    assert len(world.answers) == answers


@pytest.mark.parametrize(
    "event",
    [
        {"CrHelperPoll": True, "RequestType": "Create", "CrHelperData": {"closed": False}, "DueAt": "x"},
        {
            "CrHelperPoll": True,
            "RequestType": "Delete",
            "ResponseURL": "https://old.test",
            "CrHelperData": {},
        },
        {"version": "0", "detail-type": "Scheduled Event"},
        {},
    ],
    ids=["an old handler's tick", "an old handler's tick for a Delete", "another service", "nothing"],
)
def test_an_event_that_is_neither_a_request_nor_a_tick_is_ignored(
    world: World, event: dict[str, Any]
) -> None:
    """A stack may still have schedules that an earlier version of the handler has made."""
    world.invoke(event)

    assert world.raised == []
    assert (world.answers, world.items(), world.schedules()) == ([], [], [])


def test_what_was_decided_is_sent_again_without_a_look(world: World) -> None:
    """The answer got lost; whatever has become of the job since, the same answer is sent."""
    world.deliveries.append(Delivery.LOST)
    create = world.event("Create", world.properties(Wait="false"))
    world.invoke(create)
    [(name, _)] = world.jobs()
    world.clock.now += 600
    world.forget_calls()

    world.invoke(create)

    answer = world.answer(create)
    assert answer["PhysicalResourceId"] == answer["Data"]["DatasetImportJobArn"] == JOB_ARN + name
    assert answer["Data"]["Status"] == "CREATE PENDING"
    assert not any("Dataset" in operation for operation in world.account.journal.operations)


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
    world.faults.after("CreateDatasetImportJob", SystemExit("memory"))
    create = world.event("Create")

    world.invoke(create)

    [(name, _)] = world.jobs()
    answer = world.answer(create)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", JOB_ARN + name)
    assert (
        f"import of s3://shop/items.csv into {world.dataset_arn} was given up. "
        f"Job: {JOB_ARN}{name}. The handler said: SystemExit: memory."
    ) in answer["Reason"]


def test_a_function_that_exits_has_failed(world: World) -> None:
    """SystemExit is no Exception, and would end the process without an answer."""
    world.faults.before("ListDatasetImportJobs", SystemExit("memory"))

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert "Job: none. The handler said: SystemExit: memory." in answer["Reason"]


def test_an_answer_has_what_cloudformation_asks_for_and_nothing_else(world: World) -> None:
    """The fields of the page on responses.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html
    """
    event = world.event("Create", world.properties(ImportMode="SOME"))

    answer = world.run(event)

    assert answer.pop("Reason").startswith("The import ")
    assert answer == {
        "Status": "FAILED",
        "PhysicalResourceId": answer["PhysicalResourceId"],
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {},
        "NoEcho": False,
    }
