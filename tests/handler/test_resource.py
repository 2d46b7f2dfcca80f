# SPDX-License-Identifier: Apache-2.0
"""What the subclass of crhelper's resource relies on in the crhelper that it travels with."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from crhelper import CfnResource

from dataset_import.answer import Delivery
from dataset_import.resource import ScheduledResource
from tests.handler.world import World

CLIENTS = {"_lambda_client", "_events_client", "_logs_client"}
STOCK_POLLING = {"_polling_interval", "_sleep_on_delete", "_region", "_ssl_verify"}
PER_EVENT = {
    "Status",
    "Reason",
    "PhysicalResourceId",
    "StackId",
    "RequestId",
    "LogicalResourceId",
    "Data",
    "_event",
    "_context",
    "_response_url",
    "_send_response",
}
OURS = {"_put", "_decide", "_close", "answer_lost"}


def resource() -> ScheduledResource:
    """Make a resource that answers nobody."""
    return ScheduledResource(
        put=lambda url, body: Delivery.TAKEN, decide=lambda answer: answer, close=lambda: None
    )


def test_the_resource_sets_what_crhelpers_own_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crhelper that keeps something new would show here, since its __init__ is not called."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    stock = set(vars(CfnResource(log_level="INFO")))

    assert set(vars(resource())) == (stock | OURS) - CLIENTS - STOCK_POLLING - PER_EVENT


def test_every_override_overrides_something() -> None:
    """A method that crhelper renames would no longer be called."""
    ours = {name for name in vars(ScheduledResource) if name.startswith("_") and not name.startswith("__")}

    assert {name for name in ours if not hasattr(CfnResource, name)} == set()


def test_nothing_is_left_behind_from_one_resource_to_the_next(world: World) -> None:
    """One process serves many resources in turn."""
    failed = world.run(world.event("Create", world.properties(RoleArn=None)))
    succeeded = world.run(world.event("Create"))

    assert (failed["Status"], failed["Data"]) == ("FAILED", {})
    assert (succeeded["Status"], succeeded["Reason"]) == ("SUCCESS", "")


def test_an_answer_has_what_cloudformation_asks_for(world: World) -> None:
    """What it echoes, and what it says itself; nothing is missing and nothing more."""
    event = world.event("Create")

    answer = world.run(event)

    echoed = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    [job] = world.personalize.state.jobs.values()
    more = {"Status": "SUCCESS", "Reason": "", "NoEcho": False, "PhysicalResourceId": job.arn}
    assert {key: value for key, value in answer.items() if key != "Data"} == {**echoed, **more}


def test_a_delete_that_fails_before_its_id_was_read_answers_it_all_the_same(world: World) -> None:
    """CloudFormation takes no other id for a resource that stays."""
    event = world.delete("Shop-Interactions-1ABC")
    event["ResourceProperties"] = None

    assert world.run(event)["PhysicalResourceId"] == "Shop-Interactions-1ABC"


def test_a_failure_without_words_has_a_reason(world: World) -> None:
    """An empty reason would leave the user with nothing."""
    world.faults.before("DescribeDataset", ValueError())

    assert "The handler said: ValueError." in world.run(world.event("Create"))["Reason"]


def test_crhelper_never_logs_the_event(world: World) -> None:
    """At DEBUG crhelper logs events, and with them the response URL: that level is off."""
    world.run(world.event("Create"))

    assert not logging.getLogger("crhelper.resource_helper").isEnabledFor(logging.DEBUG)


def test_a_cleanup_that_fails_leaves_the_verdict(caplog: pytest.LogCaptureFixture) -> None:
    """The answer has been sent; the schedule expires by itself."""
    answers: list[bytes] = []

    def put(_: str, body: bytes) -> Delivery:
        answers.append(body)
        return Delivery.TAKEN

    def stop() -> None:
        raise RuntimeError("throttled")

    def function(event: dict[str, Any], context: object) -> str:
        return "done"

    made = ScheduledResource(put=put, decide=lambda answer: answer, close=stop)
    made.on_import(function)
    made(
        {
            "RequestType": "Create",
            "RequestId": "request",
            "StackId": "arn:stack/Shop/1",
            "LogicalResourceId": "Interactions",
            "ResponseURL": "https://cloudformation.test",
        },
        SimpleNamespace(aws_request_id="1"),
    )

    assert [b'"SUCCESS"' in answer for answer in answers] == [True]
    assert "expires by itself" in caplog.text
