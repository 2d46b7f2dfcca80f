# SPDX-License-Identifier: Apache-2.0
"""One invocation's share of the waiting, against a schedule that is kept in memory."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from dataset_import.polling import Polling, PollingError, schedule_name
from dataset_import.state import RequestState
from dataset_import.watch import (
    MARGIN,
    NEXT_TICK,
    PROPAGATION,
    RETRY_PAUSE,
    SETTLING,
    NotFollowedError,
    SupersededError,
    Watch,
)
from tests.handler.world import START, Clock, error

DENIED, THROTTLED = error("AccessDeniedException"), error("ThrottlingException")
FINAL = error("UnknownOperationException")
DATED = "https://cloudformation.test/?X-Amz-Date=20261118T110640Z&X-Amz-Expires=7200"


class Schedules:
    """Schedules in memory, with errors to come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.writing_takes = 0.0
        self.kept: dict[str, RequestState] = {}
        self.errors: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self.calls: list[str] = []

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if self.errors[operation]:
            raise PollingError(self.errors[operation].popleft())

    def find(self, name: str) -> RequestState | None:
        self._called("find")
        return self.kept.get(name)

    def create(self, name: str, event: object, state: RequestState, now: float) -> bool:
        self._called("create")
        return self.kept.setdefault(name, state) is state

    def update(self, name: str, event: object, state: RequestState, now: float) -> None:
        self._called("update")
        self._clock.now += self.writing_takes
        self.kept[name] = state


class BusyClock(Clock):
    """A clock during whose next pause something happens."""

    at_next_sleep: Callable[[], None] = staticmethod(lambda: None)

    def sleep(self, seconds: float) -> None:
        self.at_next_sleep()
        super().sleep(seconds)


class Bench:
    """A watch to be, over one request."""

    def __init__(self) -> None:
        self.clock = BusyClock()
        self.schedules = Schedules(self.clock)
        self.event = self.request("r1")
        self.name = schedule_name(self.event)

    def request(self, name: str, url: str = DATED) -> dict[str, Any]:
        """Make an event; its URL was made at the clock's start."""
        return {
            "RequestType": "Create",
            "RequestId": name,
            "StackId": "stack",
            "LogicalResourceId": "Interactions",
            "ResponseURL": url,
        }

    def state(self, name: str = "older", issued: float = START - 100, **more: Any) -> RequestState:
        """Make another request's state."""
        return RequestState(name, issued, issued + 7200, issued + 3480, **more)

    def begin(self, event: Mapping[str, Any] | None = None, time_left: float = 90) -> Watch:
        """Take up the request."""
        polling = cast(Polling, self.schedules)
        return Watch.begin(event or self.event, polling, self.clock, timeout=3600, time_left=time_left)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock.now - START


@pytest.fixture
def bench() -> Bench:
    """Make a bench with no schedule."""
    return Bench()


def tick(watch: Watch) -> dict[str, Any]:
    """The event with which the schedule calls again."""
    return {**watch.event, "CrHelperPoll": True, "CrHelperData": vars(watch.state)}


def test_the_start_of_the_clock_is_the_date_of_the_url(bench: Bench) -> None:
    """The bench hangs together."""
    assert bench.begin().state.issued == START
    assert bench.begin().age == 0


@pytest.mark.parametrize(("time_left", "ends"), [(90, 55), (60, 55), (30, 25)])
def test_an_invocation_watches_until_just_before_the_next_tick_or_its_end(
    bench: Bench, time_left: float, ends: float
) -> None:
    """Two at once would look twice as often."""
    watch = bench.begin(time_left=time_left)

    assert watch.ends == START + ends == START + min(60, time_left) - MARGIN
    assert watch.run(lambda: 5.0) is None
    assert bench.elapsed == ends


def test_a_result_ends_the_watching_at_once(bench: Bench) -> None:
    """No schedule is needed for what is done."""
    assert bench.begin().run(lambda: "done") == "done"
    assert (bench.elapsed, bench.schedules.kept) == (0, {})


def test_who_waits_for_the_next_tick_has_a_schedule(bench: Bench) -> None:
    """Made after the first look."""
    watch = bench.begin()

    before = watch.has_schedule
    assert watch.run(lambda: NEXT_TICK) is None
    assert (before, watch.has_schedule) == (False, True)
    assert (bench.elapsed, bench.schedules.kept) == (0, {bench.name: watch.state})


def test_the_deadline_ends_the_request(bench: Bench) -> None:
    """Exactly then, if this invocation lasts that long."""
    watch = bench.begin()
    watch.state = replace(watch.state, deadline=START + 30)

    with pytest.raises(TimeoutError):
        watch.run(lambda: 7.0)

    assert bench.elapsed == 30
    assert watch.is_late


