# SPDX-License-Identifier: Apache-2.0
"""A release is refused when what it says of itself is not so."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent.parent / ".github" / "check_release.py"
HOME = "https://github.com/shop/imports"
PROJECT = f'[project]\nversion = "1.2.0"\n[project.urls]\nRepository = "{HOME}"\nIssues = "{HOME}/issues"\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that is ready for the release of 1.2.0."""
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / PROGRAM.name).write_bytes(PROGRAM.read_bytes())
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-12-01\n")
    return tmp_path


def check(checkout: Path, tag: str = "v1.2.0", repository: str = HOME) -> tuple[int, str]:
    """Run the program as the workflow does; its exit code and its message."""
    finished = subprocess.run(
        [sys.executable, checkout / ".github" / PROGRAM.name, tag, repository],
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stderr.strip()


def test_a_release_that_agrees_with_itself_passes(checkout: Path) -> None:
    """Tag, version, changelog and address are one."""
    assert check(checkout) == (0, "")


def test_a_tag_of_another_version_is_refused(checkout: Path) -> None:
    """The tag was set before the version was moved."""
    assert check(checkout, tag="v1.3.0") == (
        1,
        "The tag is v1.3.0, but the version in pyproject.toml is 1.2.0.",
    )


def test_a_version_without_a_dated_section_is_refused(checkout: Path) -> None:
    """The changelog still lists it as unreleased."""
    (checkout / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [1.1.0] - 2026-11-01\n")

    assert check(checkout) == (1, "CHANGELOG.md has no dated section for 1.2.0.")


def test_an_address_of_another_repository_is_refused(checkout: Path) -> None:
    """No package is published with links that lead elsewhere."""
    code, said = check(checkout, repository="https://github.com/shop/fork")

    assert code == 1
    assert said.splitlines() == [
        f"[project.urls] Repository is {HOME}, which is not in https://github.com/shop/fork.",
        f"[project.urls] Issues is {HOME}/issues, which is not in https://github.com/shop/fork.",
    ]
