# SPDX-License-Identifier: Apache-2.0
"""What is to be delivered is decided once, by an entry of the ledger, against schedules kept in memory."""

import pytest

from dataset_import.claim import ATTEMPT_PAUSE, ATTEMPTS
from dataset_import.faults import Fault
from dataset_import.polling import PollingError
from dataset_import.watch import TIME_TO_SEND
from tests.fakes.kernel import START
from tests.handler.schedules import DENIED, FINAL, THROTTLED, Bench, tick

SUCCESS, FAILED = {"Status": "SUCCESS"}, {"Status": "FAILED"}


@pytest.fixture
def bench() -> Bench:
    """Make a bench with an empty ledger."""
    return Bench()


def test_a_decision_is_an_entry_after_the_requests_own(bench: Bench) -> None:
    """The request makes its own first, if it has none, for a schedule to go on with it."""
    claim = bench.claim()

    assert claim.decide(SUCCESS) == SUCCESS
    assert bench.numbers == [1, 2]
    assert (bench.entry(1), bench.entry(2).answer) == (claim.state, SUCCESS)
    assert claim.undelivered == SUCCESS


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_decision_tells_whether_the_request_is_over_then(bench: Bench, goes_on: bool) -> None:
    """A newer one waits for calls under way only if it is not."""
    claim = bench.claim()

    claim.decide(SUCCESS, goes_on=goes_on)

    assert (bench.entry(1).closed, bench.entry(2).closed) == (False, not goes_on)


def test_what_was_decided_is_not_thought_over(bench: Bench) -> None:
    """By the same invocation, by one that has looked before, or by a later one."""
    first, second = bench.claim(), bench.claim()

    assert first.decide(SUCCESS) == SUCCESS
    assert second.decide(FAILED) == SUCCESS
    assert first.decide(FAILED) == SUCCESS
    assert bench.claim(tick(first)).decide(FAILED) == SUCCESS
    assert bench.numbers == [1, 2]


def test_of_two_who_decide_at_once_both_deliver_the_first(bench: Bench) -> None:
    """Each has looked before the other one wrote."""
    first = bench.claim()
    first.make()
    second = bench.claim()

    first.decide(SUCCESS)

    assert second.undelivered is None
    assert second.decide(FAILED) == SUCCESS
    assert bench.numbers == [1, 2]


def test_a_later_invocation_knows_what_to_deliver(bench: Bench) -> None:
    """The one that decided may have died before it delivered."""
    bench.claim().decide(SUCCESS)

    assert bench.claim().undelivered == SUCCESS


def test_who_would_change_something_stops_when_all_has_been_decided(bench: Bench) -> None:
    """The twin's work is done, and this one's not needed."""
    twin = bench.claim()
    twin.make()
    claim = bench.claim()
    twin.decide(SUCCESS)

    made = bench.stops(lambda: claim.make(job_name="job-1"))

    assert (made, bench.entry(1).job_name) == (True, "")


def test_the_signal_is_decided_after_the_answer(bench: Bench) -> None:
    """What is undelivered is the first until CloudFormation has its answer, and then the second."""
    claim = bench.claim()
    claim.decide(SUCCESS, goes_on=True)
    claim.save(answered=True)
    between = claim.undelivered

    assert between is None
    assert claim.decide(FAILED, is_signal=True) == FAILED
    assert (claim.undelivered, bench.claim().undelivered) == (FAILED, FAILED)
    assert [bench.entry(number).answer for number in bench.numbers] == [None, SUCCESS, FAILED]
    assert [bench.entry(number).closed for number in bench.numbers] == [False, False, True]


def test_who_decides_after_the_answer_was_delivered_delivers_it_again_and_no_signal(bench: Bench) -> None:
    """An invocation whose looks had failed, or that was slow, has nothing to add."""
    twin = bench.claim()
    twin.make()
    claim = bench.claim()
    twin.decide(SUCCESS, goes_on=True)
    twin.save(answered=True)

    assert claim.decide(FAILED) == SUCCESS
    assert bench.numbers == [1, 2]
    assert (claim.state.answered, claim.undelivered) == (True, None)


def test_a_signal_is_told_from_an_answer_by_its_mark(bench: Bench) -> None:
    """Not by its place: an answer that could not be written down has been delivered without an entry."""
    claim = bench.claim()
    claim.make()
    claim.save(answered=True)
    claim.decide(FAILED, is_signal=True)

    again = bench.claim()

    assert (again.decided, again.undelivered) == ({True: FAILED}, FAILED)
    assert again.decide(SUCCESS, is_signal=True) == FAILED


