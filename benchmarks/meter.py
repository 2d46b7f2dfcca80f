# SPDX-License-Identifier: Apache-2.0
"""Counts what a simulated run uses of AWS, and what that costs."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from benchmarks.assumptions import COLD_START, KEPT_WARM, WARM_START
from benchmarks.prices import (
    LAMBDA_REQUEST,
    LAMBDA_SECOND,
    READ_UNIT,
    RULE_INVOCATION,
    SCHEDULER_INVOCATION,
    STATE_TRANSITION,
    WRITE_UNIT,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.kernel import Kernel

SCHEDULER, RULE, TRANSITION = "scheduler", "rule", "transition"
READ, WRITE = "read unit", "write unit"
PRICES = {
    SCHEDULER: SCHEDULER_INVOCATION,
    RULE: RULE_INVOCATION,
    TRANSITION: STATE_TRANSITION,
    READ: READ_UNIT,
    WRITE: WRITE_UNIT,
}


@dataclass(frozen=True)
class Function:
    """A Lambda function, as far as its bill goes; the memory is in MB."""

    name: str
    memory: int
    architecture: str


@dataclass(frozen=True)
class Run:
    """One invocation, from when its environment began to start until it ended."""

    function: Function
    began: float
    ended: float

    @property
    def gigabyte_seconds(self) -> float:
        """What AWS Lambda bills for it, the start of the environment too."""
        return self.function.memory / 1024 * (self.ended - self.began)


class Meter:
    """What is used in one simulated run.

    Attributes:
        runs: The invocations that have ended.
        used: How often what else has a price was used, by its name.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._idle: defaultdict[Function, list[float]] = defaultdict(list)
        self.runs: list[Run] = []
        self.used: Counter[str] = Counter()

    @contextmanager
    def invocation(self, function: Function) -> Iterator[None]:
        """Run what is inside as an invocation of a function, in an idle environment if there is one."""
        began = self._kernel.now
        idle = self._idle[function]
        idle[:] = [since for since in idle if began - since <= KEPT_WARM]
        start = WARM_START if idle else COLD_START
        if idle:
            idle.pop()
        try:
            self._kernel.sleep(start)
            yield
        finally:
            self.runs.append(Run(function, began, self._kernel.now))
            idle.append(self._kernel.now)

    @property
    def gigabyte_seconds(self) -> float:
        """What AWS Lambda bills as duration."""
        return sum(run.gigabyte_seconds for run in self.runs)

    @property
    def most_at_once(self) -> int:
        """The most invocations that ran at the same time."""
        edges = [(run.began, 1) for run in self.runs] + [(run.ended, -1) for run in self.runs]
        return max(accumulate(change for _, change in sorted(edges)), default=0)

    @property
    def dollars(self) -> float:
        """What everything costs at the list prices."""
        seconds = sum(
            run.gigabyte_seconds * LAMBDA_SECOND[run.function.architecture].dollars for run in self.runs
        )
        requests = len(self.runs) * LAMBDA_REQUEST.dollars
        return seconds + requests + sum(PRICES[name].dollars * count for name, count in self.used.items())
