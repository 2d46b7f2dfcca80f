# SPDX-License-Identifier: Apache-2.0
"""Mutation testing of the handler: changes it in every small way, and counts which changes no test notices.

    make mutate
    make mutate NAMES='dataset_import.record.*'

mutmut knows a module by its path, and `lambda` is no name that Python imports from. So the handler and what
its tests need is laid out anew under build/mutation, and mutated there.
All changes take two hours of two cores, those of one module some minutes.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "build" / "mutation"
TESTS = ("tests/handler",)
"""The simulation finds what these do not, but takes too long to be run for each of some 4,000 changes."""

NEEDED = ("local_aws", "docs", "tests/fakes")
CONFIGURATION = """
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
addopts = ["--import-mode=importlib", "-p", "no:xdist", "-p", "no:cacheprovider",
    # mutmut adds functions of its own to each module.
    "--deselect", "tests/handler/test_messages.py::test_every_message_is_listed",
    # They read the source.
    "--ignore", "tests/handler/test_modules.py"]

[tool.mutmut]
paths_to_mutate = ["dataset_import/"]
source_paths = ["dataset_import"]
tests_dir = ["tests/"]
also_copy = ["local_aws", "docs", "tests"]
# pytest, boto3 and the tests are imported once, not once a mutant.
process_isolation = "forkserver"
timeout_multiplier = 5
# What is logged helps people, and nothing depends on it.
do_not_mutate_patterns = ["logger\\\\.", "logging\\\\.", "TYPE_CHECKING"]
"""


def lay_out() -> None:
    """Copy what is needed to where mutmut can work."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.rmtree(BENCH, ignore_errors=True)
    shutil.copytree(ROOT / "lambda" / "dataset_import", BENCH / "dataset_import", ignore=ignored)
    for name in (*TESTS, *NEEDED):
        shutil.copytree(ROOT / name, BENCH / name, ignore=ignored)
    shutil.copy(ROOT / "tests" / "handler" / "fail_fast.py", BENCH / "tests" / "conftest.py")
    (BENCH / "pyproject.toml").write_text(CONFIGURATION)


def report() -> str:
    """Tell how many mutants were noticed, and which were not."""
    mutmut = [sys.executable, "-m", "mutmut"]
    said = subprocess.run([*mutmut, "results", "--all", "true"], cwd=BENCH, capture_output=True, text=True)
    mutants = dict(line.strip().split(": ") for line in said.stdout.splitlines() if "__mutmut_" in line)
    counts = Counter(mutants.values())
    missed = [name for name, outcome in mutants.items() if outcome in ("survived", "no tests")]
    lines = [f"{count:6}  {outcome}" for outcome, count in counts.most_common()]
    noticed = counts["killed"] + counts["timeout"]
    return "\n".join([*missed, *lines, f"{noticed / max(noticed + len(missed), 1):.1%} were noticed"])


def main() -> None:
    """Mutate, and report."""
    parser = argparse.ArgumentParser(prog="make mutate", description="Mutation testing of the handler.")
    parser.add_argument("names", nargs="*", help="mutants, such as 'dataset_import.record.*'; left out, all")
    names = parser.parse_args().names
    lay_out()
    subprocess.run([sys.executable, "-m", "mutmut", "run", *names], cwd=BENCH, check=False)
    print(report())


if __name__ == "__main__":
    main()
