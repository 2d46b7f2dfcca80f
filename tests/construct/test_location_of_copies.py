# SPDX-License-Identifier: Apache-2.0
"""The place of the copies of an asset depends on the contents of the data, and on nothing else."""

import os
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DataSource
from tests.construct.imports import Imports, of_type


def properties_of(path: Path, **options: Any) -> dict[str, Any]:
    """Return the properties of an import of the data at the path."""
    stack = cdk.Stack(cdk.App(), "Stack")
    imports = Imports(stack, s3.Bucket(stack, "Bucket"))
    imports.add(data_source=DataSource.from_asset(path, **options))
    return imports.properties()


def location_of(path: Path) -> str:
    """Return where in the staging bucket the data at the path is copied to."""
    location: str = properties_of(path)["Staging"]["Prefix"]
    return location


def test_the_location_changes_with_the_contents_and_with_nothing_else(folder: Path) -> None:
    """Names, times and files that are not uploaded do not change it."""
    before = location_of(folder)

    os.utime(folder / "part-1.csv", (0, 0))
    (folder / ".DS_Store").write_text("changed")
    (folder / "deeper" / "part-1.csv").write_text("changed")
    moved = folder.rename(folder.with_name("moved"))
    (moved / "part-2.csv").rename(moved / "a-part-2.csv")
    untouched = location_of(moved)
    (moved / "part-1.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n4,5,7\n")
    changed = location_of(moved)
    (moved / "part-3.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n4,5,7\n")
    twice = location_of(moved)

    assert untouched == before
    assert len({before, changed, twice}) == 3


def test_renaming_a_file_changes_no_property(folder: Path) -> None:
    """CloudFormation does not even update the import."""
    before = properties_of(folder / "part-1.csv")

    renamed = (folder / "part-1.csv").rename(folder / "interactions.csv")

    assert properties_of(renamed) == before


def test_the_location_of_the_same_data_never_changes(tmp_path: Path) -> None:
    """A change of its computation would import all data again in every stack."""
    data = tmp_path / "items.csv"
    data.write_bytes(b"ITEM_ID\n1\n")

    assert location_of(data) == "Import98530AF4/222053537d9e5efc90c2/"


def test_the_logical_id_in_the_location_is_that_of_the_template(imports: Imports, folder: Path) -> None:
    """The handler refuses another id, because it deletes only the import's own copies."""
    job = imports.add(data_source=DataSource.from_asset(folder))
    raw = job.node.default_child
    assert isinstance(raw, cdk.CfnResource)
    raw.override_logical_id("Renamed")

    assert imports.properties()["Staging"]["Prefix"].startswith("Renamed/")


def test_a_location_that_is_too_long_is_refused(app: cdk.App, stack: cdk.Stack, folder: Path) -> None:
    """The error names what to shorten."""
    Imports(stack, s3.Bucket(stack, "Bucket")).add("I" * 200, data_source=DataSource.from_asset(folder))

    with pytest.raises(
        RuntimeError, match="data_source must have a location of at most 256 characters, got up"
    ):
        app.synth()


def test_new_data_replaces_the_wait_condition_of_a_long_import(tmp_path: Path) -> None:
    """The logical id of its wait condition depends on the hash of the data."""
    data = tmp_path / "items.csv"

    def condition(text: str) -> str:
        data.write_text(text)
        stack = cdk.Stack(cdk.App(), "Stack")
        imports = Imports(stack, s3.Bucket(stack, "Bucket"))
        imports.add(data_source=DataSource.from_asset(data), timeout=cdk.Duration.hours(3))
        (name,) = of_type(imports.template(), "AWS::CloudFormation::WaitCondition")
        return name

    assert condition("ITEM_ID\n1\n") == condition("ITEM_ID\n1\n") != condition("ITEM_ID\n2\n")
