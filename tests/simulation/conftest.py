# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from tests.simulation.scenario import Scenario
from tests.simulation.simulation import log_captured


@pytest.fixture
def scenario() -> Iterator[Scenario]:
    """Make a stack with an import to come, and check all invariants when the test is over."""
    made = Scenario()
    with log_captured(made.simulation.invariants):
        yield made
        made.finish()
