# SPDX-License-Identifier: Apache-2.0
"""Data of this machine: an asset for each file, and a location that depends on the contents."""

import json
import os
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DatasetImportJob, DataSource, InvalidPropertiesError
from tests.construct.imports import (
    DATASET_ARN,
    HANDLER_POLICY,
    IMPORT,
    Imports,
    circle,
    of_type,
    statements,
)

OTHER_DATASET = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"
WHOLE_BUCKET = (
    "Pass a prefix such as 'training/': the function may write and delete under it, so it must not be the "
    "whole bucket."
)
STAGING = "PersonalizeImportHandlerStagingAA739DA5"
ASSETS = {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}
COPYING = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with data, and with what is no data beside it."""
    folder = tmp_path / "data"
    (folder / "deeper").mkdir(parents=True)
    (folder / "part-1.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n")
    (folder / "part-2.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n4,5,6\n")
    (folder / ".DS_Store").write_text("left by a file manager")
    (folder / "deeper" / "part-1.csv").write_text("ignored by Personalize")
    return folder


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


@pytest.mark.parametrize("stray", ["interactions.avsc.json", "_SUCCESS", "README.md"])
def test_a_folder_with_other_files_than_csv_is_refused(imports: Imports, folder: Path, stray: str) -> None:
    """Personalize would read the file, and report missing columns without its name."""
    (folder / stray).write_text("no data")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder))

    assert str(refused.value) == (
        f"data_source must hold CSV files only, got {stray!r} in {str(folder)!r} (Stack/Import). Personalize "
        "imports every file of a folder. Pass a pattern of the names to import, such as pattern='*.csv', or "
        "move the other files."
    )
    imports.add("Other", data_source=DataSource.from_asset(folder, pattern="*"))


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


def test_the_function_may_copy_assets_and_change_copies_and_nothing_else(
    imports: Imports, folder: Path
) -> None:
    """No statement depends on the data, so the older policy of a rollback allows the same."""
    imports.add(data_source=DataSource.from_asset(folder))

    template = imports.template()

    of_s3 = [found for found in statements(template, HANDLER_POLICY) if "s3:" in json.dumps(found["Action"])]
    copies = {"Fn::Join": ["", [{"Fn::GetAtt": [STAGING, "Arn"]}, "/*"]]}
    assets = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", ASSETS, "/*.csv"]]}
    assert of_s3 == [
        {"Action": "s3:GetObject", "Effect": "Allow", "Resource": assets},
        {"Action": COPYING, "Effect": "Allow", "Resource": copies},
    ]


def test_new_data_changes_no_policy(tmp_path: Path) -> None:
    """The policies of the function, the role and the bucket stay the same."""
    data = tmp_path / "items.csv"

    def policies(text: str) -> dict[str, Any]:
        data.write_text(text)
        stack = cdk.Stack(cdk.App(), "Stack")
        imports = Imports(stack, s3.Bucket(stack, "Bucket"))
        imports.add("Own", data_source=DataSource.from_asset(data))
        source = DataSource.from_asset(data, bucket=imports.bucket)
        imports.add("Given", data_source=source, dataset_arn=OTHER_DATASET)
        resources = imports.template().to_json()["Resources"]
        return {name: found for name, found in resources.items() if found["Type"] not in (IMPORT,)}

    assert policies("ITEM_ID\n1\n") == policies("ITEM_ID\n2\n")


def test_the_staging_bucket_is_private_and_goes_with_the_stack(imports: Imports, folder: Path) -> None:
    """It is encrypted, TLS only and not public, and S3 expires copies that a failed clean-up leaves."""
    imports.add(data_source=DataSource.from_asset(folder))

    template = imports.template()

    bucket = of_type(template, "AWS::S3::Bucket")[STAGING]
    assert bucket["DeletionPolicy"] == "Delete"
    assert bucket["Properties"] == {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]
        },
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    "ExpirationInDays": 7,
                    "Status": "Enabled",
                }
            ]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    }
    (policy,) = of_type(template, "AWS::S3::BucketPolicy").values()
    deny = policy["Properties"]["PolicyDocument"]["Statement"][0]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_first_import_of_a_stack_adds_bucket_and_policy_and_each_further_one_nothing(
    folder: Path,
) -> None:
    """Compared with from_bucket there is no function, layer or custom resource more."""

    def types(*sources: DataSource) -> list[str]:
        stack = cdk.Stack(cdk.App(), "Stack")
        imports = Imports(stack, s3.Bucket.from_bucket_name(stack, "Bucket", "my-data"))
        for number, source in enumerate(sources):
            imports.add(f"Import{number}", data_source=source)
        resources = imports.template().to_json()["Resources"].values()
        return sorted(resource["Type"] for resource in resources)

    stack = cdk.Stack(cdk.App(), "Elsewhere")
    there = DataSource.from_bucket(s3.Bucket.from_bucket_name(stack, "Bucket", "my-data"), "items.csv")
    here = DataSource.from_asset(folder)

    assert types(here) == sorted([*types(there), "AWS::S3::Bucket", "AWS::S3::BucketPolicy"])
    assert types(here, here) == sorted([*types(there, there), "AWS::S3::Bucket", "AWS::S3::BucketPolicy"])


def test_data_can_be_staged_in_a_given_bucket(imports: Imports, folder: Path) -> None:
    """The default prefix contains the stack's name, and another one can be passed."""
    imports.add("Own", data_source=DataSource.from_asset(folder, bucket=imports.bucket))
    source = DataSource.from_asset(folder / "part-1.csv", bucket=imports.bucket, prefix="training/")
    imports.add("Given", data_source=source, dataset_arn=OTHER_DATASET)

    template = imports.template()

    prefixes = {
        name: resource["Properties"]["Staging"]["Prefix"]
        for name, resource in of_type(template, IMPORT).items()
    }
    own, given = sorted(prefixes, key=len)
    assert prefixes[own].startswith(f"personalize/Stack/{own}/")
    assert prefixes[given].startswith(f"training/{given}/")
    assert set(of_type(template, "AWS::S3::Bucket")) == {"Bucket83908E77"}
    writable = [
        statement["Resource"]["Fn::Join"][1][1]
        for statement in statements(template, HANDLER_POLICY)
        if statement["Action"] == COPYING
    ]
    assert writable == ["/personalize/Stack/*", "/training/*"]


