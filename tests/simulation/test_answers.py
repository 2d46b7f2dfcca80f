# SPDX-License-Identifier: Apache-2.0
"""The answer's way to CloudFormation, with all that may befall it; all invariants hold."""

import json
import logging

import pytest

from tests.fakes.callback_server import callback_server
from tests.fakes.faults import LOST, REPLY_LOST, THROTTLED, Fault, refused
from tests.simulation.scenario import Scenario, reason, status

ODD = [
    '"quoted" \\ and\nbroken\tlines',
    "日本語のデータ " * 300,
    "🦆" * 2000,
    "\udcff\x00\x7f" * 400,
    "é" * 5000,
]


def test_an_answer_that_meets_503_is_sent_again(scenario: Scenario) -> None:
    """S3 behind the URL may be busy."""
    with callback_server(scenario.simulation, 503, 503) as server:
        request = scenario.send("Create")
        scenario.wait(3600)

    assert status(request) == "SUCCESS"
    assert server.puts == 3


def test_an_answer_that_is_refused_is_given_up_and_cleaned_up_after(
    scenario: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    """HTTP status 403 will not change: it is logged once, and the polling ends."""
    with callback_server(scenario.simulation, *[403] * 9) as server:
        request = scenario.send("Create")
        scenario.wait(3600)

    assert request.answers == []
    assert server.puts == 1
    assert [record for record in caplog.messages if "403" in record] == [
        "CloudFormation replied to the answer with HTTP status 403"
    ]
    assert scenario.schedules() == 0


@pytest.mark.parametrize("hangs", [1, 4, 6])
def test_a_put_that_hangs_is_bounded_and_tried_again(scenario: Scenario, hangs: int) -> None:
    """By the same invocation a few times, then by the next."""
    with callback_server(scenario.simulation, *[0] * hangs) as server:
        request = scenario.send("Create")
        scenario.wait(3600)

    assert {answer["Status"] for answer in request.answers} == {"SUCCESS"}
    assert server.puts > hangs


@pytest.mark.parametrize("losses", [1, 5])
def test_an_answer_that_was_stored_is_never_contradicted(scenario: Scenario, losses: int) -> None:
    """Its reply was lost, so it is sent again, word for word."""
    with callback_server(scenario.simulation, *[-1] * losses):
        request = scenario.send("Create", scenario.properties(Timeout="60"))
        scenario.wait(3600)

    assert len(request.answers) > losses
    assert {json.dumps(answer) for answer in request.answers} == {json.dumps(request.answer)}


@pytest.mark.parametrize("fault", [LOST, REPLY_LOST], ids=str)
@pytest.mark.parametrize("times", [1, 4])
def test_an_answer_that_was_lost_is_sent_by_a_later_invocation(
    scenario: Scenario, fault: Fault, times: int
) -> None:
    """The schedule stays until CloudFormation has the answer."""
    scenario.faults.next("Put", *[fault] * times)

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert scenario.schedules() == 0


@pytest.mark.parametrize("words", ODD, ids=range(len(ODD)))
def test_a_reason_that_is_long_or_odd_makes_a_valid_answer_that_keeps_its_head(
    scenario: Scenario, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """At most 4,096 bytes, valid JSON, beginning with what failed."""
    caplog.set_level(logging.CRITICAL, logger="dataset_import")  # a traceback shows the words as they came
    scenario.simulation.invariants.denials = True
    scenario.faults.always("CreateDatasetImportJob", refused("InvalidInputException", words))

    request = scenario.deploy()

    assert status(request) == "FAILED"
    head = words[:100].encode(errors="replace").decode()  # a lone surrogate is no text
    assert "Personalize said: " + head.rstrip() in reason(request)


def test_the_response_url_is_in_no_log_line_and_no_name(
    scenario: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    """Who has the URL can answer in our name."""
    caplog.set_level(logging.DEBUG)
    scenario.faults.next("DescribeDataset", THROTTLED)
    scenario.faults.next("PutItem", LOST)
    with callback_server(scenario.simulation, 503, 0, 0, 0, 0, 0, 500):
        request = scenario.send("Create")
        scenario.wait(3600)

    secret = request.event["ResponseURL"].split("X-Amz-Signature=")[1]
    kept = [str(item) for item in scenario.simulation.dynamodb.items()]
    assert status(request) == "SUCCESS"
    assert caplog.records
    assert "X-Amz-Signature" not in caplog.text
    assert secret not in str([vars(record) for record in caplog.records])
    assert kept
    assert all(secret not in item for item in kept)
