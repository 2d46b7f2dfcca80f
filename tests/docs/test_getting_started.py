# SPDX-License-Identifier: Apache-2.0
"""What the page tells a newcomer to type works."""

import json
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
    """Make what the page says that there is: the schema as it stands there, and data for it."""
    (tmp_path / "interactions.avsc.json").write_text(blocks("json")[0], encoding="utf-8")
    header = blocks("text")[0].splitlines()[0]
    rows = [f"{n % 50},book-{n % 70},{1700000000 + n}" for n in range(1000)]
    (tmp_path / "interactions.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return tmp_path


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
    app, _, revised, more = blocks("python")
    before, after = app.split("job = DatasetImportJob(")
    end = after.split("cdk.CfnOutput", 1)[1]
    bucket = "from aws_cdk import aws_s3 as s3\nbucket = s3.Bucket(stack, 'Bucket')\n"

    code = f"{before}{bucket}job = {revised}\n{more}\ncdk.CfnOutput{end}"

    assert imports(synthesise(code, folder, monkeypatch)) == 2


def test_the_check_finds_nothing(folder: Path) -> None:
    """The command of the page, on data as the page describes it."""
    command = next(
        line for line in blocks("sh")[1].splitlines() if line.startswith("personalize-import check")
    )

    ran = subprocess.run(
        [Path(sys.executable).with_name("personalize-import"), *command.split()[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
