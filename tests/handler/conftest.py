# SPDX-License-Identifier: Apache-2.0
import pytest

from tests.handler.world import World


@pytest.fixture
def world() -> World:
    """Make a stack with an empty dataset and a good file."""
    return World()