def test_the_function_may_use_the_key_of_a_given_bucket(stack: cdk.Stack, folder: Path) -> None:
    """The function needs the key to encrypt its copies."""
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    imports = Imports(stack, bucket)
    imports.add(data_source=DataSource.from_asset(folder, bucket=bucket))

    template = imports.template()

    arn_of_key = {"Fn::GetAtt": ["Key961B73FD", "Arn"]}
    assert [
        statement["Action"]
        for statement in statements(template, HANDLER_POLICY)
        if statement["Resource"] == arn_of_key
    ] == [["kms:Decrypt", "kms:GenerateDataKey"]]
    assert circle(template) == []


def test_the_function_may_use_the_key_of_an_alias(app: cdk.App, folder: Path) -> None:
    """A policy that names the ARN of an alias allows nothing, so a condition names the alias."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    key = kms.Alias.from_alias_name(stack, "Alias", "alias/data")
    bucket = s3.Bucket(stack, "Bucket", encryption_key=key)
    imports = Imports(stack, bucket)
    imports.add(data_source=DataSource.from_asset(folder, bucket=bucket))

    (statement,) = (
        found
        for found in statements(imports.template(), HANDLER_POLICY)
        if found["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    )

    assert ":kms:eu-west-1:111122223333:key/*" in json.dumps(statement["Resource"])
    assert statement["Condition"] == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/data"}}


def test_a_bucket_of_another_account_is_refused(app: cdk.App, folder: Path) -> None:
    """The function can write only to buckets of its own account."""
    here = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    theirs = s3.Bucket.from_bucket_attributes(
        here, "Theirs", bucket_name="theirs", account="999999999999", region="eu-west-1"
    )

    with pytest.raises(InvalidPropertiesError) as refused:
        Imports(here, theirs).add(data_source=DataSource.from_asset(folder, bucket=theirs))

    assert str(refused.value) == (
        "bucket of DataSource.from_asset must be of the stack's account 111122223333, got one of "
        "999999999999 (Stack/Import). Pass a bucket of 111122223333, or omit it."
    )


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


def test_nothing_stays_when_the_stack_is_destroyed(folder: Path) -> None:
    """Every resource that could be retained has the deletion policy Delete."""
    stack = cdk.Stack(cdk.App(), "Stack")
    imports = Imports(stack, s3.Bucket.from_bucket_name(stack, "Elsewhere", "elsewhere"))
    imports.add(data_source=DataSource.from_asset(folder))

    assert {
        resource["Type"]: resource["DeletionPolicy"]
        for resource in imports.template().to_json()["Resources"].values()
        if "DeletionPolicy" in resource
    } == {"AWS::S3::Bucket": "Delete", "AWS::Logs::LogGroup": "Delete", "AWS::DynamoDB::Table": "Delete"}


def test_a_path_that_does_not_exist_is_refused(imports: Imports, tmp_path: Path) -> None:
    """The error names the folder from which relative paths start."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset("data/intractions.csv"))

    assert str(refused.value) == (
        "data_source must be a file or a folder, got 'data/intractions.csv' (Stack/Import). "
        f"Create it, or correct the path: relative paths start from {Path.cwd()}."
    )


