# SPDX-License-Identifier: Apache-2.0
"""The durations of the service. An import takes minutes, nearly independent of its size."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """The durations of the service in seconds of its own time, and the speed of that time.

    Args:
        speed: Seconds of service time that pass in one second of the clock.
        resource: From the creation of a dataset group or dataset until it is ACTIVE.
        deletion: From its deletion until it is gone.
        pending: How long an import job is CREATE PENDING.
        shortest_import: The least time from a job's creation to its end.
        longest_import: The most.
    """

    speed: float = 1.0
    resource: float = 60.0
    deletion: float = 30.0
    pending: float = 60.0
    shortest_import: float = 600.0
    longest_import: float = 1200.0

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError(f"speed must be above 0, got {self.speed}")

    def wall(self, service_seconds: float) -> float:
        """The seconds of the clock in which that much service time passes."""
        return service_seconds / self.speed

    def import_seconds(self, job_name: str) -> float:
        """A job's duration in service time: between shortest and longest, the same for the same name."""
        seed = int.from_bytes(hashlib.sha256(job_name.encode()).digest()[:4], "big") / 2**32
        return self.shortest_import + seed * (self.longest_import - self.shortest_import)
