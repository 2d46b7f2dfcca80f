# SPDX-License-Identifier: Apache-2.0
"""Sequences of deployments of an import that stays where it is: what each leaves in the dataset.

After every deployment that ends, rolled back or not, the dataset holds what the deployed template says, or
the deployment says that it does not. No schedule is left, no record holds a URL, and a destroy is clean.
"""

from collections.abc import Callable

import pytest

from tests.deploy.sequences import hours, one_import, parameters, previous_handler
from tests.deploy.sequences.model import Sequence

pytestmark = pytest.mark.deploy

SPEED, IMPORT_MINUTES = parameters.SPEED, parameters.IMPORT_MINUTES


@parameters.each_of((*one_import.SEQUENCES, *hours.SEQUENCES, *previous_handler.SEQUENCES))
def test_sequence(sequence: Sequence, play: Callable[[Sequence], list[str]]) -> None:
    """Its steps end as the table says, and `play` checks the invariants after each."""
    assert play(sequence) == sequence.ends