def test_data_that_is_empty_is_refused(imports: Imports, tmp_path: Path) -> None:
    """The folder has only hidden files and a subfolder."""
    (tmp_path / ".gitkeep").write_text("hidden")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "items.csv").write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold data, got nothing in '{tmp_path}' (Stack/Import). Add data. Files in "
        "subfolders, and files whose names begin with a dot, are not imported."
    )


@pytest.mark.parametrize("path", ["", " "])
def test_an_empty_path_is_refused(imports: Imports, path: str) -> None:
    """It would mean the working directory."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(path))

    assert str(refused.value) == (
        f"path of DataSource.from_asset must not be empty, got {path!r} (Stack/Import). "
        "Pass the path of a file or of a folder; '.' is the working directory."
    )


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


@pytest.mark.parametrize("of", ["the only file", "a file of a folder", "the folder"])
def test_a_name_that_is_not_utf_8_is_refused(imports: Imports, tmp_path: Path, of: str) -> None:
    """Keys of S3 are UTF-8, and the error names the file to rename."""
    odd = "caf\udce9"
    folder = tmp_path / (odd if of == "the folder" else "data")
    folder.mkdir()
    file = folder / f"{'items' if of == 'the folder' else odd}.csv"
    file.write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(file if of == "the only file" else folder))

    got = str(folder) if of == "the folder" else f"{odd}.csv"
    assert str(refused.value) == (
        f"data_source must have names in UTF-8, got {got!r} (Stack/Import). Rename it."
    )


@pytest.mark.parametrize("path", [None, 7, b"items.csv"])
def test_what_is_not_a_path_is_refused(imports: Imports, path: Any) -> None:
    """The error lists the other problems too."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(path, prefix="training", schema={}))

    assert str(refused.value).splitlines() == [
        f"path of DataSource.from_asset must be a string or a pathlib.Path, got {path!r} (Stack/Import). "
        "Pass the path of a file or of a folder.",
        "prefix must end in '/', got 'training' (Stack/Import). Use 'training/'.",
    ]


