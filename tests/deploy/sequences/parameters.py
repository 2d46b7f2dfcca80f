# SPDX-License-Identifier: Apache-2.0
"""The sequences as parameters of a test: the most telling ones always, the others on demand."""

import os
from collections.abc import Iterable

import pytest

from tests.deploy.sequences.model import Sequence

SPEED = 600
IMPORT_MINUTES = 20
"""An import takes two seconds: it has ended when the handler looks for the second time."""

ON_DEMAND = pytest.mark.skipif(
    "DEPLOY_ALL" not in os.environ, reason="half a minute each: DEPLOY_ALL=1 plays all sequences"
)


def each_of(sequences: Iterable[Sequence]) -> pytest.MarkDecorator:
    """Run a test with each of the sequences."""
    return pytest.mark.parametrize(
        "sequence",
        [pytest.param(sequence, id=sequence.rule, marks=_marks(sequence)) for sequence in sequences],
    )


def _marks(sequence: Sequence) -> list[pytest.MarkDecorator]:
    on_demand = [] if sequence.in_ci else [ON_DEMAND]
    may_fail = [pytest.mark.xfail(reason=sequence.lacks, strict=False)] if sequence.lacks else []
    return [*on_demand, *may_fail]
