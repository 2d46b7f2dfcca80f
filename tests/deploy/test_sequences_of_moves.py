# SPDX-License-Identifier: Apache-2.0
"""Sequences of deployments of imports that move, and of several into one dataset.

The same invariants as in test_sequences_in_place.py hold after every deployment.
"""

from collections.abc import Callable

import pytest

from tests.deploy.sequences import moves, parameters, several
from tests.deploy.sequences.model import Sequence

pytestmark = pytest.mark.deploy

SPEED, IMPORT_MINUTES = parameters.SPEED, parameters.IMPORT_MINUTES


@parameters.each_of((*moves.SEQUENCES, *several.SEQUENCES))
def test_sequence(sequence: Sequence, play: Callable[[Sequence], list[str]]) -> None:
    """Its steps end as the table says, and `play` checks the invariants after each."""
    assert play(sequence) == sequence.ends
