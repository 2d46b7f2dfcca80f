# SPDX-License-Identifier: Apache-2.0
"""Lets a mutant fail as early as it can. The conftest.py of the tests that `make mutate` runs."""

from __future__ import annotations

import functools
import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataset_import import importing

if TYPE_CHECKING:
    from collections.abc import Iterator

DURATIONS = Path("mutmut-stats.json")
KILLS = Path("kills.txt")
"""A line for each mutant that a test has noticed: the function that was changed, and the test."""

SHORTEST_TEST = 0.01
LONGEST_TEST = 60
"""In seconds. The longest one takes three: a mutant with which a test takes longer is a loop without end."""

LONGEST_RUN = 12
"""CPU seconds for one mutant. The tests that are left then count as passed: so a mutant may survive that they
would have noticed, and none is noticed by mistake."""

vars(importing).update(LOOK_PAUSE=10.0)
"""Fewer looks at jobs that run for hours. They take most of the time of the longest tests."""


def changed_function() -> str:
    """The function that has been changed; empty if none has."""
    return os.environ.get("MUTANT_UNDER_TEST", "").partition("__mutmut_")[0]


@functools.cache
def durations() -> dict[str, float]:
    """The seconds of each test."""
    known: dict[str, float] = (
        json.loads(DURATIONS.read_text())["duration_by_test"] if DURATIONS.exists() else {}
    )
    return known


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run those tests first that noticed changes of the same function, then those that notice most a second.

    mutmut orders them by chance, and the first failure ends a run.
    """
    lines = [line.partition(" ") for line in KILLS.read_text().splitlines()] if KILLS.exists() else []
    of_function = Counter(test for function, _, test in lines if function == changed_function())
    of_all = Counter(test for _, _, test in lines)

    def rank(item: pytest.Item) -> tuple[int, float]:
        seconds = durations().get(item.nodeid, 0.0) + SHORTEST_TEST
        return -of_function[item.nodeid], -(of_all[item.nodeid] + 0.1) / seconds

    items.sort(key=rank)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note which test has noticed the change."""
    if report.failed and changed_function():
        with KILLS.open("a") as file:
            file.write(f"{changed_function()} {report.nodeid}\n")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol() -> bool | None:
    """Run no more tests of a mutant after its time."""
    return True if changed_function() and time.process_time() > LONGEST_RUN else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """End the process with the signal that mutmut takes for a timeout."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGXCPU))
    signal.alarm(LONGEST_TEST)
    try:
        return (yield)
    finally:
        signal.alarm(0)
