# SPDX-License-Identifier: Apache-2.0
"""What a run is likely to cost and how long it takes, before anything is created."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.prices import (
    LAMBDA_REQUEST,
    LAMBDA_SECOND,
    READ_UNIT,
    SCHEDULER_INVOCATION,
    WRITE_UNIT,
    Price,
)
from tests.account.steps import Step, imports

KMS_KEY_HOUR = Price(
    1 / 730,
    "hour of a key until its deletion is scheduled",
    "https://aws.amazon.com/kms/pricing/",
    "2026-11-26",
)
LONGEST_IMPORT = 20
"""Minutes that an import of small data takes at most, as a rule."""

OTHERS = 3
"""Minutes that a step takes beside its import."""

MEMORY = 160 / 1024
"""GB of the handler."""


@dataclass(frozen=True)
class Estimate:
    """The cost of a run, at the prices of US East (N. Virginia) above the free tiers."""

    minutes: int
    imports: int
    dollars: float

    def __str__(self) -> str:
        """It as a paragraph."""
        return (
            f"{self.imports} imports of up to {LONGEST_IMPORT} minutes: some {self.minutes / 60:.1f} hours. "
            f"Handler, schedules, table and one KMS key cost ${self.dollars:.2f} at most. "
            "Amazon Personalize charges by the GB (https://aws.amazon.com/personalize/pricing/); "
            "the data here is less than 1 MB. Nothing is trained."
        )


def estimate(steps: tuple[Step, ...]) -> Estimate:
    """Estimate the cost of steps."""
    jobs = imports(steps)
    minutes = jobs * LONGEST_IMPORT + len(steps) * OTHERS
    ticks = jobs * LONGEST_IMPORT
    tick = (
        60 * MEMORY * LAMBDA_SECOND["arm64"].dollars
        + LAMBDA_REQUEST.dollars
        + SCHEDULER_INVOCATION.dollars
        + 5 * (READ_UNIT.dollars + WRITE_UNIT.dollars)
    )
    return Estimate(minutes, jobs, ticks * tick + minutes / 60 * KMS_KEY_HOUR.dollars)