def test_of_two_answers_that_were_written_the_first_stands(bench: Bench) -> None:
    """Whatever wrote the second one."""
    claim = bench.claim()
    claim.make()
    bench.put(2, claim.state, answer=SUCCESS)
    bench.put(3, claim.state, answer=FAILED)

    assert claim.decide(FAILED) == SUCCESS
    assert bench.numbers == [1, 2, 3]


def test_a_request_that_goes_on_may_write_after_its_answer(bench: Bench) -> None:
    """An answer that has been delivered stops nobody."""
    claim = bench.claim()
    claim.decide(SUCCESS, goes_on=True)
    claim.save(answered=True)

    assert claim.make(job_name="job-1")
    assert bench.entry(1).job_name == "job-1"


@pytest.mark.parametrize("made", [True, False])
def test_an_answer_that_nobody_waits_for_is_not_delivered(bench: Bench, made: bool) -> None:
    """A newer request has taken over, and nothing is written after it."""
    claim = bench.claim()
    if made:
        claim.make()
    bench.put(1 + made, issued=START + 1)

    assert claim.decide(SUCCESS) is None
    assert (len(bench.numbers), claim.decided) == (1 + made, {})


def test_a_decision_takes_its_place_from_an_older_request(bench: Bench) -> None:
    """It came between; the entry follows it."""
    claim = bench.claim()
    bench.put(1)

    assert claim.decide(SUCCESS) == SUCCESS
    assert bench.numbers == [1, 2, 3]
    assert bench.entry(3).answer == SUCCESS


@pytest.mark.parametrize(("problem", "tries"), [(THROTTLED, ATTEMPTS), (DENIED, 1), (FINAL, 1)])
def test_an_answer_is_delivered_even_if_it_cannot_be_written_down(
    bench: Bench, problem: Exception, tries: int
) -> None:
    """Somebody waits for it; what may pass is tried again."""
    bench.schedules.errors["create"].extend([problem] * 99)
    claim = bench.claim()

    assert claim.decide(SUCCESS) == SUCCESS
    assert (bench.schedules.count("create"), bench.numbers) == (tries, [])
    assert claim.undelivered == SUCCESS


@pytest.mark.parametrize(("time_left", "tries"), [(30, ATTEMPTS), (5, 3)])
def test_an_answer_is_delivered_while_there_is_time_to(bench: Bench, time_left: float, tries: int) -> None:
    """To write it down comes second."""
    bench.schedules.errors["create"].extend([THROTTLED] * 99)
    watch = bench.watch(time_left=TIME_TO_SEND + time_left)

    assert watch.claim.decide(SUCCESS) == SUCCESS
    assert bench.schedules.count("create") == tries
    assert bench.elapsed < time_left


def test_a_decision_is_written_down_at_the_second_try(bench: Bench) -> None:
    """What passes is no reason to go without."""
    claim = bench.claim()
    claim.make()
    bench.schedules.errors["create"].append(THROTTLED)

    assert claim.decide(SUCCESS) == SUCCESS
    assert bench.entry(2).answer == SUCCESS
    assert len(claim.decided) == 1


def test_between_two_tries_there_is_a_pause(bench: Bench) -> None:
    """A service that is out for some seconds is outlasted: an answer without an entry is the last resort."""
    bench.schedules.errors["create"].extend([THROTTLED] * (ATTEMPTS - 1))
    claim = bench.claim()

    assert claim.decide(SUCCESS) == SUCCESS
    assert bench.elapsed == (ATTEMPTS - 1) * ATTEMPT_PAUSE
    assert bench.numbers == [1, 2]


def test_an_entry_that_is_said_to_be_there_but_cannot_be_read_is_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a pause: EventBridge Scheduler may show a schedule later than it refuses another of its name."""
    claim = bench.claim()
    bench.put(1)
    monkeypatch.setattr(bench.schedules, "find", lambda _: None)

    with pytest.raises(PollingError) as caught:
        claim.make(job_name="job-1")
    decided = claim.decide(SUCCESS)

    assert caught.value.fault is Fault.TRANSIENT
    assert decided == SUCCESS
    assert bench.elapsed == ATTEMPTS * ATTEMPT_PAUSE


def test_a_decision_whose_reply_is_lost_stands(bench: Bench) -> None:
    """It was written after all, and is not written twice."""
    claim = bench.claim()
    claim.make()
    bench.schedules.lost["create"].append(THROTTLED)

    assert claim.decide(SUCCESS) == SUCCESS
    assert (bench.numbers, claim.decided) == ([1, 2], {False: SUCCESS})
