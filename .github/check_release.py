# SPDX-License-Identifier: Apache-2.0
"""Refuse a release whose tag, version, changelog or address contradict each other."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def problems(tag: str, repository: str, root: Path = ROOT) -> list[str]:
    """List what has to be corrected before a release.

    Args:
        tag: The pushed git tag, `v` and the version.
        repository: The address of the repository in which the release runs.
        root: The checkout.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    version = project["version"]
    found = []
    if tag != f"v{version}":
        found.append(f"The tag is {tag}, but the version in pyproject.toml is {version}.")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        found.append(f"CHANGELOG.md has no dated section for {version}.")
    for name, url in project["urls"].items():
        if not url.startswith(repository):
            found.append(f"[project.urls] {name} is {url}, which is not in {repository}.")
    return found


if __name__ == "__main__":
    if refused := problems(sys.argv[1], sys.argv[2]):
        sys.exit("\n".join(refused))
