# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from random import Random

from benchmarks.assumptions import MESSAGE
from tests.fakes.faults import Fault, delayed


class Lateness:
    """The fault injector of the benchmarks: EventBridge ticks late, and nothing else fails.

    Args:
        seed: Decides how late each time.
        most: Seconds.
    """

    def __init__(self, seed: int, most: float) -> None:
        self._random = Random(f"{seed} lateness")
        self._most = most

    def draw(self, request: str, effect: str) -> Fault | None:
        """Delay a tick, and nothing else."""
        return delayed(self._random.uniform(0, self._most)) if effect == "Tick" else None

    def latency(self) -> float:
        """Return the seconds that a message takes: always the same."""
        return MESSAGE
