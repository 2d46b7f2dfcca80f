# SPDX-License-Identifier: Apache-2.0
"""One virtual clock and the tasks that share it: whatever happens, happens in an order of its own."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1_795_000_000.0


class Died(BaseException):
    """The process of a task is gone: killed, or out of time."""


class Task:
    """Something that runs over virtual time, handing over whenever it sleeps or waits."""

    def __init__(self, kernel: Kernel, run: Callable[[], None]) -> None:
        self._kernel = kernel
        self._greenlet = greenlet(run, kernel.hub)
        self._greenlet.task = self
        self._turn = 0

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to run."""
        return bool(self._greenlet.dead)

    def waker(self) -> Callable[[], None]:
        """Answer a call that ends the present wait; once the wait is over it does nothing."""
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
    """The clock, and what is due when. Nothing runs at the same time; what is due together runs in order."""

    def __init__(self) -> None:
        self.now = START
        self.hub = getcurrent()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0

    def time(self) -> float:
        """Seconds since the epoch."""
        return self.now

    def at(self, when: float, call: Callable[[], None]) -> None:
        """Have something called at a time."""
        self._order += 1
        heapq.heappush(self._due, (max(when, self.now), self._order, call))

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Have something called after some seconds."""
        self.at(self.now + seconds, call)

    def start(self, run: Callable[[], None]) -> Task:
        """Start a task, now."""
        task = Task(self, run)
        self.at(self.now, task.waker())
        return task

    def sleep(self, seconds: float) -> None:
        """Let time pass for the present task."""
        task: Task = getcurrent().task
        self.at(self.now + seconds, task.waker())
        self.hub.switch()

    def wait(self, signal: Signal, seconds: float) -> None:
        """Wait until the signal is given or some seconds have passed."""
        wake = getcurrent().task.waker()
        signal.waiting.append(wake)
        self.at(self.now + seconds, wake)
        self.hub.switch()

    def run(self, until: float = float("inf")) -> None:
        """Let everything happen that is due, in order."""
        while self._due and self._due[0][0] <= until:
            self.now, _, call = heapq.heappop(self._due)
            call()
        if until != float("inf"):
            self.now = max(self.now, until)


class Signal:
    """Something that tasks wait for."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.waiting: list[Callable[[], None]] = []

    def give(self) -> None:
        """Wake all who wait."""
        for wake in self.waiting:
            self._kernel.at(self._kernel.now, wake)
        self.waiting.clear()
