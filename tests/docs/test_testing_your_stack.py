# SPDX-License-Identifier: Apache-2.0
"""The tests that the page tells users to write pass where they are pasted."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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


def run(project: Path, tests: str) -> str:
    """Run tests of the project as its owner would; what pytest printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests],
        cwd=project,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.stdout + finished.stderr


def test_the_assertions_on_the_template_hold(project: Path) -> None:
    """One on the import's properties, and two on what is imported again."""
    printed = run(project, "test_template.py")

    assert "3 passed" in printed, printed


@pytest.mark.deploy
def test_the_fixture_deploys_the_stack_into_the_embedded_aws(project: Path) -> None:
    """With nothing but the library, the checkout on the path, and the CDK CLI."""
    printed = run(project, "test_deployment.py")

    assert "1 passed" in printed, printed
