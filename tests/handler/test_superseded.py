# SPDX-License-Identifier: Apache-2.0
"""Which requests are over: answered, expired, or no longer the newest of their resource."""

import pytest

from dataset_import.claim import Claim, SupersededError
from tests.fakes.kernel import START
from tests.handler.schedules import DATED, DENIED, THROTTLED, Bench, tick

UNDATED = "https://cloudformation.test/"


@pytest.fixture
def bench() -> Bench:
    """Make a bench with an empty ledger."""
    return Bench()


def made(bench: Bench, **changes: object) -> Claim:
    """A claim of the request that has an entry."""
    claim = bench.claim()
    assert claim.make(**changes)
    return claim


@pytest.mark.parametrize("closed", [True, False])
def test_an_older_request_stops(bench: Bench, closed: bool) -> None:
    """Whether or not the newer one has been answered."""
    bench.put(1, issued=START + 1, closed=closed)

    with pytest.raises(SupersededError):
        bench.claim()

    assert bench.numbers == [1]


def test_an_older_request_stops_when_the_newer_one_comes_before_it_writes(bench: Bench) -> None:
    """It has looked, and then it has been too slow."""
    claim = bench.claim()
    bench.put(1, issued=START + 1)

    with pytest.raises(SupersededError):
        claim.make(job_name="job-1")

    assert bench.numbers == [1]


def test_an_older_request_with_an_entry_stops_before_its_next_step(bench: Bench) -> None:
    """What it was about to do, it must not do."""
    claim = made(bench)
    bench.put(2, issued=START + 1)

    with pytest.raises(SupersededError):
        claim.make(job_name="job-1")

    assert bench.entry(1).job_name == ""


def test_of_two_requests_of_one_second_the_one_that_arrives_counts(bench: Bench) -> None:
    """And not the one that has an entry already."""
    older = made(bench)
    newer = bench.claim(bench.request("r2"))

    assert newer.make()
    with pytest.raises(SupersededError):
        older.make()
    assert newer.make(job_name="job-2")


def test_a_tick_of_a_superseded_request_closes_its_entry(bench: Bench) -> None:
    """So that it is its last; what it had done stays written."""
    claim = made(bench, job_name="job-1")
    newer = bench.put(2, issued=START + 1)

    with pytest.raises(SupersededError):
        bench.claim(tick(claim))

    assert (bench.entry(1).closed, bench.entry(1).job_name) == (True, "job-1")
    assert bench.entry(2) == newer


def test_an_entry_that_cannot_be_closed_is_left_to_the_next_tick(bench: Bench) -> None:
    """The request is over all the same."""
    claim = made(bench)
    bench.put(2, issued=START + 1)
    bench.schedules.errors["update"].append(THROTTLED)

    with pytest.raises(SupersededError):
        bench.claim(tick(claim))

    assert not bench.entry(1).closed


def test_a_request_that_has_been_answered_stops(bench: Bench) -> None:
    """Its event was delivered once more."""
    made(bench).save(closed=True)

    with pytest.raises(SupersededError):
        bench.claim()


def test_a_late_tick_of_a_request_that_has_been_answered_stops(bench: Bench) -> None:
    """It set out before the answer; what the entry remembers by now is not written over."""
    claim = made(bench)
    late = tick(claim)
    claim.make(job_name="job-1")
    claim.save(closed=True)

    with pytest.raises(SupersededError):
        bench.claim(late)

    assert (bench.entry(1).closed, bench.entry(1).job_name) == (True, "job-1")


def test_a_tick_whose_entry_has_expired_stops(bench: Bench) -> None:
    """It outlived its request, and writes nothing."""
    event = tick(made(bench))
    bench.schedules.kept.clear()

    with pytest.raises(SupersededError):
        bench.claim(event)

    assert bench.schedules.kept == {}


def test_an_event_that_comes_again_late_finds_its_decision_where_others_have_moved_the_bookmark(
    bench: Bench,
) -> None:
    """Its own entry lies before the one at which reading begins; to make another would be to begin anew."""
    claim = bench.claim()
    claim.decide({"Status": "SUCCESS"}, goes_on=True)
    bench.mark(3)

    assert bench.stops(bench.claim)
    assert bench.numbers == [1, 2]


def test_a_tick_leaves_the_entry_alone_that_another_request_has_in_the_place_of_its_own(
    bench: Bench,
) -> None:
    """Numbers begin anew when all is forgotten."""
    event = tick(made(bench))
    theirs = bench.put(1)

    with pytest.raises(SupersededError):
        bench.claim(event)

    assert bench.entry(1) == theirs


def test_a_claim_whose_entry_has_expired_stops(bench: Bench) -> None:
    """The same, amid its work."""
    claim = made(bench)
    bench.schedules.kept.clear()

    with pytest.raises(SupersededError):
        claim.make(job_name="job-1")


@pytest.mark.parametrize("url", [DATED, UNDATED])
def test_an_event_is_good_for_as_long_as_its_url(bench: Bench, url: str) -> None:
    """Nobody could be answered after that. A URL without a date is taken to be new."""
    bench.clock.now += 7200
    good = bench.claim(bench.request("r1", url))
    bench.clock.now += 1

    assert good.state.expires >= START + 7200
    if url == DATED:
        with pytest.raises(SupersededError):
            bench.claim()
    else:
        assert bench.claim(bench.request("r1", url)).state.issued == bench.clock.now


def test_a_request_whose_url_has_expired_closes_its_entry(bench: Bench) -> None:
    """There is no use in further ticks."""
    event = tick(made(bench))
    bench.clock.now += 7201

    with pytest.raises(SupersededError):
        bench.claim(event)

    assert bench.entry(1).closed


def test_a_request_that_goes_on_after_its_answer_outlives_its_url(bench: Bench) -> None:
    """As long as it is remembered."""
    claim = made(bench)
    claim.save(answered=True)
    event = tick(claim)

    bench.clock.now = claim.state.ends
    going_on = bench.claim(event)
    bench.clock.now += 1

    assert going_on.state == claim.state
    with pytest.raises(SupersededError):
        bench.claim(event)


def test_a_late_tick_does_not_end_a_request_that_goes_on_after_its_answer(bench: Bench) -> None:
    """It set out before the answer, and waited for hours for a free place to run in."""
    claim = made(bench)
    late = tick(claim)
    claim.save(answered=True)
    bench.clock.now += 7201

    assert bench.claim(late).state == claim.state
    assert not bench.entry(1).closed


@pytest.mark.parametrize("problem", [THROTTLED, DENIED])
def test_an_expired_request_need_not_be_looked_up(bench: Bench, problem: Exception) -> None:
    """Whatever its entry says, if it cannot be read."""
    event = tick(made(bench))
    bench.clock.now += 7201
    bench.schedules.errors["find"].append(problem)

    with pytest.raises(SupersededError):
        bench.claim(event)
