# SPDX-License-Identifier: Apache-2.0
import os
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DatasetImportJob, DataSource, InvalidPropertiesError
from tests.construct.imports import DATASET_ARN, IMPORT, Imports, of_type

DEPLOYMENT = "Custom::CDKBucketDeployment"
WHOLE_BUCKET = (
    "Name a prefix such as 'training/': the copy removes whatever else lies under it, so it cannot be the "
    "whole bucket."
)
OWN_BUCKET = {"Ref": "ImportUploadBucket6520F50A"}


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


def import_of(properties: dict[str, Any]) -> tuple[Any, str]:
    """Return where an import finds its data, and the revision of the data."""
    return properties["DataSource"]["DataLocation"], properties["Revision"]


def revision_of(path: Path, revision: str | None = None) -> str:
    """Return the revision of an import of the data at the path."""
    stack = cdk.Stack(cdk.App(), "Stack")
    imports = Imports(stack, s3.Bucket(stack, "Bucket"))
    imports.add(data_source=DataSource.from_asset(path), revision=revision)
    return import_of(imports.properties())[1]


def uploaded(app: cdk.App, template: Template) -> list[dict[str, str]]:
    """Return name and content of the files of each deployment's asset."""
    outdir = Path(app.synth().directory)
    assets = []
    for deployment in of_type(template, DEPLOYMENT).values():
        (key,) = deployment["Properties"]["SourceObjectKeys"]
        asset = outdir / f"asset.{key.removesuffix('.zip')}"
        files = {file.relative_to(asset).as_posix(): file.read_text() for file in asset.rglob("*.*")}
        assets.append(dict(sorted(files.items())))
    return assets


def test_a_file_is_uploaded_alone(app: cdk.App, imports: Imports, folder: Path) -> None:
    """Nothing else of its folder comes along, and the location is its key."""
    imports.add(data_source=DataSource.from_asset(folder / "part-1.csv"))

    template = imports.template()

    assert uploaded(app, template) == [{"part-1.csv": "USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n"}]
    (resource,) = of_type(template, IMPORT).values()
    assert resource["Properties"]["DataSource"] == {
        "DataLocation": {"Fn::Join": ["", ["s3://", OWN_BUCKET, "/data/part-1.csv"]]}
    }


def test_files_of_the_same_folder_are_uploaded_apart(app: cdk.App, imports: Imports, folder: Path) -> None:
    """Each import has its own file, in a bucket of its own."""
    imports.add("One", data_source=DataSource.from_asset(folder / "part-1.csv"))
    imports.add("Two", data_source=DataSource.from_asset(folder / "part-2.csv"))
    imports.add("Both", data_source=DataSource.from_asset(folder))

    assets = uploaded(app, imports.template())

    assert [list(files) for files in assets] == [["part-1.csv"], ["part-2.csv"], ["part-1.csv", "part-2.csv"]]


def test_of_a_folder_the_first_level_is_uploaded(app: cdk.App, imports: Imports, folder: Path) -> None:
    """Personalize reads no deeper, and a hidden file without the header would fail the import."""
    imports.add(data_source=DataSource.from_asset(folder))

    template = imports.template()

    (files,) = uploaded(app, template)
    assert list(files) == ["part-1.csv", "part-2.csv"]
    (resource,) = of_type(template, IMPORT).values()
    assert resource["Properties"]["DataSource"] == {
        "DataLocation": {"Fn::Join": ["", ["s3://", OWN_BUCKET, "/data/"]]}
    }


def test_an_archive_is_uploaded_as_it_is(app: cdk.App, imports: Imports, tmp_path: Path) -> None:
    """It is data like any other: if Personalize cannot read it, Personalize says so."""
    archive = tmp_path / "items.zip"
    archive.write_text("not really an archive")
    imports.add(data_source=DataSource.from_asset(archive))

    assert uploaded(app, imports.template()) == [{"items.zip": "not really an archive"}]


def test_the_bucket_of_the_data_is_private_and_goes_with_the_stack(imports: Imports, folder: Path) -> None:
    """Encrypted, over TLS only, not public; emptied by the deployment, so that it can be deleted."""
    imports.add(data_source=DataSource.from_asset(folder))

    template = imports.template()

    bucket = of_type(template, "AWS::S3::Bucket")["ImportUploadBucket6520F50A"]
    assert bucket["DeletionPolicy"] == "Delete"
    assert bucket["Properties"]["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    template.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            }
        },
    )
    (policy,) = of_type(template, "AWS::S3::BucketPolicy").values()
    deny = policy["Properties"]["PolicyDocument"]["Statement"][0]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    template.has_resource_properties(DEPLOYMENT, {"RetainOnDelete": False, "Prune": True})


