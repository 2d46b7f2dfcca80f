# SPDX-License-Identifier: Apache-2.0
"""What each override of crhelper is for: an expected failure of crhelper as published.

When one of these passes, crhelper has the fault no longer, and the method that the test names can go.
"""

from unittest.mock import patch

import pytest
from crhelper import utils

from tests.fakes.crhelper_as_published import Scenario
from tests.fakes.faults import error

pytestmark = pytest.mark.xfail(reason="crhelper 2.0.12", raises=AssertionError, strict=True)

REASON = "Column GENRE has a missing value in line 1. " + "See the guide to formatting data. " * 20


@pytest.fixture
def published() -> Scenario:
    """Make a custom resource on crhelper as published."""
    return Scenario()


def test_init_client_that_cannot_be_made_fails_the_request_with_an_id() -> None:
    """`__init__`: the id is empty."""
    published = Scenario(client=RuntimeError("no region"))
    published.invoke(published.event())

    assert published.answers[0]["PhysicalResourceId"]


def test_set_timeout_an_invocation_that_runs_out_of_time_does_not_answer(published: Scenario) -> None:
    """`_set_timeout`: half a second before the end it answers FAILED."""
    published.invoke(published.event())
    published.resource._timeout()

    assert published.answers == []


def test_wait_for_cwlogs_a_delete_is_not_held_back(published: Scenario) -> None:
    """`_wait_for_cwlogs`: it sleeps for as long as two minutes."""
    pauses: list[float] = []
    published.invoke(published.event("Delete"))
    published.resource._context.get_remaining_time_in_millis = lambda: 900_000
    published.resource._wait_for_cwlogs(sleep=pauses.append)

    assert pauses == []


def test_wrap_function_a_failure_keeps_the_id_of_its_job(published: Scenario) -> None:
    """`_wrap_function`: the id is made up, another one each time."""
    published.starting = FailedError("bad row")
    published.invoke(published.event())

    assert published.answers[0]["PhysicalResourceId"] == FailedError.physical_id


def test_polling_init_a_clean_up_that_fails_leaves_a_success_a_success(published: Scenario) -> None:
    """`_polling_init`: it removes its polling before it answers, and answers FAILED where that fails."""
    published.invoke(published.event())
    published.events.broken["delete_rule"] = error("ThrottlingException")
    published.status = "ACTIVE"
    published.tick()

    assert [answer["Status"] for answer in published.answers] == ["SUCCESS"]


def test_cfn_response_the_id_is_the_same_each_time(published: Scenario) -> None:
    """`_cfn_response`: it makes up a random id where there is none."""
    published.starting = RuntimeError("bad row")
    published.invoke(published.event())
    published.invoke(published.event())

    assert len({answer["PhysicalResourceId"] for answer in published.answers}) == 1


def test_send_a_long_reason_keeps_its_head(published: Scenario) -> None:
    """`_send`: it keeps the last 240 characters."""
    published.starting = RuntimeError(REASON)
    published.invoke(published.event())

    assert "missing value in line 1" in published.answers[0]["Reason"]


def test_put_a_reply_of_503_is_not_taken_for_success() -> None:
    """`put` in place of its own way to send: any reply is taken for success, and nothing is tried again."""
    with patch.object(utils, "HTTPSConnection") as connection:
        connection.return_value.getresponse.return_value.status = 503
        vars(utils)["_send_response"]("https://cloudformation.test/", {"Status": "SUCCESS"})

    assert connection.return_value.request.call_count > 1


class FailedError(Exception):
    """A failure that names its job."""

    physical_id = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/interactions-1"
