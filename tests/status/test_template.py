# SPDX-License-Identifier: Apache-2.0
"""The imports in a stack's template."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DatasetImportJob, DataSource
from personalize_import.status.stacks import TABLE
from personalize_import.status.template import Template, read_template


@pytest.fixture(scope="module")
def synthesised() -> Any:
    """The template of a stack with an import, as `cdk deploy` synthesises it."""
    app = cdk.App(context={"aws:cdk:enable-path-metadata": True})
    stack = cdk.Stack(app, "Shop")
    DatasetImportJob(
        stack,
        "Items",
        dataset_arn="arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS",
        data_source=DataSource.from_bucket(s3.Bucket(stack, "Bucket"), "items.csv"),
    )
    return app.synth().get_stack_by_name("Shop").template


def test_the_imports_of_a_template_have_the_paths_of_their_constructs(synthesised: Any) -> None:
    """The path is `Shop/Items`, without the raw resource in it."""
    template = read_template(synthesised)

    assert [template.path(name) for name in template.imports] == ["Shop/Items"]
    assert template.logical_ids == set(synthesised["Resources"])


def test_the_table_is_found_by_its_logical_id(synthesised: Any) -> None:
    """The logical id of the table begins with the prefix that `status` expects."""
    tables = [
        name
        for name, resource in synthesised["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    ]

    assert len(tables) == 1
    assert tables[0].startswith(TABLE)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("Shop/Items/Resource", "Shop/Items"),
        ("Shop/Items/Resource/Default", "Shop/Items"),
        ("Shop/Nested/Items/Resource", "Shop/Nested/Items"),
        ("Shop/Resource/Resource", "Shop/Resource"),
        (None, "Items1A2B"),
        (7, "Items1A2B"),
    ],
)
def test_a_path_ends_where_the_users_construct_does(path: Any, shown: str) -> None:
    """Without the metadata of a path, it is the logical id."""
    metadata = {} if path is None else {"Metadata": {"aws:cdk:path": path}}

    template = read_template({"Resources": {"Items1A2B": {"Type": "X", **metadata}}})

    assert template.path("Items1A2B") == shown
    assert template.path("Another") == "Another"


@pytest.mark.parametrize(
    "body", ["Resources:\n  Items: {}", "[]", "", None, [], {"Resources": []}, {"Resources": {"A": 1}}]
)
def test_a_template_that_cannot_be_read_says_nothing(body: Any) -> None:
    """It may be YAML, which the CDK does not write."""
    assert read_template(body) == Template()


def test_a_template_may_be_a_text(synthesised: Any) -> None:
    """boto3 parses only JSON."""
    assert read_template(json.dumps(synthesised)) == read_template(synthesised)