def test_an_import_waits_for_its_data(imports: Imports, folder: Path) -> None:
    """For the deployment, which answers when the files are in the bucket."""
    imports.add(data_source=DataSource.from_asset(folder))

    template = imports.template()

    (deployment,) = of_type(template, DEPLOYMENT)
    (resource,) = of_type(template, IMPORT).values()
    assert deployment in resource["DependsOn"]


def test_data_can_be_uploaded_into_a_given_bucket(imports: Imports, folder: Path) -> None:
    """Under a prefix that is this import's own, or one that is given."""
    source = DataSource.from_asset(folder, bucket=imports.bucket)
    imports.add("Own", data_source=source)
    source = DataSource.from_asset(folder / "part-1.csv", bucket=imports.bucket, prefix="training/")
    imports.add("Given", data_source=source)

    template = imports.template()

    assert {
        name[:-8]: resource["Properties"]["DataSource"]["DataLocation"]["Fn::Join"][1][2]
        for name, resource in of_type(template, IMPORT).items()
    } == {
        "Own": "/personalize/Stack-Own/",
        "Given": "/training/part-1.csv",
    }
    assert {"personalize/Stack-Own/", "training/"} == {
        deployment["Properties"]["DestinationBucketKeyPrefix"]
        for deployment in of_type(template, DEPLOYMENT).values()
    }
    assert set(of_type(template, "AWS::S3::Bucket")) == {"Bucket83908E77"}


def test_one_source_can_serve_several_imports(imports: Imports, folder: Path) -> None:
    """It is uploaded once, and all wait for it."""
    source = DataSource.from_asset(folder)
    imports.add("First", data_source=source)
    imports.add("Second", data_source=source)

    template = imports.template()

    (deployment,) = of_type(template, DEPLOYMENT)
    assert all(deployment in resource["DependsOn"] for resource in of_type(template, IMPORT).values())
    first, second = (import_of(resource["Properties"]) for resource in of_type(template, IMPORT).values())
    assert first == second


def test_one_source_can_serve_two_apps(folder: Path) -> None:
    """Each has its own upload."""
    source = DataSource.from_asset(folder)

    for _ in range(2):
        stack = cdk.Stack(cdk.App(), "Stack")
        imports = Imports(stack, s3.Bucket(stack, "Bucket"))
        imports.add(data_source=source)
        imports.template().resource_count_is(DEPLOYMENT, 1)


def test_one_source_is_copied_once_in_each_environment(app: cdk.App, folder: Path) -> None:
    """A bucket without a name cannot be used in another account or region than its own."""
    source = DataSource.from_asset(folder)
    places = [("111122223333", "eu-west-1"), ("999999999999", "eu-west-1"), ("111122223333", "us-east-1")]
    for number, (account, region) in enumerate(places * 2):
        stack = cdk.Stack(app, f"Stack{number}", env=cdk.Environment(account=account, region=region))
        arn = f"arn:aws:personalize:{region}:{account}:dataset/shop/INTERACTIONS"
        DatasetImportJob(stack, "Import", dataset_arn=arn, data_source=source)

    assembly = app.synth()

    templates = [stack.template["Resources"].values() for stack in assembly.stacks]
    copies = [[each["Type"] for each in template].count(DEPLOYMENT) for template in templates]
    assert copies == [1, 1, 1, 0, 0, 0]


def test_one_source_can_alternate_between_stages(app: cdk.App, folder: Path) -> None:
    """Each stage has one copy."""
    source = DataSource.from_asset(folder)
    stacks = [cdk.Stack(cdk.Stage(app, name), "Stack") for name in ("Test", "Production")]
    for name in ("First", "Second"):
        for stack in stacks:
            DatasetImportJob(stack, name, dataset_arn=DATASET_ARN, data_source=source)

    for stack in stacks:
        Template.from_stack(stack).resource_count_is(DEPLOYMENT, 1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("training/", "training/"),
        ("training/", "training/items/"),
        ("training/items/", "training/"),
        ("personalize/", None),
        (None, "personalize/Stack-First/"),
    ],
)
def test_a_copy_under_the_prefix_of_another_is_refused(
    imports: Imports, folder: Path, first: str | None, second: str | None
) -> None:
    """Each copy removes whatever else lies under its prefix, so they would remove each other's data."""
    source = DataSource.from_asset(folder / "part-1.csv", bucket=imports.bucket, prefix=first)
    imports.add("First", data_source=source)
    source = DataSource.from_asset(folder / "part-2.csv", bucket=imports.bucket, prefix=second)

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add("Second", data_source=source)

    assert str(refused.value) == (
        f"prefix must be for one copy alone, got {second or 'personalize/Stack-Second/'!r} where the data of "
        f"Stack/First has {first or 'personalize/Stack-First/'!r} in the same bucket: each copy would remove "
        "the other (Stack/Second). Give each a prefix of its own, or pass the one DataSource to both imports."
    )


def test_a_bucket_is_known_by_its_name_among_the_copies_of_a_stage(app: cdk.App, folder: Path) -> None:
    """Two stacks that refer to it mean the same one; two stages may be of two accounts."""

    def add(stack: cdk.Stack, name: str) -> None:
        bucket = s3.Bucket.from_bucket_name(stack, "Bucket", name)
        source = DataSource.from_asset(folder, bucket=bucket, prefix="training/")
        DatasetImportJob(stack, "Import", dataset_arn=DATASET_ARN, data_source=source)

    add(cdk.Stack(app, "One"), "my-data")
    add(cdk.Stack(cdk.Stage(app, "Stage"), "One"), "my-data")
    add(cdk.Stack(app, "Other"), "other-data")

    with pytest.raises(InvalidPropertiesError, match="the data of One/Import has 'training/' in the same"):
        add(cdk.Stack(app, "Two"), "my-data")


def test_copies_beside_each_other_and_one_copy_for_several_imports_pass(
    imports: Imports, folder: Path
) -> None:
    """Neither removes anything of the other."""
    source = DataSource.from_asset(folder, bucket=imports.bucket, prefix="training/")
    imports.add("First", data_source=source)
    imports.add("Second", data_source=source)
    beside = DataSource.from_asset(folder, bucket=imports.bucket, prefix="training-2/")
    imports.add("Third", data_source=beside)

    imports.template().resource_count_is(DEPLOYMENT, 2)


def test_the_revision_changes_with_the_data_and_with_nothing_else(folder: Path) -> None:
    """Not with times, the folder's own name, or what is not uploaded."""
    before = revision_of(folder)

    os.utime(folder / "part-1.csv", (0, 0))
    (folder / ".DS_Store").write_text("changed")
    (folder / "deeper" / "part-1.csv").write_text("changed")
    moved = folder.rename(folder.with_name("moved"))
    untouched = revision_of(moved)
    (moved / "part-2.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n4,5,7\n")
    changed = revision_of(moved)
    (moved / "part-2.csv").rename(moved / "part-3.csv")
    renamed = revision_of(moved)

    assert untouched == before
    assert len({before, changed, renamed}) == 3


def test_the_revision_of_given_data_is_given(tmp_path: Path) -> None:
    """A change of how it is computed would import everything again, everywhere."""
    data = tmp_path / "items.csv"
    data.write_bytes(b"ITEM_ID\n1\n")

    assert revision_of(data) == "985ebc80568754e638581be92bee7f677651881bf89387bac345987274c4d7ed"


def test_the_users_revision_is_joined_with_that_of_the_data(folder: Path) -> None:
    """A change of either imports again."""
    assert revision_of(folder, "again") == revision_of(folder) + "-again"


def test_the_function_that_copies_has_room_for_real_data(imports: Imports, folder: Path) -> None:
    """The CDK's own default, 128 MB of memory and 512 MB of disk, ends with a few hundred MB of data."""
    imports.add(data_source=DataSource.from_asset(folder))

    imports.template().has_resource_properties(
        "AWS::Lambda::Function", {"MemorySize": 2048, "EphemeralStorage": {"Size": 10240}}
    )


@pytest.mark.parametrize("flag", [True, False])
def test_nothing_stays_when_the_stack_is_destroyed(folder: Path, flag: bool) -> None:
    """Not the logs of the function that copies either, which the CDK would keep."""
    app = cdk.App(context={"@aws-cdk/aws-lambda:useCdkManagedLogGroup": flag})
    stack = cdk.Stack(app, "Stack")
    imports = Imports(stack, s3.Bucket.from_bucket_name(stack, "Elsewhere", "elsewhere"))
    imports.add("One", data_source=DataSource.from_asset(folder))
    imports.add("Two", data_source=DataSource.from_asset(folder / "part-1.csv"))

    template = imports.template()

    assert {
        resource["Type"]: resource["DeletionPolicy"]
        for resource in template.to_json()["Resources"].values()
        if "DeletionPolicy" in resource and resource["Type"] != DEPLOYMENT
    } == {"AWS::S3::Bucket": "Delete", "AWS::Logs::LogGroup": "Delete", "AWS::DynamoDB::Table": "Delete"}
    template.resource_count_is("AWS::Logs::LogGroup", 2)


