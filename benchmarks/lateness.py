# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from random import Random

from benchmarks.assumptions import MESSAGE
from tests.fakes.faults import Fault, delayed


class Lateness:
    """A world in which nothing goes wrong but that EventBridge calls late.

    Args:
        seed: Decides how late each time.
        most: Seconds.
    """

    def __init__(self, seed: int, most: float) -> None:
        self._random = Random(f"{seed} lateness")
        self._most = most

    def draw(self, request: str, effect: str) -> Fault | None:
        """Delay a tick; let everything else be."""
        return delayed(self._random.uniform(0, self._most)) if effect == "Tick" else None

    def latency(self) -> float:
        """Tell how long a message takes: always the same."""
        return MESSAGE
