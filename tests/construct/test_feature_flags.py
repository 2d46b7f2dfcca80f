# SPDX-License-Identifier: Apache-2.0
import itertools
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DataSource
from tests.construct.imports import IMPORT, Imports, circle, of_type

CDK_JSON = Path(__file__).parents[2] / "cdk.json"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file with data."""
    path = tmp_path / "items.csv"
    path.write_text("ITEM_ID\n1\n")
    return path


def synthesise(flags: dict[str, Any], data: Path) -> Template:
    """Synthesise a stack with imports of every kind."""
    stack = cdk.Stack(cdk.App(context=flags), "Stack")
    imports = Imports(stack, s3.Bucket(stack, "Bucket"))
    imports.add("Folder")
    imports.add("File", data_source=DataSource.from_bucket(imports.bucket, "items.csv"))
    imports.add("Asset", data_source=DataSource.from_asset(data))
    return imports.template()


def allowed(template: Template) -> set[tuple[str, ...]]:
    """Return what the handler and Personalize may do, however it is divided into statements."""
    policies = {
        **of_type(template, "AWS::IAM::Policy"),
        **of_type(template, "AWS::S3::BucketPolicy"),
    }
    return {
        (name, action, json.dumps(resource), json.dumps(statement.get("Condition")), statement["Effect"])
        for name, policy in policies.items()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action, resource in itertools.product(_list(statement["Action"]), _list(statement["Resource"]))
    }


def _list(value: Any) -> list[Any]:
    """Return a value that may be alone as a list."""
    return value if isinstance(value, list) else [value]


def test_imports_are_the_same_with_the_flags_of_cdk_init_and_with_none(data: Path) -> None:
    """An app that sets the recommended flags imports nothing again, and its permissions stay the same."""
    flags = json.loads(CDK_JSON.read_text())["context"]

    without, with_all = synthesise({}, data), synthesise(flags, data)

    def properties(template: Template) -> dict[str, Any]:
        return {name: resource["Properties"] for name, resource in of_type(template, IMPORT).items()}

    assert len(flags) > 50
    assert properties(without) == properties(with_all)
    assert allowed(without) == allowed(with_all)
    assert circle(with_all) == []
