# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from tests.simulation.play import Play
from tests.simulation.simulation import log_scan


@pytest.fixture
def play() -> Iterator[Play]:
    """Make a stack with an import to come, and check all invariants when the test is over."""
    made = Play()
    with log_scan(made.simulation.invariants):
        yield made
        made.finish()
