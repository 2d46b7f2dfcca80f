# SPDX-License-Identifier: Apache-2.0
"""How often what happens at a rate happens when time runs faster."""

SHORTEST = 10.0
"""Seconds: no speed makes a rate shorter, so that ticks do not pile up."""


def accelerated(seconds: float, speed: float) -> float:
    """The seconds of the clock between two ticks of a rate; never more than at the clock's own speed."""
    return min(seconds, max(seconds / speed, SHORTEST))
