# SPDX-License-Identifier: Apache-2.0
import logging
from collections.abc import Iterator

import pytest

from tests.simulation.play import Play
from tests.simulation.simulation import LogScan


@pytest.fixture
def play() -> Iterator[Play]:
    """Make a stack with an import to come, and check all invariants when the test is over."""
    made = Play()
    scan = LogScan(made.simulation.invariants)
    logging.getLogger().addHandler(scan)
    yield made
    made.finish()
    logging.getLogger().removeHandler(scan)