def test_a_deadline_after_the_invocation_is_left_to_the_next(bench: Bench) -> None:
    """It is not this one's to call."""
    watch = bench.begin()
    watch.state = replace(watch.state, deadline=START + 56)

    assert watch.run(lambda: 7.0) is None
    assert not watch.is_late


def test_an_error_that_is_final_ends_the_request_at_once(bench: Bench) -> None:
    """Trying again cannot help."""
    bench.schedules.errors["create"].append(FINAL)

    with pytest.raises(PollingError):
        bench.begin().run(lambda: NEXT_TICK)

    assert bench.elapsed == 0


@pytest.mark.parametrize("problem", [DENIED, THROTTLED])
def test_a_schedule_that_cannot_be_made_yet_is_tried_for_again(bench: Bench, problem: Exception) -> None:
    """Every ten seconds; what was said is remembered."""
    bench.schedules.errors["create"].extend([problem] * 3)
    watch = bench.begin()

    assert watch.run(lambda: NEXT_TICK) is None

    assert bench.elapsed == 3 * RETRY_PAUSE
    assert watch.last_words == "as injected"


def test_a_schedule_that_cannot_be_made_in_time_is_left_to_aws_lambda(bench: Bench) -> None:
    """It tries the event again after a minute, and then after two."""
    bench.schedules.errors["create"].extend([DENIED] * 99)

    with pytest.raises(NotFollowedError):
        bench.begin().run(lambda: NEXT_TICK)

    assert bench.elapsed == 50


@pytest.mark.parametrize("age", [PROPAGATION, PROPAGATION + 60])
def test_a_refusal_is_believed_after_three_minutes(bench: Bench, age: float) -> None:
    """Then no role is new any more."""
    bench.clock.now += age
    bench.schedules.errors["create"].extend([DENIED] * 99)

    with pytest.raises(PollingError):
        bench.begin().run(lambda: NEXT_TICK)

    assert bench.elapsed == age


def test_throttling_is_believed_only_when_nobody_would_try_again(bench: Bench) -> None:
    """After three minutes AWS Lambda has no tries left."""
    bench.clock.now += PROPAGATION
    bench.schedules.errors["create"].extend([THROTTLED] * 99)

    with pytest.raises(PollingError):
        bench.begin().run(lambda: NEXT_TICK)

    assert bench.elapsed == PROPAGATION + 50


def test_a_request_without_a_date_is_not_left_to_aws_lambda(bench: Bench) -> None:
    """It would be taken for a new one each time, and never be answered."""
    bench.schedules.errors["create"].extend([DENIED] * 99)

    with pytest.raises(PollingError):
        bench.begin(bench.request("r1", "https://cloudformation.test/")).run(lambda: NEXT_TICK)


def test_trouble_with_a_schedule_that_is_there_is_left_to_the_next_tick(bench: Bench) -> None:
    """It comes anyway."""
    watch = bench.begin()
    watch.claim()

    def look() -> float:
        watch.claim(job_name="job-1")
        return NEXT_TICK

    bench.schedules.errors["find"].extend([THROTTLED] * 99)

    assert watch.run(look) is None
    assert bench.elapsed == 50


def test_what_another_invocation_wrote_first_is_not_overwritten(bench: Bench) -> None:
    """Of two that begin at once, one chooses the name."""
    first, second = bench.begin(), bench.begin()

    assert first.claim(job_name="job-1")
    assert not second.claim(job_name="job-2")
    assert (first.state.job_name, second.state.job_name) == ("job-1", "job-1")
    assert second.claim(previous_job="job-0")
    assert bench.schedules.kept[bench.name] == second.state


def test_an_unchanged_claim_only_looks(bench: Bench) -> None:
    """Writing would put off the next tick."""
    watch = bench.begin()
    watch.claim(job_name="job-1")
    bench.schedules.calls.clear()

    assert watch.claim(job_name="job-1")
    assert bench.schedules.calls == ["find"]


def test_a_newer_request_takes_over_and_waits_for_calls_under_way(bench: Bench) -> None:
    """The older one's last call may land until then; its job is remembered."""
    bench.schedules.kept[bench.name] = bench.state(job_name="job-0")
    looks: list[float] = []

    def look() -> float:
        looks.append(bench.elapsed)
        return NEXT_TICK

    watch = bench.begin()
    assert watch.run(look) is None

    assert looks == [SETTLING]
    assert (watch.state.settles, watch.state.previous_job) == (START + SETTLING, "job-0")
    assert bench.schedules.kept[bench.name] == watch.state


def test_a_newer_request_need_not_wait_for_one_that_is_over(bench: Bench) -> None:
    """Its job is remembered all the same."""
    bench.schedules.kept[bench.name] = bench.state(job_name="job-0", closed=True)

    watch = bench.begin()
    assert watch.run(lambda: "done") == "done"

    assert (watch.state.settles, watch.state.previous_job) == (0.0, "job-0")
    assert bench.elapsed == 0


