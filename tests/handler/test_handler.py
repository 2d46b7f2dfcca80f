# SPDX-License-Identifier: Apache-2.0
"""The function's entry, as AWS Lambda calls it."""

import json
from types import SimpleNamespace

import pytest

from dataset_import.handler import handler
from tests.handler.test_answer import cloudformation
from tests.handler.world import World


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
