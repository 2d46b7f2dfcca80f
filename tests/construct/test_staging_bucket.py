# SPDX-License-Identifier: Apache-2.0
"""The bucket for the copies of assets, and what the function may do with both."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DataSource, InvalidPropertiesError
from tests.construct.imports import (
    ASSETS,
    HANDLER_POLICY,
    IMPORT,
    OTHER_DATASET,
    STAGING,
    Imports,
    circle,
    of_type,
    statements,
)

WHOLE_BUCKET = (
    "Pass a prefix such as 'training/': the function may write and delete under it, so it must not be the "
    "whole bucket."
)
COPYING = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]


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


def test_data_can_be_staged_in_a_given_bucket(imports: Imports, folder: Path) -> None:
    """The location contains the stack's name, because other stacks may use the bucket too."""
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
    assert prefixes[given].startswith(f"training/Stack/{given}/")
    assert set(of_type(template, "AWS::S3::Bucket")) == {"Bucket83908E77"}
    writable = [
        statement["Resource"]["Fn::Join"][1][1]
        for statement in statements(template, HANDLER_POLICY)
        if statement["Action"] == COPYING
    ]
    assert writable == ["/personalize/Stack/*", "/training/Stack/*"]


def test_two_stacks_stage_the_same_file_of_the_same_import_at_different_places(
    app: cdk.App, folder: Path
) -> None:
    """The function of one stack would remove the copies that the job of the other one reads."""
    stacks = [cdk.Stack(app, name) for name in ("Development", "Production")]
    for stack in stacks:
        bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "shared")
        source = DataSource.from_asset(folder, bucket=bucket, prefix="training/")
        Imports(stack, bucket).add(data_source=source)

    prefixes = {
        resource["Properties"]["Staging"]["Prefix"]
        for stack in stacks
        for resource in of_type(Template.from_stack(stack), IMPORT).values()
    }

    assert len(prefixes) == 2


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("training", "prefix must end in '/', got 'training' (Stack/Import). Use 'training/'."),
        ("/training/", "prefix must not begin with '/', got '/training/' (Stack/Import). Use 'training/'."),
        ("/training", "prefix must not begin with '/', got '/training' (Stack/Import). Use 'training/'."),
        ("", f"prefix must not be empty, got '' (Stack/Import). {WHOLE_BUCKET}"),
        ("/", f"prefix must not begin with '/', got '/' (Stack/Import). {WHOLE_BUCKET}"),
        *(
            (
                prefix,
                "prefix must not contain '*', '?', '$', line breaks, tabs or characters beyond U+00FF, got "
                f"{prefix!r} "
                "(Stack/Import). Choose another prefix: it is in a policy that lets the function write and "
                "delete under it.",
            )
            for prefix in ("*/", "a?b/", "データ/")
        ),
        (7, "prefix must be a string, got 7 (Stack/Import). Pass a prefix that ends in '/'."),
    ],
)
def test_a_wrong_prefix_is_refused(imports: Imports, folder: Path, prefix: Any, expected: str) -> None:
    """The function may write and delete under the prefix, so it must be a folder."""
    with pytest.raises(InvalidPropertiesError) as refused:
        imports.add(data_source=DataSource.from_asset(folder, bucket=imports.bucket, prefix=prefix))

    assert expected == str(refused.value)


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
