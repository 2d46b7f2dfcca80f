# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from tests.construct.imports import Imports


@pytest.fixture(scope="session")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the assemblies of all tests, so that the CDK bundles the handler's code once."""
    return tmp_path_factory.mktemp("cdk.out")


@pytest.fixture
def app(outdir: Path) -> cdk.App:
    """An app without feature flags."""
    return cdk.App(outdir=str(outdir))


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """A stack for any environment."""
    return cdk.Stack(app, "Stack")


@pytest.fixture
def bucket(stack: cdk.Stack) -> s3.Bucket:
    """A bucket of the stack, with data in it."""
    return s3.Bucket(stack, "Bucket")


@pytest.fixture
def imports(stack: cdk.Stack, bucket: s3.Bucket) -> Imports:
    """Imports into the stack, of whose properties a test names only those that it is about."""
    return Imports(stack, bucket)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files of data; a hidden file and a subfolder beside them are not imported."""
    folder = tmp_path / "data"
    (folder / "deeper").mkdir(parents=True)
    (folder / "part-1.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n")
    (folder / "part-2.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n4,5,6\n")
    (folder / ".DS_Store").write_text("left by a file manager")
    (folder / "deeper" / "part-1.csv").write_text("ignored by Personalize")
    return folder
