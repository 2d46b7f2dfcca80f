# SPDX-License-Identifier: Apache-2.0
"""The share of one invocation in the waiting: look, pause, look again, leave the rest to the next tick."""

from collections.abc import Callable

import pytest

from dataset_import.poll_loop import NEXT_TICK, DeadlineError, poll


class Watch:
    """A clock, and looks that return what a test has listed; the last one again and again."""

    def __init__(self, *looks: object) -> None:
        self.now = 0.0
        self.looked: list[float] = []
        self.asked: list[float] = []
        self.may = True
        self._looks = list(looks)

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds

    def look(self) -> object:
        self.looked.append(self.now)
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]

    def may_wait(self) -> bool:
        self.asked.append(self.now)
        return self.may

    def poll(self, ends: float = 58.0, deadline: Callable[[], float] = lambda: 1000.0) -> object:
        """Poll until an invocation ends."""
        return poll(self.look, clock=self, ends=lambda: ends, deadline=deadline, may_wait=self.may_wait)


def test_a_result_ends_the_polling() -> None:
    """At the look that finds it."""
    watch = Watch(2.5, 2.5, "done")

    assert watch.poll() == "done"
    assert watch.looked == [0.0, 2.5, 5.0]


def test_an_invocation_leaves_the_rest_to_the_next_tick() -> None:
    """Before it would look later than it may."""
    watch = Watch(10.0)

    assert watch.poll(ends=35.0) is None
    assert watch.looked == [0.0, 10.0, 20.0, 30.0]
    assert watch.now == 30.0


def test_what_is_worth_one_look_a_tick_is_looked_at_once() -> None:
    """Such as a request that waits for its turn."""
    watch = Watch(NEXT_TICK)

    assert watch.poll() is None
    assert watch.looked == [0.0]


def test_a_look_that_needs_no_pause_is_followed_by_the_next() -> None:
    """Only that one may be without: no loop is busy."""
    watch = Watch(0.5, 0.5, "done")

    assert watch.poll() == "done"
    assert watch.now == 1.0


def test_the_deadline_ends_the_polling() -> None:
    """To the second, if it lies within the invocation."""
    watch = Watch(10.0)

    with pytest.raises(DeadlineError):
        watch.poll(deadline=lambda: 25.0)

    assert watch.looked == [0.0, 10.0, 20.0, 25.0]


def test_a_result_at_the_deadline_is_a_result() -> None:
    """The look comes first."""
    watch = Watch(10.0, "done")

    assert watch.poll(deadline=lambda: 10.0) == "done"


def test_a_request_that_waits_for_the_next_tick_meets_its_deadline() -> None:
    """The tick may come after it."""
    watch = Watch(NEXT_TICK)

    with pytest.raises(DeadlineError):
        watch.poll(deadline=lambda: 30.0)

    assert watch.looked == [0.0, 30.0]


def test_a_look_may_move_the_deadline() -> None:
    """A job of the resource's own kept the request from beginning."""
    watch = Watch(10.0, 10.0, "done")

    assert watch.poll(deadline=lambda: watch.now + 5.0) == "done"


def test_only_one_invocation_waits() -> None:
    """The other one has looked once, which is enough."""
    watch = Watch(10.0)
    watch.may = False

    assert watch.poll() is None
    assert (watch.looked, watch.asked) == ([0.0], [0.0])


def test_an_invocation_asks_once_whether_it_may_wait() -> None:
    """Before its first pause."""
    watch = Watch(10.0, 10.0, 10.0, "done")

    watch.poll()

    assert watch.asked == [0.0]
