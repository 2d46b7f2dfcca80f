# SPDX-License-Identifier: Apache-2.0
"""Constructs are identified by identity, not by the equality of their class."""

import json
from pathlib import Path

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DatasetImportJob, DataSource
from tests.construct.imports import DATASET_ARN, IMPORT, Imports, of_type


class BucketOfTheTeam(s3.Bucket):
    """A bucket that is equal to all others of its class."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BucketOfTheTeam)

    def __hash__(self) -> int:
        return 0


class BucketWithoutHash(s3.Bucket):
    """A bucket that cannot be the key of a dictionary."""

    def __eq__(self, other: object) -> bool:
        return self is other


class StageOfTheTeam(cdk.Stage):
    """A stage that is equal to all others of its class."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StageOfTheTeam)

    def __hash__(self) -> int:
        return 0


def test_buckets_that_are_equal_are_still_two(stack: cdk.Stack) -> None:
    """Each bucket has its own location and policy."""
    for name in ("First", "Second"):
        Imports(stack, BucketOfTheTeam(stack, f"{name}Bucket")).add(name)

    template = Template.from_stack(stack)

    first, second = of_type(template, IMPORT).values()
    assert first["Properties"]["DataSource"] != second["Properties"]["DataSource"]
    template.resource_count_is("AWS::S3::BucketPolicy", 2)


def test_a_bucket_needs_no_hash(stack: cdk.Stack) -> None:
    """A Python class that defines only equality has no hash."""
    Imports(stack, BucketWithoutHash(stack, "Bucket")).add()

    Template.from_stack(stack).resource_count_is("AWS::S3::BucketPolicy", 1)


def test_stages_that_are_equal_have_a_bucket_each(app: cdk.App, tmp_path: Path) -> None:
    """A stack cannot use the bucket of another stage."""
    data = tmp_path / "items.csv"
    data.write_text("ITEM_ID\n1\n")
    source = DataSource.from_asset(data)
    stacks = [cdk.Stack(StageOfTheTeam(app, name), "Stack") for name in ("Test", "Production")]
    for stack in stacks:
        DatasetImportJob(stack, "Import", dataset_arn=DATASET_ARN, data_source=source)

    templates = [Template.from_stack(stack) for stack in stacks]

    assert [len(of_type(template, "AWS::S3::Bucket")) for template in templates] == [1, 1]


def test_a_handler_that_was_removed_is_created_again(imports: Imports) -> None:
    """A construct that was removed from the tree is in no template, so no resource may refer to it."""
    imports.add("First")
    for name in ("First", "PersonalizeImportHandler"):
        assert imports.stack.node.try_remove_child(name)
    imports.add("Second")

    template = imports.template()

    (resource,) = of_type(template, IMPORT).values()
    (function,) = of_type(template, "AWS::Lambda::Function")
    assert resource["Properties"]["ServiceToken"] == {"Fn::GetAtt": [function, "Arn"]}


def test_access_that_was_removed_is_created_again(imports: Imports) -> None:
    """The size of the policy is still validated."""
    imports.add("First")
    assert imports.bucket.node.try_remove_child("PersonalizeImports")
    imports.add("Second", data_source=DataSource.from_bucket(imports.bucket, "items/"))

    template = imports.template()

    assert imports.bucket.node.try_find_child("PersonalizeImports") is not None
    (policy,) = of_type(template, "AWS::S3::BucketPolicy").values()
    assert all(f"/{name}/*" in json.dumps(policy) for name in ("interactions", "items"))


@pytest.mark.parametrize("made", [True, False])
def test_a_bucket_may_be_cast_to_its_interface(stack: cdk.Stack, made: bool) -> None:
    """The cast may be before or after the first import of the bucket."""
    whole = s3.Bucket(stack, "Bucket") if made else s3.Bucket.from_bucket_name(stack, "Bucket", "my-data")
    bucket: s3.IBucket = jsii.unsafe_cast(whole, s3.IBucket)

    Imports(stack, bucket).add("First")
    Imports(stack, whole).add("Second")

    Template.from_stack(stack).resource_count_is("AWS::S3::BucketPolicy", 1 if made else 0)
