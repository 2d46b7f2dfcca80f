# SPDX-License-Identifier: Apache-2.0
"""What crhelper as published does not withstand; an expected failure that passes: it has been mended."""

import logging
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from crhelper import utils

from tests.fakes.faults import NETWORK, error
from tests.fakes.crhelper_as_published import Scenario

pytestmark = pytest.mark.xfail(reason="crhelper 2.0.12", raises=AssertionError, strict=True)

send_response = vars(utils)["_send_response"]
BEFORE = "Column GENRE has a missing value in line 1. " + "See the guide to formatting data. " * 20


@pytest.fixture
def stock() -> StockPlay:
    """Make a custom resource on crhelper as published."""
    return StockPlay()


def answered(stock: StockPlay) -> list[str]:
    """The answers so far."""
    return [answer["Status"] for answer in stock.answers]


def test_a_create_that_is_delivered_twice_starts_one_job(stock: StockPlay) -> None:
    """It starts two, with a rule each."""
    stock.invoke(stock.event())
    stock.invoke(stock.event())

    assert (len(stock.jobs), len(stock.events.rules)) == (1, 1)


def test_a_client_that_cannot_be_made_fails_the_request_with_an_id() -> None:
    """The id is empty."""
    stock = StockPlay(client=RuntimeError("no region"))
    stock.invoke(stock.event())

    assert stock.answers[0]["PhysicalResourceId"]


@pytest.mark.parametrize("denied", ["add_permission", "put_targets"])
def test_polling_that_cannot_be_set_up_leaves_nothing(stock: StockPlay, denied: str) -> None:
    """It leaves a rule, which nothing removes."""
    stock.events.broken[denied] = error("AccessDeniedException")
    stock.invoke(stock.event())

    assert (stock.events.rules, stock.events.permissions) == ({}, set())


def test_nine_kilobytes_of_properties_work(stock: StockPlay) -> None:
    """A rule's target takes 8,192 characters."""
    stock.invoke(stock.event(ResourceProperties={"Tags": "v" * 9000}))

    assert answered(stock) == []


def test_a_long_logical_id_works(stock: StockPlay) -> None:
    """A rule's name takes 64 characters, of which 8 are random."""
    stock.invoke(stock.event(LogicalResourceId="D" * 60))

    assert answered(stock) == []


def test_polling_that_cannot_be_set_up_fails_an_update_with_the_old_id(stock: StockPlay) -> None:
    """It answers "None"."""
    stock.events.broken["put_rule"] = error("AccessDeniedException")
    stock.invoke(stock.event("Update", PhysicalResourceId="old", OldResourceProperties={}))

    assert stock.answers[0]["PhysicalResourceId"] == "old"


@pytest.mark.parametrize("fault", [error("ThrottlingException"), error("Unavailable", status=503), NETWORK])
def test_a_describe_that_does_not_get_through_keeps_polling(
    stock: StockPlay, fault: Exception
) -> None:
    """Whatever a poll raises is FAILED."""
    stock.invoke(stock.event())
    stock.describe = [fault]
    stock.tick()

    assert answered(stock) == []


def test_a_job_that_fails_answers_its_own_arn(stock: StockPlay) -> None:
    """The id is made up."""
    stock.invoke(stock.event())
    stock.status, stock.failure_reason = "CREATE FAILED", "bad row"
    stock.tick()

    assert stock.answers[0]["PhysicalResourceId"] == stock.jobs[0]


def test_an_invocation_that_runs_out_of_time_says_nothing(stock: StockPlay) -> None:
    """Half a second before the end it answers FAILED."""
    stock.invoke(stock.event())
    stock.resource._timeout()

    assert answered(stock) == []


def test_a_job_that_never_ends_is_answered(stock: StockPlay) -> None:
    """It polls for ever, long after CloudFormation has given up."""
    stock.invoke(stock.event())
    for _ in range(70):
        stock.tick()

    assert answered(stock) == ["FAILED"]


def test_a_tick_that_comes_after_the_end_does_nothing(stock: StockPlay) -> None:
    """It tries to remove the rule again, fails at that, and says FAILED."""
    stock.invoke(stock.event())
    [tick] = stock.ticks()
    stock.status = "ACTIVE"
    stock.tick()
    stock.invoke(tick)

    assert set(answered(stock)) == {"SUCCESS"}


def test_a_second_tick_between_clean_up_and_answer_fails_nothing(stock: StockPlay) -> None:
    """The one that finds the rule gone says FAILED, and may be the first to say anything."""
    stock.invoke(stock.event())
    [tick] = stock.ticks()
    stock.status = "ACTIVE"
    stock.events.rules.clear()
    stock.invoke(tick)

    assert answered(stock) == ["SUCCESS"]


@pytest.mark.parametrize("denied", ["remove_targets", "remove_permission", "delete_rule"])
def test_a_clean_up_that_does_not_succeed_leaves_success_a_success(
    stock: StockPlay, denied: str
) -> None:
    """The import succeeded; it says FAILED."""
    stock.invoke(stock.event())
    stock.events.broken[denied] = error("ThrottlingException")
    stock.status = "ACTIVE"
    stock.tick()

    assert answered(stock) == ["SUCCESS"]


class Connection:
    """An HTTPS connection to CloudFormation's URL, with replies to give in order."""

    replies: list[int | None] = []
    waits: list[float | None] = []

    def __init__(self, _: str, **options: float) -> None:
        self.waits.append(options.get("timeout"))

    def request(self, **_: object) -> None:
        self.status = self.replies.pop(0) if self.replies else 200
        self.reason = str(self.status)

    def getresponse(self) -> "Connection":
        return self


@pytest.fixture
def _connection() -> Iterator[None]:
    """Have crhelper's answers go to a stub."""
    Connection.replies, Connection.waits = [], []
    with patch.object(utils, "HTTPSConnection", Connection):
        yield


@pytest.mark.usefixtures("_connection")
def test_an_answer_that_meets_503_is_sent_again() -> None:
    """Any reply is taken for success."""
    Connection.replies = [503, 200]
    send_response("https://cloudformation.test/", {"Status": "SUCCESS"})

    assert len(Connection.waits) == 2


@pytest.mark.usefixtures("_connection")
def test_a_put_that_hangs_is_bounded() -> None:
    """The connection has no time limit."""
    send_response("https://cloudformation.test/", {"Status": "SUCCESS"})

    assert Connection.waits[0] is not None


def test_a_reason_that_is_long_keeps_its_head(stock: StockPlay) -> None:
    """It keeps the last 240 characters."""
    stock.starting = RuntimeError(BEFORE)
    stock.invoke(stock.event())

    assert "missing value in line 1" in stock.answers[0]["Reason"]


def test_a_function_that_exits_is_answered(stock: StockPlay) -> None:
    """It says nothing, and CloudFormation waits for an hour."""
    stock.starting = SystemExit(1)
    with pytest.raises(SystemExit) as _:
        stock.invoke(stock.event())

    assert answered(stock) == ["FAILED"]


@pytest.mark.usefixtures("_connection")
def test_the_response_url_is_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    """At its default level it logs events and URLs."""
    with caplog.at_level(logging.DEBUG):
        send_response("https://cloudformation.test/?X-Amz-Signature=5ec7e7", {})

    assert "5ec7e7" not in caplog.text
