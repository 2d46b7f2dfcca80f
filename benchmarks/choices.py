# SPDX-License-Identifier: Apache-2.0
"""How often to call the function, and how often it looks while it watches: what each choice comes to.

Simulates the handler with other constants than its own, and writes the table of decision 16.
"""

from __future__ import annotations

import logging
import statistics
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from benchmarks.assumptions import LATE
from benchmarks.document import between
from benchmarks.quota import SHORT, deployment
from benchmarks.waiting import Wait, durations, wait
from dataset_import import importing, open_request, poll_loop, schedules
from tests.fakes import aws_lambda

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS, IMPORTS = 200, 60
TICKS = (1, 2, 5, 14)
"""Minutes from one call of the function to the next. It may run for fifteen."""

PAUSES = (1.0, 2.5, 5.0)
"""Seconds from one look at a running job to the next."""

PAGE = Path(__file__).parent.parent / "docs" / "decisions" / "0016-one-minute-and-two-and-a-half-seconds.md"


@dataclass(frozen=True)
class Choice:
    """What one choice comes to; times in seconds, cost in US cents an hour of waiting."""

    minutes: int
    pause: float
    median: float
    late: float
    later: float
    cents: float
    describes: float
    makespan: float | None

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row in the table."""
        figures = (self.median, self.late, self.later, self.cents, self.describes)
        makespan = "fails" if self.makespan is None else f"{self.makespan:.4g}"
        return (f"{self.minutes} min", f"{self.pause:g} s", *(f"{each:.4g}" for each in figures), makespan)


HEAD = (
    "called every",
    "looks every",
    "end noticed, p50, s",
    f"p95, ticks 0 to {LATE[0]:g} s late, s",
    f"p95, ticks 0 to {LATE[1]:g} s late, s",
    "US cents/h",
    "describe calls/h",
    f"{IMPORTS} imports of {SHORT / 60:g} min, x minimum",
)


def measure(jobs: int = JOBS, imports: int = IMPORTS) -> list[Choice]:
    """Try every interval with the handler's own pause, and every pause with its own interval."""
    own = round(schedules.TICK / 60), poll_loop.LOOK_PAUSE
    choices = [(minutes, own[1]) for minutes in TICKS] + [(own[0], pause) for pause in PAUSES]
    return [_choice(minutes, pause, jobs, imports) for minutes, pause in sorted(set(choices))]


def table(choices: list[Choice]) -> str:
    """The choices as Markdown; the handler's own stands out."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{'--:|' * len(HEAD)}"]
    for choice in choices:
        is_own = choice.minutes * 60 == schedules.TICK and choice.pause == poll_loop.LOOK_PAUSE
        cells = [f"**{cell}**" if is_own else cell for cell in choice.cells]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _choice(minutes: int, pause: float, jobs: int, imports: int) -> Choice:
    with _chosen(minutes, pause):
        near, far = (
            [wait("ours", seconds, late, Timeout="7200") for seconds in durations(jobs)] for late in LATE
        )
        queue = deployment("ours", SHORT, imports=imports)
    hours = sum(each.hours for each in near)
    return Choice(
        minutes=minutes,
        pause=pause,
        median=_percentile(near, 50),
        late=_percentile(near, 95),
        later=_percentile(far, 95),
        cents=100 * sum(each.meter.dollars for each in near) / hours,
        describes=sum(each.describes for each in near) / hours,
        makespan=None if queue.failed else queue.seconds / queue.bound,
    )


@contextmanager
def _chosen(minutes: int, pause: float) -> Iterator[None]:
    """Have the function called every so many minutes, and let it run for as long as that."""
    tick = 60.0 * minutes
    constants = [
        (schedules, "RATE", f"rate({minutes} minute{'s' if minutes > 1 else ''})"),
        (schedules, "TICK", tick),
        (open_request, "TICK", tick),
        (importing, "LOOK_PAUSE", pause),
        (aws_lambda, "TIMEOUT", tick + 30),
    ]
    with ExitStack() as stack:
        for module, name, value in constants:
            stack.enter_context(patch.object(module, name, value))
        yield


def _percentile(waits: list[Wait], percentile: int) -> float:
    noticed = [each.noticed for each in waits if each.succeeded]
    return statistics.quantiles(noticed, n=100, method="inclusive")[percentile - 1]


def main() -> None:
    """Measure, print and write."""
    logging.disable(logging.CRITICAL)
    shown = table(measure())
    print(shown)
    PAGE.write_text(between(PAGE.read_text(encoding="utf-8"), shown), encoding="utf-8")


if __name__ == "__main__":
    main()
