# SPDX-License-Identifier: Apache-2.0
"""A virtual clock, and tasks that share it. Only one task runs at a time, so a run is deterministic."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

START = 1_795_000_000.0
"""Where virtual time begins, in seconds since the epoch."""


class Died(BaseException):
    """The process of a task is gone: killed, or out of time."""


class Task:
    """A function that runs over virtual time. It yields to other tasks when it sleeps or waits."""

    def __init__(self, kernel: Kernel, run: Callable[[], None]) -> None:
        self._kernel = kernel
        self._greenlet = greenlet(run, kernel.hub)
        self._greenlet.task = self
        self._turn = 0

    @property
    def ended(self) -> bool:
        """Whether the function has returned or the task was killed."""
        return bool(self._greenlet.dead)

    def waker(self) -> Callable[[], None]:
        """Return a function that ends the present wait; after the wait it does nothing."""
        self._turn += 1
        turn = self._turn

        def wake() -> None:
            if turn == self._turn and not self._greenlet.dead:
                self._turn += 1
                self._greenlet.switch()

        return wake

    def kill(self) -> None:
        """End the task where it stands."""
        if self._greenlet and not self._greenlet.dead:
            self._turn += 1
            self._greenlet.throw(Died)


class Kernel:
    """The virtual clock and its queue of calls. Calls that are due at the same time run in order."""

    def __init__(self) -> None:
        self.now = START
        self.hub = getcurrent()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0

    def time(self) -> float:
        """Return the seconds since the epoch."""
        return self.now

    def at(self, when: float, call: Callable[[], None]) -> None:
        """Schedule a call at a time."""
        self._order += 1
        heapq.heappush(self._due, (max(when, self.now), self._order, call))

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Schedule a call after some seconds."""
        self.at(self.now + seconds, call)

    def start(self, run: Callable[[], None]) -> Task:
        """Start a task now."""
        task = Task(self, run)
        self.at(self.now, task.waker())
        return task

    def sleep(self, seconds: float) -> None:
        """Let time pass for the present task."""
        assert seconds >= 0, "a pause cannot be negative"
        task: Task = getcurrent().task
        self.at(self.now + seconds, task.waker())
        self.hub.switch()

    def wait(self, signals: Iterable[Signal], seconds: float) -> None:
        """Wait until one of the signals is given or some seconds have passed."""
        wake = getcurrent().task.waker()
        for signal in signals:
            signal.waiting.append(wake)
        self.at(self.now + seconds, wake)
        self.hub.switch()

    def run(self, until: float = float("inf")) -> None:
        """Run every call that is due, in order, up to a time."""
        while self._due and self._due[0][0] <= until:
            self.step()
        if until != float("inf"):
            self.now = max(self.now, until)

    @property
    def is_busy(self) -> bool:
        """Whether any call is due."""
        return bool(self._due)

    def step(self) -> None:
        """Run the next call, and move the clock to its time."""
        self.now, _, call = heapq.heappop(self._due)
        call()


class Signal:
    """Something that tasks wait for."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.waiting: list[Callable[[], None]] = []

    def give(self) -> None:
        """Wake every task that waits."""
        for wake in self.waiting:
            self._kernel.at(self._kernel.now, wake)
        self.waiting.clear()