@pytest.mark.parametrize("closed", [True, False])
def test_an_older_request_stops(bench: Bench, closed: bool) -> None:
    """Whether or not the newer one has been answered."""
    bench.schedules.kept[bench.name] = bench.state(issued=START + 1, closed=closed)

    with pytest.raises(SupersededError):
        bench.begin()


def test_of_two_requests_of_one_second_the_one_that_arrives_counts(bench: Bench) -> None:
    """And not the one that ticks."""
    watch = bench.begin()
    bench.schedules.kept[bench.name] = bench.state(issued=START)

    assert bench.begin().state.issued == START
    with pytest.raises(SupersededError):
        bench.begin(tick(watch))


def test_a_request_that_has_been_answered_stops(bench: Bench) -> None:
    """Its event was delivered once more."""
    watch = bench.begin()
    watch.claim(closed=True)

    with pytest.raises(SupersededError):
        bench.begin()


def test_a_tick_without_a_schedule_stops(bench: Bench) -> None:
    """It outlived its request."""
    with pytest.raises(SupersededError):
        bench.begin(tick(bench.begin()))


def test_an_event_whose_url_has_expired_stops(bench: Bench) -> None:
    """Nobody could be answered."""
    bench.clock.now += 7200
    bench.begin()
    bench.clock.now += 1

    with pytest.raises(SupersededError):
        bench.begin()


def test_who_cannot_look_takes_the_event_at_its_word(bench: Bench) -> None:
    """A tick carries what was known when it was made."""
    watch = bench.begin()
    watch.claim(job_name="job-1")
    bench.schedules.errors["find"].append(THROTTLED)

    assert bench.begin(tick(watch)).state == watch.state


def test_a_claim_on_a_schedule_that_is_gone_stops(bench: Bench) -> None:
    """It has expired, or its stack is gone."""
    watch = bench.begin()
    watch.claim()
    bench.schedules.kept.clear()

    with pytest.raises(SupersededError):
        watch.claim(job_name="job-1")


def test_a_slow_take_over_waits_as_well(bench: Bench) -> None:
    """A third request may have come between, unseen."""
    bench.schedules.kept[bench.name] = bench.state(closed=True)
    watch = bench.begin()
    bench.schedules.writing_takes = 3

    assert not watch.claim(job_name="job-1")
    assert watch.state.settles == bench.clock.now + SETTLING


def test_an_answer_is_decided_once(bench: Bench) -> None:
    """The first one written stands."""
    first, second = bench.begin(), bench.begin()

    assert first.decide({"Status": "SUCCESS"}) == {"Status": "SUCCESS"}
    assert second.decide({"Status": "FAILED"}) == {"Status": "SUCCESS"}
    assert first.decide({"Status": "FAILED"}) == {"Status": "SUCCESS"}


def test_of_two_who_decide_at_once_both_send_what_stands_in_the_end(bench: Bench) -> None:
    """Each has looked before the other wrote."""
    watch = bench.begin()
    watch.claim()
    theirs = replace(watch.state, answer={"Status": "FAILED"})
    bench.clock.at_next_sleep = lambda: bench.schedules.kept.update({bench.name: theirs})

    assert watch.decide({"Status": "SUCCESS"}) == {"Status": "FAILED"}


def test_an_answer_that_nobody_waits_for_is_not_sent(bench: Bench) -> None:
    """A newer request has taken over."""
    watch = bench.begin()
    bench.schedules.kept[bench.name] = bench.state(issued=START + 1)

    assert watch.decide({"Status": "SUCCESS"}) is None


@pytest.mark.parametrize(("problem", "tries"), [(THROTTLED, 3), (DENIED, 1)])
def test_an_answer_is_sent_even_if_it_cannot_be_written_down(
    bench: Bench, problem: Exception, tries: int
) -> None:
    """Somebody waits for it."""
    bench.schedules.errors["create"].extend([problem] * 99)

    assert bench.begin().decide({"Status": "SUCCESS"}) == {"Status": "SUCCESS"}
    assert bench.schedules.calls.count("create") == tries


def test_an_answer_takes_its_place_from_an_older_request(bench: Bench) -> None:
    """One more try writes it down."""
    watch = bench.begin()
    bench.schedules.kept[bench.name] = bench.state()

    assert watch.decide({"Status": "SUCCESS"}) == {"Status": "SUCCESS"}
    assert bench.schedules.kept[bench.name].answer == {"Status": "SUCCESS"}


def test_who_leaves_makes_sure_that_the_next_tick_is_its_own(bench: Bench) -> None:
    """An older request's late write is written over."""
    watch = bench.begin()
    watch.claim()
    bench.schedules.kept[bench.name] = bench.state()
    bench.schedules.errors["find"].extend([THROTTLED] * 2)

    watch.run(lambda: NEXT_TICK)

    assert bench.schedules.kept[bench.name].request == watch.state.request
