# SPDX-License-Identifier: Apache-2.0
"""What the page tells a newcomer to type works."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Read the page's blocks of code of a language."""
    return re.findall(rf"^```{language}[^\n]*\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make what the page says that there is: the schema as it stands there, and the data that it makes."""
    (tmp_path / "interactions.avsc.json").write_text(blocks("json")[0], encoding="utf-8")
    (making,) = (block for block in blocks("sh") if "> interactions.csv" in block)
    run(making, tmp_path)
    return tmp_path


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the page in a shell, as in an activated environment."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def synthesise(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, object]]:
    """Run an app and read the resources of its stack."""
    monkeypatch.chdir(folder)
    exec(code.replace("cdk.App()", f"cdk.App(outdir={str(folder / 'out')!r})"), {})
    template = json.loads((folder / "out" / "Shop.template.json").read_text(encoding="utf-8"))
    resources: dict[str, dict[str, object]] = template["Resources"]
    return resources


def imports(resources: dict[str, dict[str, object]]) -> int:
    """Count the imports."""
    return sum(resource["Type"] == "Custom::PersonalizeDatasetImportJob" for resource in resources.values())


def test_the_stack_synthesises(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole app, as it is copied from the page."""
    app, *_ = blocks("python")

    assert imports(synthesise(app, folder, monkeypatch)) == 1


def test_the_stack_of_updates_synthesises(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The import with a revision, and the one that adds to the dataset, in the place of the first."""
    app, source, revised, more = blocks("python")
    before, after = app.split("job = DatasetImportJob(")
    end = after.split("cdk.CfnOutput", 1)[1]

    code = f"{before}{source}\njob = {revised}\n{more}\ncdk.CfnOutput{end}"

    assert imports(synthesise(code, folder, monkeypatch)) == 2


def test_the_check_finds_nothing(folder: Path) -> None:
    """The command of the page, on data as the page describes it."""
    (command,) = (block for block in blocks("sh") if block.startswith("personalize-import check"))

    ran = run(command, folder)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "no errors, no warnings" in ran.stdout
