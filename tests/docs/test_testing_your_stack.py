# SPDX-License-Identifier: Apache-2.0
"""The tests that the page tells users to write pass where they are pasted."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Loaded before pytester runs tests in this process, so that they do not load the CDK once more.
import cdk_personalize_import  # noqa: F401

pytest_plugins = "pytester"

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "testing-your-stack.md").read_text(encoding="utf-8")
BLOCK = re.compile(r'^```python title="([^"]+)"\n(.*?)^```', re.MULTILINE | re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project with the files of the page, and the CDK CLI where npm would have installed it."""
    for name, code in BLOCK.findall(TEXT):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"{code}\n\n")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def test_the_assertions_on_the_template_hold(
    project: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page has one test of the import's properties, and two of what is imported again."""
    monkeypatch.chdir(project)

    result = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider", str(project / "test_template.py"))

    result.assert_outcomes(passed=3)


@pytest.mark.deploy
def test_the_fixture_deploys_the_stack_into_the_embedded_aws(project: Path) -> None:
    """The project has the library, the checkout on the path, and the CDK CLI; nothing else."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_deployment.py"],
        cwd=project,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 passed" in finished.stdout, finished.stdout + finished.stderr
