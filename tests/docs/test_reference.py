# SPDX-License-Identifier: Apache-2.0
"""The examples of the reference work, and the types of the CDK are linked to its pages."""

import re
import zlib
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

import cdk_personalize_import
from cdk_personalize_import import DatasetImportJob, DataSource
from docs.cdk_types import address, inventory

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "constructs.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
MADE: list[dict[str, type]] = [
    {"job": DatasetImportJob},
    {"in_s3": DataSource, "on_this_machine": DataSource},
    {"more": DatasetImportJob},
    {},
]
"""What each snippet assigns."""


@pytest.mark.parametrize(
    ("snippet", "made"),
    list(zip(SNIPPETS, MADE, strict=True)),
    ids=["job", "source", "mode", "error"],
)
def test_an_example_works_where_it_is_pasted(
    snippet: str, made: dict[str, type], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack has the example's import when a dataset, a bucket and a file of data are there."""
    (tmp_path / "interactions.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n")
    monkeypatch.chdir(tmp_path)
    stack = cdk.Stack(cdk.App(), "Shop")
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="interactions",
        dataset_type="Interactions",
        dataset_group_arn="arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop",
        schema_arn="arn:aws:personalize:eu-west-1:111122223333:schema/shop",
    )
    bucket, other = s3.Bucket(stack, "Bucket"), s3.Bucket(stack, "Other")
    names = {"self": stack, "dataset": dataset, "bucket": bucket, "other": other}

    exec(snippet, names)

    imports = Template.from_stack(stack).find_resources("Custom::PersonalizeDatasetImportJob")
    assert all(isinstance(names[name], kind) for name, kind in made.items())
    assert len(imports) == snippet.count("DatasetImportJob(")


def test_every_class_has_an_example() -> None:
    """Errors share one."""
    for name in cdk_personalize_import.__all__:
        assert re.search(rf"\b{name}\b", "\n".join(SNIPPETS)) or name.endswith("Error")


def test_the_inventory_has_the_types_of_the_signatures() -> None:
    """By their full names, each with its page."""
    names = zlib.decompress(inventory().split(b"zlib.\n", 1)[1]).decode()

    for name in (
        "aws_cdk.Duration",
        "aws_cdk.aws_iam.IRole",
        "aws_cdk.aws_s3.IBucket",
        "constructs.Construct",
    ):
        assert f"{name} py:class " in names
        assert address(name).removeprefix("https://").rsplit("/", 1)[0] in names


def test_a_type_of_the_interfaces_is_on_the_page_for_all_languages() -> None:
    """The pages for Python have no such module."""
    assert address("aws_cdk.interfaces.aws_personalize.IDatasetRef") == (
        "https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.interfaces.aws_personalize.IDatasetRef.html"
    )
