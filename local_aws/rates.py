# SPDX-License-Identifier: Apache-2.0
"""The rates of schedules and rules at the speed of the instance."""

SHORTEST = 5.0
"""The shortest interval in seconds at any speed, so that ticks do not accumulate."""


def accelerated(seconds: float, speed: float) -> float:
    """Return the seconds between two ticks of a rate, at most those at speed 1."""
    return min(seconds, max(seconds / speed, SHORTEST))
