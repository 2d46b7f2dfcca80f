# SPDX-License-Identifier: Apache-2.0
"""What is built works in somebody else's app, far from this checkout."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent

APP = """
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

import cdk_personalize_import
from cdk_personalize_import import DatasetImportJob, DataSource

app = cdk.App(outdir="assembly")
stack = cdk.Stack(app, "Theirs")
DatasetImportJob(
    stack,
    "Import",
    dataset_arn="arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS",
    data_source=DataSource.from_bucket(s3.Bucket(stack, "Bucket"), "items.csv"),
)
app.synth()
print(cdk_personalize_import.__file__)
"""

APP_WITH_BAD_DATA = """
import aws_cdk as cdk

import personalize_import
from cdk_personalize_import import DatasetImportJob, DataSource, InvalidPropertiesError

print(personalize_import.__file__)
try:
    DatasetImportJob(
        cdk.Stack(cdk.App(), "Theirs"),
        "Import",
        dataset_arn="arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS",
        data_source=DataSource.from_asset("items.csv", schema="items.avsc.json"),
    )
except InvalidPropertiesError as refused:
    print(refused)
"""

ITEMS_SCHEMA = {
    "type": "record",
    "name": "Items",
    "fields": [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}],
}


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command, as somebody who has never heard of this checkout would."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    finished = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution, as `python -m build` does."""
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, cwd=ROOT)
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def somebodys_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it.

    What the library depends on comes from the environment that runs the tests, so that nothing is downloaded.
    Its site-packages is on the path as a folder only: the file there that leads to this checkout is not read.
    """
    environment = tmp_path_factory.mktemp("somebody") / "venv"
    venv.create(environment, symlinks=True)
    bin_ = "Scripts" if os.name == "nt" else "bin"
    python = environment / bin_ / "python"
    site = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=environment).strip()
    )
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=environment,
    )
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python


def test_the_wheel_holds_the_library_its_command_its_handler_and_nothing_else(wheel: Path) -> None:
    """The embedded AWS and the tests stay here."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    tops = {name.split("/")[0] for name in names}
    packages = {"cdk_personalize_import", "personalize_import"}
    assert {top for top in tops if not top.endswith(".dist-info")} == packages
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    handler = {path.name for path in (ROOT / "lambda" / "dataset_import").glob("*.py")}
    assert handler == {
        name.removeprefix("cdk_personalize_import/_lambda/dataset_import/")
        for name in names
        if name.startswith("cdk_personalize_import/_lambda/")
    }
    commands = ROOT / "cli" / "personalize_import"
    assert {path.relative_to(commands.parent).as_posix() for path in commands.rglob("*.py")} == {
        name for name in names if name.startswith("personalize_import/") and name.endswith(".py")
    }


def test_an_editable_install_finds_both_packages(tmp_path: Path) -> None:
    """It puts the folders of the two packages on the path, and not the repository."""
    code = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"

    run(sys.executable, "-c", code, tmp_path, cwd=ROOT)

    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        (paths,) = (name for name in archive.namelist() if name.endswith(".pth"))
        folders = archive.read(paths).decode().splitlines()
    assert sorted(folders) == [str(ROOT / "cli"), str(ROOT / "constructs")]


def test_the_wheel_works_in_somebody_elses_app(somebodys_python: Path, tmp_path: Path) -> None:
    """The app finds the library in its own environment, and the assembly holds the handler's code."""
    (tmp_path / "app.py").write_text(APP)

    printed = run(somebodys_python, "app.py", cwd=tmp_path)

    library = Path(printed.strip())
    assert library.is_relative_to(somebodys_python.parents[1])
    assert not library.is_relative_to(ROOT)
    manifest = json.loads((tmp_path / "assembly" / "Theirs.assets.json").read_text())
    folders = [
        tmp_path / "assembly" / file["source"]["path"]
        for file in manifest["files"].values()
        if file["source"]["packaging"] == "zip"
    ]
    (asset,) = folders
    handler = (ROOT / "lambda" / "dataset_import" / "handler.py").read_text()
    assert handler == (asset / "dataset_import" / "handler.py").read_text()
    assert (asset / "crhelper" / "resource_helper.py").is_file()


@pytest.fixture
def bad_items(tmp_path: Path) -> Path:
    """A folder with a schema of items, and with items of which one has a word for its price."""
    (tmp_path / "items.avsc.json").write_text(json.dumps(ITEMS_SCHEMA))
    (tmp_path / "items.csv").write_text("ITEM_ID,PRICE\na,1.5\nb,cheap\n")
    return tmp_path


def test_the_command_of_the_wheel_checks_data(somebodys_python: Path, bad_items: Path) -> None:
    """The entry point runs the installed package, and exits with 1 for bad data."""
    command = somebodys_python.with_name("personalize-import")

    ended = subprocess.run(
        [command, "check", "items.csv", "--schema", "items.avsc.json"],
        cwd=bad_items,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (1, "")
    assert "PRICE=cheap" in ended.stdout


def test_the_status_of_the_wheel_uses_the_handlers_code(somebodys_python: Path, tmp_path: Path) -> None:
    """It lies inside of the constructs' package, which is not imported: the CDK takes seconds to load."""
    code = (
        "import sys; import personalize_import.cli.status_command as command; print(command.__file__);"
        "print(sys.modules['dataset_import'].__file__, sys.modules['dataset_import.record'].__file__);"
        "print(sorted({'aws_cdk', 'cdk_personalize_import', 'crhelper'} & set(sys.modules)))"
    )

    command, handler, loaded = run(somebodys_python, "-c", code, cwd=tmp_path).splitlines()

    site = somebodys_python.parents[1]
    assert [Path(file).is_relative_to(site) for file in (command, *handler.split())] == [True] * 3
    assert all(Path(file).parts[-3:-1] == ("_lambda", "dataset_import") for file in handler.split())
    assert loaded == "[]"


def test_from_asset_of_the_wheel_checks_data(somebodys_python: Path, bad_items: Path) -> None:
    """The construct finds the check in the installed package, and refuses the data at synth."""
    (bad_items / "app.py").write_text(APP_WITH_BAD_DATA)

    package, *refused = run(somebodys_python, "app.py", cwd=bad_items).splitlines()

    assert Path(package).is_relative_to(somebodys_python.parents[1])
    assert "items.csv:3: A value must be of its field's type" in "\n".join(refused)
