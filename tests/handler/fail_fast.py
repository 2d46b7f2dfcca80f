# SPDX-License-Identifier: Apache-2.0
"""Lets a mutant fail as early as it can. The conftest.py of the tests that `make mutate` runs."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dataset_import import importing

if TYPE_CHECKING:
    from collections.abc import Iterator

DURATIONS = Path("mutmut-stats.json")
LONGEST_TEST = 60
"""In seconds. The longest one takes three: a mutant with which a test takes longer is a loop without end."""

vars(importing).update(LOOK_PAUSE=10.0)
"""Fewer looks at jobs that run for hours. They take most of the time of the longest tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the fastest tests first: mutmut orders them by chance, and the first failure ends a run."""
    if DURATIONS.exists():
        durations = json.loads(DURATIONS.read_text())["duration_by_test"]
        items.sort(key=lambda item: durations.get(item.nodeid, 0.0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """End the process with the signal that mutmut takes for a timeout."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGXCPU))
    signal.alarm(LONGEST_TEST)
    try:
        return (yield)
    finally:
        signal.alarm(0)