def test_a_path_that_is_not_there_is_refused(imports: Imports, tmp_path: Path) -> None:
    """With the folder from which relative paths start."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset("data/intractions.csv"))

    assert str(refused.value) == (
        "data_source must be a file or a folder, got 'data/intractions.csv' (Stack/Import). "
        f"Create it, or correct the path: relative paths start from {Path.cwd()}."
    )


def test_data_that_is_empty_is_refused(imports: Imports, tmp_path: Path) -> None:
    """A folder without files, or whose files are hidden; a file without content."""
    (tmp_path / ".gitkeep").write_text("hidden")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "items.csv").write_text("ITEM_ID\n1\n")

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(tmp_path))

    assert str(refused.value) == (
        f"data_source must hold data, got nothing in '{tmp_path}' (Stack/Import). Put the data there; files "
        "whose names begin with a dot do not count, nor do files in subfolders."
    )


@pytest.mark.parametrize("path", ["", " "])
def test_an_empty_path_is_refused(imports: Imports, path: str) -> None:
    """It would copy the working directory, of which nobody has spoken."""
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
    """Also from another one than that in which the app was started; the asset is the same."""
    path: str | Path = folder
    if change:
        monkeypatch.chdir(folder.parent)
        path = folder.name
    imports.add(data_source=DataSource.from_asset(path))

    template = imports.template()

    assert [list(files) for files in uploaded(app, template)] == [["part-1.csv", "part-2.csv"]]
    (deployment,) = of_type(template, DEPLOYMENT).values()
    assert deployment["Properties"]["SourceObjectKeys"] == [
        "e482ce32fbeb61869909f2c7289f43f1ab55a678e518e4a3778ee2ad45048d0c.zip"
    ]


@pytest.mark.parametrize("of", ["the only file", "a file of a folder", "the folder"])
def test_a_name_that_is_not_utf_8_is_refused(imports: Imports, tmp_path: Path, of: str) -> None:
    """A key of S3 is text; with the file to rename."""
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
    """With all else that is wrong."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(path, prefix="training", schema={}))

    assert str(refused.value).splitlines() == [
        f"path of DataSource.from_asset must be a string or a pathlib.Path, got {path!r} (Stack/Import). "
        "Pass the path of a file or of a folder.",
        "prefix must end in '/', got 'training' (Stack/Import). Use 'training/'.",
    ]


def test_a_domain_without_a_schema_is_refused(imports: Imports, folder: Path) -> None:
    """It decides what is checked, and without a schema nothing is."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder, domain="ECOMMERCE"))

    assert str(refused.value) == (
        "domain of DataSource.from_asset has no effect without a schema, got 'ECOMMERCE' (Stack/Import). "
        "Pass the dataset's schema too, so that the data is checked, or leave the domain out."
    )


def test_a_domain_may_stay_where_the_check_is_turned_off(imports: Imports, folder: Path) -> None:
    """The check is turned off with one argument, whatever the others are."""
    imports.add(data_source=DataSource.from_asset(folder, schema={}, domain="ECOMMERCE", check=False))


def test_data_that_is_too_large_to_be_copied_is_refused(imports: Imports, tmp_path: Path) -> None:
    """The function that copies has a disk of 10 GiB."""
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(4 * 1024**3 + 1)

    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(large))

    assert str(refused.value) == (
        "data_source must hold at most 4294967296 bytes, got 4294967297 (Stack/Import). "
        "Upload it with 'aws s3 sync' and use DataSource.from_bucket."
    )


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("training", "prefix must end in '/', got 'training' (Stack/Import). Use 'training/'."),
        ("/training/", "prefix must not begin with '/', got '/training/' (Stack/Import). Use 'training/'."),
        ("/training", "prefix must not begin with '/', got '/training' (Stack/Import). Use 'training/'."),
        ("", f"prefix must not be empty, got '' (Stack/Import). {WHOLE_BUCKET}"),
        ("/", f"prefix must not begin with '/', got '/' (Stack/Import). {WHOLE_BUCKET}"),
        (7, "prefix must be a string, got 7 (Stack/Import). Pass a prefix that ends in '/'."),
    ],
)
def test_a_wrong_prefix_is_refused(imports: Imports, folder: Path, prefix: Any, told: str) -> None:
    """What lies under a prefix is the copy's alone, so it has to be a whole folder."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder, bucket=imports.bucket, prefix=prefix))

    assert told == str(refused.value)


def test_commands_that_need_no_assets_copy_none(folder: Path) -> None:
    """`cdk list` and `cdk destroy` tell the app to make no assets."""
    app = cdk.App(context={"aws:cdk:bundling-stacks": []})
    stack = cdk.Stack(app, "Stack")
    Imports(stack, s3.Bucket(stack, "Bucket")).add(data_source=DataSource.from_asset(folder))

    directory = Path(app.synth().directory)

    assert not list(directory.rglob("part-1.csv"))
