# SPDX-License-Identifier: Apache-2.0
"""One invocation's share of the waiting, against schedules that are kept in memory."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dataset_import.claim import SETTLING
from dataset_import.polling import PollingError
from dataset_import.watch import (
    LONGEST_WORDS,
    NEXT_TICK,
    PROPAGATION,
    RETRY_PAUSE,
    TIME_TO_ANSWER,
    NotFollowedError,
    Watch,
)
from tests.handler.clock import START
from tests.handler.schedules import DENIED, FINAL, THROTTLED, Bench


@pytest.fixture
def bench() -> Bench:
    """Make a bench with an empty ledger."""
    return Bench()


def noting(watch: Watch, words: str) -> Callable[[], float]:
    """A look that learns why the request has to wait."""

    def look() -> float:
        watch.note(words)
        return NEXT_TICK

    return look


def test_the_start_of_the_clock_is_the_date_of_the_url(bench: Bench) -> None:
    """The bench hangs together."""
    watch = bench.watch()
    bench.clock.now += 7

    assert watch.state.issued == START
    assert watch.age == 7


@pytest.mark.parametrize(("time_left", "ends"), [(90, 58), (78, 58), (60, 40)])
def test_an_invocation_watches_until_just_before_the_next_tick_or_its_end(
    bench: Bench, time_left: float, ends: float
) -> None:
    """Two at once would look twice as often."""
    watch = bench.watch(time_left=time_left)

    assert watch.ends == START + ends
    assert watch.run(lambda: 1.0) is None
    assert bench.elapsed == ends


def test_a_tick_that_was_held_back_looks_once(bench: Bench) -> None:
    """AWS Lambda may deliver many of them at once when there is room again; the latest one watches."""
    made = bench.watch()
    assert made.claim.make()
    tick = {**bench.event, "CrHelperPoll": True, "CrHelperData": made.state._asdict()}
    bench.clock.now += 300
    due = datetime.fromtimestamp(START + 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    looks: list[float] = []

    def look() -> float:
        looks.append(bench.elapsed)
        return 2.5

    bench.watch({**tick, "DueAt": due}).run(look)

    assert (looks, bench.elapsed) == ([300], 300)


def test_a_result_ends_the_watching_at_once(bench: Bench) -> None:
    """No schedule is needed for what is done."""
    assert bench.watch().run(lambda: "done") == "done"
    assert (bench.elapsed, bench.schedules.kept) == (0, {})


def test_who_waits_for_the_next_tick_has_a_schedule(bench: Bench) -> None:
    """Made after the first look."""
    watch = bench.watch()

    before = watch.claim.is_made
    assert watch.run(lambda: NEXT_TICK) is None
    assert (before, watch.claim.is_made) == (False, True)
    assert (bench.elapsed, bench.entry(1)) == (0, watch.state)


def test_looks_that_learn_nothing_write_nothing(bench: Bench) -> None:
    """One entry, however often it is looked."""
    bench.watch().run(lambda: 5.0)

    assert (bench.schedules.count("create"), bench.schedules.count("update")) == (1, 0)


def test_what_a_look_has_learned_is_written_down(bench: Bench) -> None:
    """The next invocation begins with it."""
    watch = bench.watch()
    watch.claim.make()

    watch.run(noting(watch, "The quota is used up."))

    assert bench.entry(1).last_words == "The quota is used up."


@pytest.mark.parametrize("queued", [True, False])
def test_a_note_says_why_the_request_waits(bench: Bench, queued: bool) -> None:
    """Long words are cut: an entry has room for so many."""
    watch = bench.watch()

    watch.note("x" * (LONGEST_WORDS + 1), queued=queued)

    assert (watch.state.last_words, watch.state.queued) == ("x" * LONGEST_WORDS, queued)
    watch.note("")
    assert (watch.state.last_words, watch.state.queued) == ("", False)


def test_a_request_that_has_taken_over_looks_when_all_calls_have_to_be_over(bench: Bench) -> None:
    """And not before."""
    bench.put(1)
    looks: list[float] = []

    def look() -> float:
        looks.append(bench.elapsed)
        return NEXT_TICK

    assert bench.watch().run(look) is None
    assert looks == [SETTLING]


def test_the_deadline_ends_the_request(bench: Bench) -> None:
    """Exactly then, if this invocation lasts that long."""
    watch = bench.watch()
    watch.claim.state = watch.state._replace(deadline=START + 30)

    with pytest.raises(TimeoutError):
        watch.run(lambda: 7.0)

    assert bench.elapsed == 30
    assert watch.is_late


def test_a_deadline_at_the_end_of_the_invocation_is_its_own_to_call(bench: Bench) -> None:
    """The pause before it is shortened."""
    watch = bench.watch()
    watch.claim.state = watch.state._replace(deadline=watch.ends)

    with pytest.raises(TimeoutError):
        watch.run(lambda: 7.0)

    assert bench.clock.now == watch.ends


def test_a_deadline_after_the_invocation_is_left_to_the_next(bench: Bench) -> None:
    """Even one a second later."""
    watch = bench.watch()
    watch.claim.state = watch.state._replace(deadline=watch.ends + 1)

    assert watch.run(lambda: 7.0) is None
    assert not watch.is_late


def test_an_error_that_is_final_ends_the_request_at_once(bench: Bench) -> None:
    """Trying again cannot help."""
    bench.schedules.errors["create"].append(FINAL)

    with pytest.raises(PollingError):
        bench.watch().run(lambda: NEXT_TICK)

    assert bench.elapsed == 0


@pytest.mark.parametrize("problem", [DENIED, THROTTLED])
def test_a_schedule_that_cannot_be_made_yet_is_tried_for_again(bench: Bench, problem: Exception) -> None:
    """Every ten seconds; what was said is remembered."""
    bench.schedules.errors["create"].extend([problem] * 3)
    watch = bench.watch()

    assert watch.run(lambda: NEXT_TICK) is None

    assert bench.elapsed == 3 * RETRY_PAUSE
    assert watch.last_words == "as injected"


def test_a_schedule_that_cannot_be_made_in_time_is_left_to_aws_lambda(bench: Bench) -> None:
    """It tries the event again after a minute, and then after two."""
    bench.schedules.errors["create"].extend([DENIED] * 99)

    with pytest.raises(NotFollowedError):
        bench.watch().run(lambda: NEXT_TICK)

    assert bench.elapsed == 50


@pytest.mark.parametrize("age", [PROPAGATION, PROPAGATION + 60])
def test_a_refusal_is_believed_after_three_minutes(bench: Bench, age: float) -> None:
    """Then no role is new any more."""
    bench.clock.now += age
    bench.schedules.errors["create"].extend([DENIED] * 99)

    with pytest.raises(PollingError):
        bench.watch().run(lambda: NEXT_TICK)

    assert bench.elapsed == age


def test_throttling_is_believed_only_when_nobody_would_try_again(bench: Bench) -> None:
    """After three minutes AWS Lambda has no tries left."""
    bench.clock.now += PROPAGATION
    bench.schedules.errors["create"].extend([THROTTLED] * 99)

    with pytest.raises(PollingError):
        bench.watch().run(lambda: NEXT_TICK)

    assert bench.elapsed == PROPAGATION + 50


def test_throttling_at_three_minutes_has_nobody_who_would_try_again(bench: Bench) -> None:
    """To the second."""
    bench.clock.now += PROPAGATION - 50
    bench.schedules.errors["create"].extend([THROTTLED] * 99)

    with pytest.raises(PollingError):
        bench.watch().run(lambda: NEXT_TICK)

    assert bench.elapsed == PROPAGATION


def test_the_last_try_to_make_a_schedule_is_at_the_invocations_end(bench: Bench) -> None:
    """If there is just time for it, it is made."""
    bench.schedules.errors["create"].append(THROTTLED)
    watch = bench.watch(time_left=RETRY_PAUSE + TIME_TO_ANSWER)

    assert watch.run(lambda: NEXT_TICK) is None
    assert (watch.claim.is_made, bench.clock.now) == (True, watch.ends)


def test_a_request_without_a_date_is_not_left_to_aws_lambda(bench: Bench) -> None:
    """It would be taken for a new one each time, and never be answered."""
    bench.schedules.errors["create"].extend([DENIED] * 99)

    with pytest.raises(PollingError):
        bench.watch(bench.request("r1", "https://cloudformation.test/")).run(lambda: NEXT_TICK)


def test_trouble_with_a_schedule_that_is_there_is_left_to_the_next_tick(bench: Bench) -> None:
    """It comes anyway."""
    watch = bench.watch()
    watch.claim.make()

    def look() -> float:
        watch.claim.make(job_name="job-1")
        return NEXT_TICK

    bench.schedules.errors["find"].extend([THROTTLED] * 99)

    assert watch.run(look) is None
    assert bench.elapsed == 50
