# SPDX-License-Identifier: Apache-2.0
"""A request's claim to be the one of its resource that counts, against schedules kept in memory."""

import pytest

from dataset_import.claim import SETTLING
from dataset_import.polling import PollingError
from dataset_import.state import LIFE
from tests.handler.clock import START
from tests.handler.schedules import THROTTLED, Bench, tick


@pytest.fixture
def bench() -> Bench:
    """Make a bench with an empty ledger."""
    return Bench()


def test_a_new_request_is_taken_up_without_writing(bench: Bench) -> None:
    """It has no entry before it has anything to remember."""
    claim = bench.claim()

    assert (claim.is_made, claim.is_saved, claim.undelivered) == (False, False, None)
    assert (claim.state.issued, claim.state.ends) == (START, START + LIFE)
    assert bench.schedules.kept == {}


def test_a_claim_is_made_by_an_entry(bench: Bench) -> None:
    """It has what is known, and the claim is what was written."""
    claim = bench.claim()

    assert claim.make(job_name="job-1")
    assert (claim.is_made, claim.is_saved) == (True, True)
    assert claim.state == bench.entry(1)
    assert (claim.state.job_name, claim.state.number) == ("job-1", 1)


def test_an_event_that_comes_twice_goes_on_with_its_entry(bench: Bench) -> None:
    """AWS Lambda delivers at least once."""
    first = bench.claim()
    first.make(job_name="job-1")

    again = bench.claim()

    assert (again.is_made, again.state) == (True, first.state)
    assert again.make()
    assert bench.numbers == [1]


def test_a_tick_goes_on_with_what_the_entry_says_now(bench: Bench) -> None:
    """Its event has what was known when the schedule was written, or before."""
    claim = bench.claim()
    claim.make()
    event = tick(claim)
    claim.make(job_name="job-1")

    ticked = bench.claim(event)

    assert ticked.state == claim.state
    assert (ticked.state.job_name, ticked.is_saved) == ("job-1", True)


def test_what_another_invocation_wrote_first_stands(bench: Bench) -> None:
    """Of two that begin at once, one chooses the name; the other one tells that its own was not written."""
    first, second = bench.claim(), bench.claim()

    assert first.make(job_name="job-1")
    assert not second.make(job_name="job-2")
    assert (first.state.job_name, second.state) == ("job-1", first.state)
    assert bench.numbers == [1]


def test_what_another_invocation_wrote_meanwhile_stands(bench: Bench) -> None:
    """Of two that have the entry already, too."""
    first = bench.claim()
    first.make()
    second = bench.claim()
    first.make(job_name="job-1")

    assert not second.make(job_name="job-2")
    assert second.make()
    assert (second.state, bench.entry(1)) == (first.state, first.state)


def test_who_wants_to_change_nothing_is_content_with_what_others_wrote(bench: Bench) -> None:
    """Nothing has been lost."""
    first, second = bench.claim(), bench.claim()
    first.make(job_name="job-1")

    assert second.make()
    first.make(job_name="job-2")
    assert second.make()
    assert second.state.job_name == "job-2"


def test_an_unchanged_claim_only_looks(bench: Bench) -> None:
    """Writing would put off the next tick."""
    claim = bench.claim()
    claim.make(job_name="job-1")
    bench.schedules.calls.clear()

    assert claim.make(job_name="job-1")
    assert {operation for operation, _ in bench.schedules.calls} == {"find"}


def test_what_was_noted_is_written_with_the_next_claim(bench: Bench) -> None:
    """Until then it is not saved."""
    claim = bench.claim()
    claim.make()
    claim.state = claim.state._replace(last_words="busy")
    before = claim.is_saved

    assert claim.make()
    assert (before, claim.is_saved, bench.entry(1).last_words) == (False, True, "busy")


def test_a_claim_that_is_not_made_saves_nothing(bench: Bench) -> None:
    """It has no entry of its own to write to."""
    claim = bench.claim()

    claim.save(closed=True)

    assert (bench.schedules.kept, claim.state.closed) == ({}, False)


def test_a_claim_saves_without_a_look(bench: Bench) -> None:
    """Its answer has been delivered, whoever comes now."""
    claim = bench.claim()
    claim.make()
    bench.schedules.calls.clear()

    claim.save(closed=True)

    assert bench.entry(1).closed
    assert bench.schedules.calls == [("update", f"{bench.name}-1")]


