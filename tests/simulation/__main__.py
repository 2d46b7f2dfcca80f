# SPDX-License-Identifier: Apache-2.0
"""Searches at random for a violated invariant, and reports what it did.

make simulate RUNS=10000 [SEED=N] [WITHOUT=3,7]
"""

from __future__ import annotations

import argparse
import gc
import logging
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.search import run
from tests.simulation.shrink import shrink

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.simulation.search import Outcome

MOST_FAILURES = 3
"""Violated runs after which a search stops. The report has the story of each."""


@dataclass
class Report:
    """What a search did."""

    seed: int
    runs: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    failures: list[Outcome] = field(default_factory=list)

    def lines(self) -> Iterable[str]:
        """The report as text."""
        violations = sum(len(failure.violations) for failure in self.failures)
        yield f"seed         {self.seed}"
        yield f"runs         {self.runs} ({self.runs / max(self.seconds, 0.001):.0f} a second of one core)"
        yield f"operations   {sum(self.operations.values())}"
        yield from (f"  {count:9}  {name}" for name, count in self.operations.most_common())
        yield f"faults       {sum(self.faults.values())}"
        yield from (f"  {count:9}  {name}" for name, count in self.faults.most_common())
        yield f"violations   {violations}"


def search(seed: int, runs: int) -> Report:
    """Run seeds one after the other: run number K of a search has the seed of the search + K."""
    report = Report(seed)
    began = time.process_time()
    # The objects of a run do not outlive it, so that the collector would only cost time.
    gc.disable()
    try:
        for number in range(runs):
            outcome = run(seed + number)
            report.runs += 1
            report.faults += outcome.simulation.journal.faults
            report.operations += outcome.simulation.journal.operations
            if outcome.violations:
                report.failures.append(outcome)
            if len(report.failures) == MOST_FAILURES:
                break
            if number % 200 == 0:
                gc.collect()
    finally:
        gc.enable()
    report.seconds = time.process_time() - began
    return report


def story(outcome: Outcome) -> Iterable[str]:
    """A violated run as text: with as few faults as it needs, and how to replay it."""
    smallest, without = shrink(outcome)
    left_out = f" WITHOUT={','.join(map(str, sorted(without)))}" if without else ""
    yield f"seed {outcome.seed}: {len(smallest.violations)} violations"
    yield from (f"  {invariant}: {what}" for invariant, what in smallest.violations)
    yield from smallest.simulation.journal.story()
    yield f"replay: make simulate RUNS=1 SEED={outcome.seed}{left_out}"


def main(arguments: list[str] | None = None) -> int:
    """Search or replay, and return 1 if an invariant was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None, help="a fresh one if left out")
    parser.add_argument("--without", default="", help="numbers of faults not to inject, by commas")
    options = parser.parse_args(arguments)
    logging.disable(logging.INFO)
    seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    if options.without:
        outcome = run(seed, without=frozenset(map(int, options.without.split(","))))
        print("\n".join(outcome.simulation.journal.lines()))
        return 1 if outcome.violations else 0
    print(f"seed {seed}", flush=True)
    report = search(seed, options.runs)
    for failure in report.failures:
        print("\n".join(story(failure)), end="\n\n")
    print("\n".join(report.lines()))
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
