# SPDX-License-Identifier: Apache-2.0
"""The random fault injector: a seed decides which effect meets which fault."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.fakes.faults import (
    DIED_AFTER,
    DIED_BEFORE,
    EXPIRED,
    LOST,
    REPEATED,
    REPLY_LOST,
    SKIPPED,
    THROTTLED,
    UNAVAILABLE,
    Fault,
    Kind,
    answered_late,
    delayed,
    lands_late,
    refused,
)

RATES = (0.0, 0.01, 0.03, 0.1)
DEADLY = (Kind.DIED_BEFORE, Kind.DIED_AFTER)
MOST_DEATHS = 2
"""Deaths a request: AWS Lambda tries an event three times. After three deaths none of our code runs."""

MOST_LOST_ANSWERS = 3
ERRORS = (DIED_BEFORE, DIED_AFTER, LOST, REPLY_LOST, REPEATED, THROTTLED, UNAVAILABLE, EXPIRED)
CALLS = (*ERRORS, delayed(3), delayed(14), delayed(20), answered_late(12))
WRITES = (*CALLS, lands_late(12), lands_late(14), lands_late(14, raised_after=1))
DELETES = (*WRITES, refused("ConflictException", status=409))
"""EventBridge Scheduler answers a conflict also while another write to the schedule is under way."""

TABLE_WRITES = (
    *WRITES,
    refused("ProvisionedThroughputExceededException"),
    refused("InternalServerError", status=500),
)
PUTS = (DIED_BEFORE, DIED_AFTER, LOST, REPLY_LOST, REPEATED, delayed(14))
TICKS = (
    SKIPPED,
    delayed(10),
    delayed(55),
    Fault(Kind.REPEATED, seconds=0),
    Fault(Kind.REPEATED, seconds=1),
    Fault(Kind.REPEATED, seconds=70),
    Fault(Kind.REPEATED, seconds=900),
)
DELIVERIES = (
    delayed(5),
    delayed(60),
    *(Fault(Kind.REPEATED, seconds=late) for late in (0, 0.1, 1, 10, 100, 600, 4000, 10_000)),
)
BY_EFFECT = {
    "Put": PUTS,
    "CreateSchedule": WRITES,
    "DeleteSchedule": DELETES,
    "PutItem": TABLE_WRITES,
    "CreateDatasetImportJob": WRITES,
    "Tick": TICKS,
    "Deliver": DELIVERIES,
}


class RandomFaults:
    """Draws faults at random. Each has a number, by which a replay can leave it out.

    Args:
        seed: Decides everything.
        without: Numbers of faults to leave out.
    """

    def __init__(self, seed: int, without: frozenset[int] = frozenset()) -> None:
        self._random = Random(f"{seed} faults")
        self._latency = Random(f"{seed} latency").random
        self._rate = self._random.choice(RATES)
        self._without = without
        self._count = 0
        self._deaths: Counter[str] = Counter()
        self._lost_answers: Counter[str] = Counter()
        self.injected: list[int] = []

    def draw(self, request: str, effect: str) -> Fault | None:
        """Draw a fault for an effect."""
        if self._rate == 0.0 or self._random.random() >= self._rate:
            return None
        fault = self._random.choice(BY_EFFECT.get(effect, CALLS))
        self._count += 1
        if self._count in self._without or self._is_too_much(request, effect, fault):
            return None
        self.injected.append(self._count)
        return fault

    def latency(self) -> float:
        """Draw the seconds that a message takes."""
        return 0.01 + 0.4 * self._latency() ** 3

    def _is_too_much(self, request: str, effect: str, fault: Fault) -> bool:
        """Whether a fault would be one more than a request can survive."""
        if fault.kind in DEADLY:
            self._deaths[request] += 1
            return self._deaths[request] > MOST_DEATHS
        if effect == "Put" and fault.kind in (Kind.LOST, Kind.REPLY_LOST):
            self._lost_answers[request] += 1
            return self._lost_answers[request] > MOST_LOST_ANSWERS
        return False
