# SPDX-License-Identifier: Apache-2.0
import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import MissingHandlerError
from cdk_personalize_import._handler_asset import find_handler
from tests.construct.imports import Imports

HANDLER = Path(__file__).parents[2] / "lambda" / "dataset_import"

APP = """
import sys
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_personalize_import import DatasetImportJob, DataSource

app = cdk.App(outdir=sys.argv[1])
for name in sys.argv[2:]:
    stack = cdk.Stack(app, name)
    DatasetImportJob(
        stack, "Import", dataset_arn="arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS",
        data_source=DataSource.from_bucket(s3.Bucket(stack, "Bucket"), "items.csv"),
    )
app.synth()
"""


@pytest.fixture(scope="module")
def asset() -> Path:
    """The asset of the handler."""
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    Imports(stack, s3.Bucket(stack, "Bucket")).add()
    (asset,) = Path(app.synth().directory).glob("asset.*")
    return asset


def test_the_asset_holds_the_handler_and_crhelper(asset: Path) -> None:
    """The licence of crhelper requires that it is distributed with the code."""
    files = {path.relative_to(asset).as_posix() for path in asset.rglob("*") if path.is_file()}

    version = importlib.metadata.version("crhelper")
    handler = {name for name in files if name.startswith("dataset_import/")}
    assert "dataset_import/handler.py" in handler
    assert files - handler == {
        "crhelper/__init__.py",
        "crhelper/log_helper.py",
        "crhelper/resource_helper.py",
        "crhelper/utils.py",
        f"crhelper-{version}.dist-info/LICENSE",
        f"crhelper-{version}.dist-info/NOTICE",
    }
    assert all(name.endswith(".py") for name in handler)


def test_the_asset_has_at_most_80_kb_zipped(asset: Path, tmp_path: Path) -> None:
    """Small code starts fast, and the console can show it."""
    zipped = Path(shutil.make_archive(str(tmp_path / "code"), "zip", asset))

    assert zipped.stat().st_size <= 80_000


def test_the_code_is_that_of_the_repository(asset: Path) -> None:
    """The console shows the source with docstrings and annotations."""
    originals = sorted(HANDLER.glob("*.py"))

    assert originals
    for original in originals:
        assert (asset / "dataset_import" / original.name).read_bytes() == original.read_bytes()


def test_the_asset_runs_on_its_own(asset: Path) -> None:
    """AWS Lambda provides only Python and boto3."""
    script = "import dataset_import.handler, crhelper; print(crhelper.__file__)"

    printed = subprocess.run(
        [sys.executable, "-c", script],
        cwd=asset,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-west-1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert Path(printed.strip()) == asset / "crhelper" / "__init__.py"


@pytest.mark.slow
def test_the_hash_is_the_same_every_time(tmp_path: Path, asset: Path) -> None:
    """It depends on no process, order, folder or umask, and neither Docker nor AWS's tools are needed."""
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.symlink_to(str(shutil.which("node")))
    environment = {
        **os.environ,
        "PATH": str(node.parent),
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Kolkata",
    }
    previous = os.umask(0o077)
    try:
        subprocess.run(
            [sys.executable, "-c", APP, str(tmp_path / "out"), "One", "Two"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=True,
        )
    finally:
        os.umask(previous)

    assert [asset.name] == [path.name for path in (tmp_path / "out").glob("asset.*")]


def test_the_packaged_handler_comes_before_that_of_a_checkout(tmp_path: Path) -> None:
    """An installed library uses the handler of its own version."""
    packaged, checkout = tmp_path / "packaged", tmp_path / "checkout"
    for place in (packaged, checkout):
        place.mkdir()
        (place / "handler.py").touch()

    assert find_handler((packaged, checkout)) == packaged
    assert find_handler((tmp_path / "none", checkout)) == checkout


def test_a_missing_handler_is_an_error(tmp_path: Path) -> None:
    """The error lists the folders that were searched."""
    with pytest.raises(MissingHandlerError) as missing:
        find_handler((tmp_path / "packaged", tmp_path / "checkout"))

    assert str(missing.value) == (
        f"The handler of cdk-personalize-import is neither in {tmp_path / 'packaged'} nor in "
        f"{tmp_path / 'checkout'}. Install cdk-personalize-import again, or use a complete checkout."
    )
