# SPDX-License-Identifier: Apache-2.0
"""Data of this machine: an asset for each file, which the handler copies to a place of its own."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DatasetImportJob, DataSource
from tests.construct.imports import (
    ASSETS,
    DATASET_ARN,
    HANDLER_POLICY,
    IMPORT,
    OTHER_DATASET,
    STAGING,
    Imports,
    of_type,
    statements,
)


def uploaded(app: cdk.App) -> dict[str, str]:
    """Return the contents of the assets that the CLI uploads, by their keys; not the handler's code."""
    outdir = Path(app.synth().directory)
    manifest = json.loads((outdir / "Stack.assets.json").read_text())["files"].values()
    files = {
        destination["objectKey"]: outdir / asset["source"]["path"]
        for asset in manifest
        for destination in asset["destinations"].values()
        if asset["source"]["packaging"] == "file" and ".template." not in asset["source"]["path"]
    }
    return {key: path.read_text() for key, path in files.items()}


def test_each_file_is_an_asset_that_the_handler_copies_to_a_place_of_its_own(
    app: cdk.App, imports: Imports, folder: Path
) -> None:
    """The import has the list of assets, and reads the folder of the copies."""
    imports.add(data_source=DataSource.from_asset(folder))

    (resource,) = of_type(imports.template(), IMPORT).values()
    (logical_id,) = of_type(imports.template(), IMPORT)
    staging = resource["Properties"]["Staging"]
    files = uploaded(app)
    digest = staging["Prefix"].split("/")[1]
    assert staging == {
        "Bucket": {"Ref": STAGING},
        "Prefix": f"{logical_id}/{digest}/",
        "Files": [
            {"Bucket": ASSETS, "Key": file["Key"], "Name": f"part-{number:04}.csv"}
            for number, file in enumerate(staging["Files"], start=1)
        ],
    }
    assert sorted(file["Key"] for file in staging["Files"]) == sorted(files)
    assert sorted(files.values()) == [
        "USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n",
        "USER_ID,ITEM_ID,TIMESTAMP\n4,5,6\n",
    ]
    assert resource["Properties"]["DataSource"] == {
        "DataLocation": {"Fn::Join": ["", ["s3://", {"Ref": STAGING}, f"/{staging['Prefix']}"]]}
    }


def test_a_file_is_uploaded_alone(app: cdk.App, imports: Imports, folder: Path) -> None:
    """Other files of its folder are not uploaded."""
    imports.add(data_source=DataSource.from_asset(folder / "part-1.csv"))

    assert list(uploaded(app).values()) == ["USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n"]


def test_a_pattern_selects_files_of_a_folder(app: cdk.App, imports: Imports, folder: Path) -> None:
    """The folder may contain other files, such as a schema."""
    (folder / "interactions.avsc.json").write_text("{}")
    imports.add(data_source=DataSource.from_asset(folder, pattern="*-2.csv"))

    assert list(uploaded(app).values()) == ["USER_ID,ITEM_ID,TIMESTAMP\n4,5,6\n"]


@pytest.mark.parametrize("change", [True, False])
def test_a_relative_path_starts_from_the_working_directory(
    app: cdk.App, imports: Imports, folder: Path, monkeypatch: pytest.MonkeyPatch, change: bool
) -> None:
    """That is Python's, even if it was changed after Node.js had started."""
    path: str | Path = folder
    if change:
        monkeypatch.chdir(folder.parent)
        path = folder.name
    imports.add(data_source=DataSource.from_asset(path))

    assert len(uploaded(app)) == 2


def test_the_extension_of_a_single_file_is_the_users_choice(imports: Imports, tmp_path: Path) -> None:
    """The handler may read assets with that extension."""
    data = tmp_path / "items.txt"
    data.write_text("ITEM_ID\n1\n")
    imports.add(data_source=DataSource.from_asset(data))

    template = imports.template()

    (resource,) = of_type(template, IMPORT).values()
    (file,) = resource["Properties"]["Staging"]["Files"]
    assert file["Key"].endswith(".txt")
    assert file["Name"] == "part-0001.csv"
    assert [arns[-1] for arns in readable_assets(template)] == ["/*.csv", "/*.txt"]


def readable_assets(template: Template) -> list[list[Any]]:
    """Return the parts of the ARNs of the assets that the function may read."""
    return [
        statement["Resource"]["Fn::Join"][1]
        for statement in statements(template, HANDLER_POLICY)
        if statement["Action"] == "s3:GetObject"
    ]


def test_imports_share_assets_but_no_copies(app: cdk.App, imports: Imports, folder: Path) -> None:
    """Removing the copies of one import cannot affect another, in the same stack or another stage."""
    source = DataSource.from_asset(folder)
    imports.add("First", data_source=source)
    imports.add("Second", data_source=source, dataset_arn=OTHER_DATASET)
    stage = cdk.Stage(app, "Stage")
    elsewhere = cdk.Stack(stage, "Stack")
    DatasetImportJob(elsewhere, "First", dataset_arn=DATASET_ARN, data_source=source)

    first, second = (
        resource["Properties"]["Staging"] for resource in of_type(imports.template(), IMPORT).values()
    )

    assert first["Files"] == second["Files"]
    assert first["Prefix"] != second["Prefix"]
    assert first["Prefix"].split("/")[-2] == second["Prefix"].split("/")[-2]
    assert len(of_type(Template.from_stack(elsewhere), "AWS::S3::Bucket")) == 1


def test_commands_that_need_no_assets_make_none(folder: Path) -> None:
    """`cdk list` and `cdk destroy` do not copy the data, which may be large."""
    app = cdk.App(context={"aws:cdk:bundling-stacks": []})
    stack = cdk.Stack(app, "Stack")
    Imports(stack, s3.Bucket(stack, "Bucket")).add(data_source=DataSource.from_asset(folder))

    directory = Path(app.synth().directory)

    assert not list(directory.rglob("*.csv"))


def test_commands_that_need_no_assets_do_not_read_the_data(tmp_path: Path) -> None:
    """A stack can be destroyed although its data is no longer on the machine."""
    app = cdk.App(context={"aws:cdk:bundling-stacks": []})
    stack = cdk.Stack(app, "Stack")

    Imports(stack, s3.Bucket(stack, "Bucket")).add(data_source=DataSource.from_asset(tmp_path / "gone.csv"))

    assert of_type(Template.from_stack(stack), IMPORT)
