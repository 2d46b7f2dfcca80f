# SPDX-License-Identifier: Apache-2.0
"""The programs that all tests find on the path, and the order of the test files."""

import os
import sys
from pathlib import Path

import pytest

# The environment has Node.js, which the CDK starts by its name.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])

_SIMULATION = Path(__file__).with_name("simulation")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the files that take longest: those that deploy, and the simulations."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    """Return 0 for tests that deploy, 1 for the simulations, 2 for all others."""
    if item.get_closest_marker("deploy"):
        return 0
    return 1 if item.path.is_relative_to(_SIMULATION) else 2
