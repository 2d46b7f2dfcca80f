# SPDX-License-Identifier: Apache-2.0
"""What is known of a request, and which of two requests counts."""

import time

import pytest

from dataset_import.state import LIFE, RequestState, is_dated

NOW = 1_795_000_000.0
DATE = "20261118T105321Z"
ISSUED = 1_794_999_201.0


def event(
    request: str = "r1", query: str = f"X-Amz-Date={DATE}&X-Amz-Expires=7200&X-Amz-Signature=s"
) -> dict[str, str]:
    """Make an event with a presigned URL."""
    return {"RequestId": request, "ResponseURL": f"https://cloudformation.test/answer?{query}"}


def test_a_presigned_url_tells_when_it_was_made_and_how_long_it_is_good() -> None:
    """The deadline counts from when CloudFormation sent the request, not from when it arrived."""
    state = RequestState.new(event(), NOW, 600)

    assert (state.issued, state.expires, state.deadline) == (ISSUED, ISSUED + 7200, ISSUED + 600)
    assert is_dated(event())


def test_the_date_of_a_url_is_utc_wherever_the_handler_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS signs in UTC."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "America/New_York")
        time.tzset()
        issued = RequestState.new(event(), NOW, 600).issued
    time.tzset()

    assert issued == ISSUED


@pytest.mark.parametrize(
    "query",
    [
        "",
        "X-Amz-Date=yesterday&X-Amz-Expires=7200",
        f"X-Amz-Date={DATE}",
        f"X-Amz-Date={DATE}&X-Amz-Expires=x",
    ],
)
def test_a_url_that_does_not_tell_was_made_now(query: str) -> None:
    """And is good for two hours, as CloudFormation's are."""
    state = RequestState.new(event(query=query), NOW, 600)

    assert (state.issued, state.expires, state.deadline) == (NOW, NOW + 7200, NOW + 600)
    assert not is_dated(event(query=query))


@pytest.mark.parametrize(("timeout", "after"), [(60, 60), (3480, 3480), (3600, 3480), (9999, 3480)])
def test_the_deadline_leaves_cloudformation_two_minutes_of_its_hour(timeout: float, after: float) -> None:
    """A tick may come a minute late."""
    assert RequestState.new(event(), NOW, timeout).deadline == ISSUED + after


def test_a_request_is_its_id_and_its_url_without_revealing_either() -> None:
    """The same RequestId with another URL has been sent again."""
    marks = {
        RequestState.new(made, NOW, 60).request
        for made in (event(), event("r2"), event(query="X-Amz-Signature=other"))
    }

    assert len(marks) == 3
    assert RequestState.new(event(), NOW, 60).request == RequestState.new(event(), NOW + 9, 99).request
    assert all(len(mark) == 32 and set(mark) <= set("0123456789abcdef") for mark in marks)


def test_a_state_is_read_as_it_was_stored_whatever_the_version() -> None:
    """Another version of the handler may have stored more, or less."""
    state = RequestState.new(event(), NOW, 60)
    stored = {**state._asdict(), "from_the_future": True}
    del stored["settles"]

    assert RequestState.read(stored) == state


def test_a_new_request_has_done_nothing_yet() -> None:
    """No job, no answer, nothing to wait for, no entry."""
    state = RequestState.new(event(), NOW, 60)

    assert (state.job_name, state.previous_job, state.answer, state.closed) == ("", "", None, False)
    assert (state.settles, state.last_words, state.queued, state.answered) == (0.0, "", False, False)
    assert state.number == 0


@pytest.mark.parametrize("timeout", [60, 43_200])
def test_all_requests_are_remembered_for_the_same_time(timeout: float) -> None:
    """So they are forgotten in the order in which they came, whatever they may take."""
    assert RequestState.new(event(), NOW, timeout).ends == NOW + 14 * 3600 == NOW + LIFE
