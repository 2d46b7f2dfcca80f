# SPDX-License-Identifier: Apache-2.0
"""Shrinks a violated run: leaves out every fault that the violation does not need."""

from __future__ import annotations

from tests.simulation.search import Outcome, run

MOST_RUNS = 200


def shrink(outcome: Outcome) -> tuple[Outcome, frozenset[int]]:
    """Leave out faults, half of them or one by one, as long as the same invariant is violated.

    Returns:
        The shortest run that was found, and the numbers of the faults that were left out.
    """
    wanted = {invariant for invariant, _ in outcome.violations}
    best, without = outcome, frozenset[int]()
    size, runs = max(len(best.faults) // 2, 1), 0
    while best.faults and runs < MOST_RUNS:
        for start in range(0, len(best.faults), size):
            tried = without | set(best.faults[start : start + size])
            candidate = run(outcome.seed, without=tried)
            runs += 1
            if wanted & {invariant for invariant, _ in candidate.violations}:
                best, without = candidate, tried
                break
        else:
            if size == 1:
                break
            size = max(size // 2, 1)
    return best, without
