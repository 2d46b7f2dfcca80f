# SPDX-License-Identifier: Apache-2.0
import itertools
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from demo.cdk_cli import ROOT
from local_aws import LocalAws
from tests.deploy import one_import
from tests.deploy.bootstrap import bootstrap
from tests.deploy.environment import Environment
from tests.deploy.sequences.account import Account
from tests.deploy.sequences.model import Sequence
from tests.deploy.sequences.runner import Run

PREVIOUS = "7488250"
"""The last commit with the handler that kept its state in schedules."""


@pytest.fixture(scope="module")
def environment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    """Bootstrap an account in which an import takes some seconds.

    A module may set its own SPEED, IMPORT_MINUTES and ADD_STACKS.
    """
    speed = getattr(request.module, "SPEED", 300)
    with LocalAws(speed, import_minutes=getattr(request.module, "IMPORT_MINUTES", None)) as aws:
        bootstrap(aws)
        add_stacks = getattr(request.module, "ADD_STACKS", one_import.add_stacks)
        yield Environment(aws, tmp_path_factory.mktemp("cdk"), add_stacks)


@pytest.fixture(scope="module")
def play(
    environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Sequence], list[str]]:
    """Prepare the account that all sequences of a module share, and return what plays one."""
    account = Account(environment.aws)
    account.prepare()
    numbers = itertools.count(10)

    @cache
    def previous() -> Path:
        return previous_library(tmp_path_factory.mktemp("previous"))

    def play_sequence(sequence: Sequence) -> list[str]:
        home = tmp_path_factory.mktemp("sequence")
        run = Run(f"Q{next(numbers)}", account, environment.aws.environment, home, previous)
        return run.play(sequence)

    return play_sequence


def previous_library(folder: Path) -> Path:
    """Take the library with the previous handler out of the history, into a folder."""
    archive = subprocess.run(
        ["git", "archive", PREVIOUS, "constructs", "lambda"], cwd=ROOT, capture_output=True, check=False
    )
    if archive.returncode:
        pytest.skip("the history of this checkout does not reach back to the previous handler")
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder
