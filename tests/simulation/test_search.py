# SPDX-License-Identifier: Apache-2.0
"""The random search itself: it finds no violation, is deterministic, and reports what it did."""

import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.fakes.faults import Kind
from tests.simulation.__main__ import main, search, story
from tests.simulation.search import run
from tests.simulation.users import CHANGES, KINDS

SEED, RUNS = 20_000_000, 1000
JOURNALS = """
import hashlib, logging
from tests.simulation.search import run
logging.disable(logging.INFO)
digest = hashlib.sha256()
for seed in range(30):
    digest.update("\\n".join(run(seed).simulation.journal.lines()).encode())
print(digest.hexdigest())
"""


@pytest.fixture
def _quiet() -> Iterator[None]:
    """Log nothing: thousands of runs have much to say."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("_quiet")
def test_a_search_finds_no_violation() -> None:
    """Users and faults at random, by fixed seeds; `make simulate` takes fresh ones."""
    report = search(SEED, RUNS)

    assert not report.failures, "\n".join(line for failure in report.failures for line in story(failure))


@pytest.mark.usefixtures("_quiet")
def test_a_search_injects_every_kind_of_fault_and_does_everything_that_users_do() -> None:
    """What is never tried is never found."""
    report = search(1, 250)

    kinds = {name.split(" (")[0] for name in report.faults}
    deployments = {f"deploy, {kind}" for kind in KINDS}
    changes = {f"change {change}" for change in CHANGES}
    assert kinds == {kind.value for kind in Kind} - {Kind.MALFORMED.value}
    assert {"Create", "Update", "Delete", "DescribeStacks"} | deployments | changes <= set(report.operations)


def test_the_same_seed_gives_the_same_run_to_the_byte() -> None:
    """In another process too, whatever its hashes."""
    digests = {
        subprocess.run(
            [sys.executable, "-c", JOURNALS],
            env={**os.environ, "PYTHONPATH": "lambda:.", "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(digests) == 1


@pytest.mark.usefixtures("_quiet")
def test_another_seed_gives_another_run() -> None:
    """The seed decides."""
    journals = {
        hashlib.sha256("\n".join(run(seed).simulation.journal.lines()).encode()).digest()
        for seed in range(20)
    }

    assert len(journals) == 20


def test_no_secret_is_logged_whatever_happens() -> None:
    """Every log line of some random runs is looked at."""
    assert [run(seed, scan_logs=True).violations for seed in range(15)] == [[]] * 15


def test_the_command_reports_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    """Seed, runs, operations, faults and violations."""
    try:
        assert main(["--runs", "20", "--seed", "7"]) == 0
        assert main(["--runs", "1", "--seed", "7", "--without", "1,2"]) == 0
    finally:
        logging.disable(logging.NOTSET)

    said = capsys.readouterr().out
    for word in ("seed 7", "runs         20", "operations", "faults", "violations   0"):
        assert word in said
