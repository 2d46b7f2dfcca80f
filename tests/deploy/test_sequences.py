# SPDX-License-Identifier: Apache-2.0
"""Sequences of deployments by the real CDK CLI: what each deployment leaves in the dataset.

After every deployment that ends, rolled back or not, the dataset holds what the deployed template says, or
the deployment says that it does not. No schedule is left, no record holds a URL, and a destroy is clean.
"""

import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from demo.cdk_cli import ROOT
from tests.deploy.environment import Environment
from tests.deploy.sequences import hours, moves, one_import, several
from tests.deploy.sequences.account import Account
from tests.deploy.sequences.model import Sequence
from tests.deploy.sequences.runner import Run

pytestmark = pytest.mark.deploy

SPEED = 600
IMPORT_MINUTES = 20
"""An import takes two seconds: it has ended when the handler looks for the second time."""

ON_DEMAND = pytest.mark.skipif(
    "DEPLOY_ALL" not in os.environ, reason="half a minute each: DEPLOY_ALL=1 plays all sequences"
)
PREVIOUS = "7488250"
"""The last commit with the handler that kept its state in schedules."""

SEQUENCES = (*one_import.SEQUENCES, *moves.SEQUENCES, *several.SEQUENCES, *hours.SEQUENCES)


@pytest.fixture(scope="module")
def account(environment: Environment) -> Account:
    """Prepare the account that all sequences share."""
    made = Account(environment.aws)
    made.prepare()
    return made


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return what takes the previous library out of the history, once."""

    @cache
    def take() -> Path:
        folder = tmp_path_factory.mktemp("previous")
        archive = subprocess.run(
            ["git", "archive", PREVIOUS, "constructs", "lambda"], cwd=ROOT, capture_output=True, check=False
        )
        if archive.returncode:
            pytest.skip("the history of this checkout does not reach back to the previous handler")
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
        return folder

    return take


@pytest.mark.parametrize(
    ("number", "sequence"),
    [
        pytest.param(number, sequence, id=sequence.rule, marks=() if sequence.in_ci else ON_DEMAND)
        for number, sequence in enumerate(SEQUENCES)
    ],
)
def test_sequence(
    number: int,
    sequence: Sequence,
    environment: Environment,
    account: Account,
    previous: Callable[[], Path],
    tmp_path: Path,
) -> None:
    """Its steps end as the table says, and the invariants hold after each."""
    run = Run(f"Q{number:02}", account, environment.aws.environment, tmp_path, previous)

    run.play(sequence)
