# SPDX-License-Identifier: Apache-2.0
"""What holds for all tests: which programs they find, and which of them start first."""

import os
import sys
from pathlib import Path

import pytest

# Node.js among them, however pytest is started.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the tests that deploy: they mostly wait, and others use the cores meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("deploy") is None)