def test_a_domain_without_a_schema_is_refused(imports: Imports, folder: Path) -> None:
    """Without a schema there is no check that could use the domain."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder, domain="ECOMMERCE"))

    assert str(refused.value) == (
        "domain of DataSource.from_asset has no effect without a schema, got 'ECOMMERCE' (Stack/Import). "
        "Pass the schema of the dataset too, or omit the domain."
    )


def test_a_domain_may_stay_where_the_check_is_turned_off(imports: Imports, folder: Path) -> None:
    """`check=False` is sufficient, whatever the other arguments are."""
    imports.add(data_source=DataSource.from_asset(folder, schema={}, domain="ECOMMERCE", check=False))


def sparse(path: Path, size: int) -> Path:
    """Make a file that takes no space."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


FROM_BUCKET = "Upload the data with 'aws s3 sync' and use DataSource.from_bucket."


def test_a_file_that_is_too_large_is_refused(imports: Imports, tmp_path: Path) -> None:
    """The error has the limit and an alternative."""
    large = sparse(tmp_path / "large.csv", 5 * 1024**3 + 1)

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(large))

    assert str(refused.value) == (
        "data_source must have files of at most 5368709120 bytes, got 5368709121 in 'large.csv' "
        f"(Stack/Import). {FROM_BUCKET}"
    )


def test_files_that_are_too_large_together_are_refused(imports: Imports, tmp_path: Path) -> None:
    """The limit applies to the sum."""
    for number in range(5):
        sparse(tmp_path / f"{number}.csv", 4 * 1024**3 + 1)

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold at most 21474836480 bytes, got 21474836485 (Stack/Import). {FROM_BUCKET}"
    )


def test_too_many_files_are_refused(imports: Imports, tmp_path: Path) -> None:
    """The template lists every file, so their number is limited."""
    for number in range(201):
        (tmp_path / f"{number}.csv").write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold at most 200 files, got 201 in {str(tmp_path)!r} (Stack/Import). Join files. "
        "Or upload the data with 'aws s3 sync' and use DataSource.from_bucket."
    )


@pytest.mark.parametrize("pattern", ["", "data/*.csv", 7])
def test_what_is_no_pattern_of_names_is_refused(imports: Imports, folder: Path, pattern: Any) -> None:
    """A pattern is a text without a slash."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder, pattern=pattern))

    assert str(refused.value) == (
        f"pattern of DataSource.from_asset must be a pattern of file names, got {pattern!r} (Stack/Import). "
        "Pass a pattern such as '*.csv', or omit it."
    )


def test_a_pattern_for_a_file_is_refused(imports: Imports, folder: Path) -> None:
    """A pattern selects files of a folder."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder / "part-1.csv", pattern="*.csv"))

    assert str(refused.value) == (
        "pattern of DataSource.from_asset must be for a folder, got '*.csv' for a file (Stack/Import). "
        "Omit it, or pass the folder."
    )


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("training", "prefix must end in '/', got 'training' (Stack/Import). Use 'training/'."),
        ("/training/", "prefix must not begin with '/', got '/training/' (Stack/Import). Use 'training/'."),
        ("/training", "prefix must not begin with '/', got '/training' (Stack/Import). Use 'training/'."),
        ("", f"prefix must not be empty, got '' (Stack/Import). {WHOLE_BUCKET}"),
        ("/", f"prefix must not begin with '/', got '/' (Stack/Import). {WHOLE_BUCKET}"),
        (7, "prefix must be a string, got 7 (Stack/Import). Pass a prefix that ends in '/'."),
    ],
)
def test_a_wrong_prefix_is_refused(imports: Imports, folder: Path, prefix: Any, expected: str) -> None:
    """The function may write and delete under the prefix, so it must be a folder."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder, bucket=imports.bucket, prefix=prefix))

    assert expected == str(refused.value)


def test_commands_that_need_no_assets_make_none(folder: Path) -> None:
    """`cdk list` and `cdk destroy` do not copy the data, which may be large."""
    app = cdk.App(context={"aws:cdk:bundling-stacks": []})
    stack = cdk.Stack(app, "Stack")
    Imports(stack, s3.Bucket(stack, "Bucket")).add(data_source=DataSource.from_asset(folder))

    directory = Path(app.synth().directory)

    assert not list(directory.rglob("*.csv"))