def test_what_was_not_saved_is_known_not_to_be(bench: Bench) -> None:
    """The state is ahead of the entry then."""
    claim = bench.claim()
    claim.make()
    bench.schedules.errors["update"].append(THROTTLED)

    with pytest.raises(PollingError):
        claim.save(answered=True)

    assert (claim.state.answered, claim.is_saved, bench.entry(1).answered) == (True, False, False)


def test_a_make_whose_reply_is_lost_finds_its_entry(bench: Bench) -> None:
    """It was written after all, and is not written twice."""
    bench.schedules.lost["create"].append(THROTTLED)
    claim = bench.claim()

    with pytest.raises(PollingError):
        claim.make(job_name="job-1")
    assert not claim.make(job_name="job-2")
    assert (claim.state, claim.state.job_name, bench.numbers) == (bench.entry(1), "job-1", [1])


def test_who_cannot_look_takes_the_event_at_its_word(bench: Bench) -> None:
    """A tick carries what was known when it was made; nothing is written before a look."""
    claim = bench.claim()
    claim.make(job_name="job-1")
    event = tick(claim)
    claim.make(job_name="job-2")
    bench.schedules.errors["find"].append(THROTTLED)

    ticked = bench.claim(event)

    assert (ticked.state.job_name, ticked.is_saved) == ("job-1", False)
    assert not ticked.make(job_name="job-3")
    assert ticked.state.job_name == bench.entry(1).job_name == "job-2"


def test_a_new_request_that_cannot_look_looks_before_it_claims(bench: Bench) -> None:
    """There may be somebody to take over from."""
    bench.put(1, job_name="job-0")
    bench.schedules.errors["find"].append(THROTTLED)
    claim = bench.claim()

    assert not claim.make(job_name="job-1")
    assert (claim.state.previous_job, claim.state.number) == ("job-0", 2)
    assert claim.make(job_name="job-1")
    assert bench.entry(2).job_name == "job-1"


def test_a_newer_request_takes_over_and_waits_for_calls_under_way(bench: Bench) -> None:
    """The older one's last call may land until then; its job is remembered."""
    bench.put(1, job_name="job-0")

    claim = bench.claim()

    assert (claim.state.settles, claim.state.previous_job) == (START + SETTLING, "job-0")
    assert claim.make()
    assert bench.entry(2) == claim.state


@pytest.mark.parametrize("entries", [1, 2])
def test_a_newer_request_need_not_wait_for_one_that_is_over(bench: Bench, entries: int) -> None:
    """Closed by its delivery, or by what it decided to deliver last; its job is remembered all the same."""
    bench.put(1, job_name="job-0", closed=entries == 1)
    if entries == 2:
        bench.put(2, job_name="job-0", answer={"Status": "FAILED"}, closed=True)

    claim = bench.claim()

    assert (claim.state.settles, claim.state.previous_job) == (0.0, "job-0")


def test_a_request_that_goes_on_after_its_answer_is_waited_for(bench: Bench) -> None:
    """It may be about to start its job, hours later."""
    bench.put(1, job_name="job-0", answered=True)
    bench.put(2, job_name="job-0", answer={"Status": "SUCCESS"})

    assert bench.claim().state.settles == START + SETTLING


def test_a_request_that_came_between_is_taken_over_from(bench: Bench) -> None:
    """The take-over waits from when it was noticed, and what was to be written was not."""
    claim = bench.claim()
    bench.put(1, job_name="job-0")
    bench.clock.now += 3

    assert not claim.make(job_name="job-1")
    assert (claim.state.settles, claim.state.previous_job) == (bench.clock.now + SETTLING, "job-0")
    assert (bench.numbers, bench.entry(2)) == ([1, 2], claim.state)


def test_any_number_of_requests_may_come_between(bench: Bench) -> None:
    """Each is read before the next try to write."""
    claim = bench.claim()
    bench.schedules.between["create"].extend([lambda: bench.put(1)])
    bench.schedules.between["create"].extend([lambda: None, lambda: bench.put(2)])

    assert claim.make()
    assert (bench.numbers, claim.state.number) == ([1, 2, 3], 3)
