# SPDX-License-Identifier: Apache-2.0
"""How soon the end of an import is noticed, and what an hour of waiting costs: simulated, seeded."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.assumptions import LATE
from benchmarks.metric import Metric, at_most
from benchmarks.waiting import WAYS, Wait, durations, wait

if TYPE_CHECKING:
    from collections.abc import Callable

JOBS = 200
TIMEOUT = {"ours": "7200"}
"""Seconds. Where the stack may wait for more than an hour it does, with a wait condition."""


def measure(jobs: int = JOBS) -> list[Metric]:
    """Measure all ways."""
    usual, worst = (
        {
            way: [wait(way, seconds, late, Timeout=TIMEOUT.get(way, "3600")) for seconds in durations(jobs)]
            for way in WAYS
        }
        for late in LATE
    )
    default = [wait("ours", seconds, LATE[0]) for seconds in durations(jobs)]
    near, far = (f"ticks 0 to {late:g} s late" for late in LATE)
    provider_cost = _an_hour(usual["Provider"], lambda each: each.meter.dollars) * 100
    return [
        _metric("imports of 5 to 60 min that succeed", "%", usual, _succeeded, None),
        _metric("the same, ours with its default timeout", "%", {**usual, "ours": default}, _succeeded, None),
        _metric(f"end noticed, p50, {near}", "s", usual, lambda waits: _noticed(waits, 50), 1.6),
        _metric(f"end noticed, p95, {near}", "s", usual, lambda waits: _noticed(waits, 95), 3),
        _metric(f"end noticed, p50, {far}", "s", worst, lambda waits: _noticed(waits, 50), None),
        _metric(f"end noticed, p95, {far}", "s", worst, lambda waits: _noticed(waits, 95), None),
        _metric(
            "cost of waiting",
            "US cents/h",
            usual,
            lambda waits: _an_hour(waits, lambda each: each.meter.dollars) * 100,
            provider_cost / 2,
            "half of the Provider's",
        ),
        _metric(
            "billed duration",
            "GB-s/h",
            usual,
            lambda waits: _an_hour(waits, lambda each: each.meter.gigabyte_seconds),
            None,
        ),
        _metric(
            "invocations",
            "1/h",
            usual,
            lambda waits: _an_hour(waits, lambda each: len(each.meter.runs)),
            None,
        ),
        _metric(
            "describe calls", "1/h", usual, lambda waits: _an_hour(waits, lambda each: each.describes), None
        ),
        _metric("invocations at once, one import", "", worst, _at_once, None),
    ]


def _metric(
    name: str,
    unit: str,
    done: dict[str, list[Wait]],
    figure: Callable[[list[Wait]], float | None],
    goal: float | None,
    words: str = "",
) -> Metric:
    figures = {way: figure(waits) for way, waits in done.items()}
    ours = figures.pop("ours")
    assert ours is not None, f"{name}: nothing succeeded"
    return Metric(name, unit, ours, figures, None if goal is None else at_most(goal, words))


def _succeeded(waits: list[Wait]) -> float:
    return 100 * sum(each.succeeded for each in waits) / len(waits)


def _noticed(waits: list[Wait], percentile: int) -> float | None:
    """Of the imports that did not fail."""
    noticed = [each.noticed for each in waits if each.succeeded]
    if len(noticed) < 2:
        return None
    return statistics.quantiles(noticed, n=100, method="inclusive")[percentile - 1]


def _an_hour(waits: list[Wait], figure: Callable[[Wait], float]) -> float:
    return sum(figure(each) for each in waits) / sum(each.hours for each in waits)


def _at_once(waits: list[Wait]) -> float:
    return max(each.meter.most_at_once for each in waits)
