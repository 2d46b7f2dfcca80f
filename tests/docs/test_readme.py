# SPDX-License-Identifier: Apache-2.0
"""The Python of the README works where it is pasted."""

import re
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

TEXT = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["first screen", "every argument"])
def test_a_snippet_needs_nothing_but_a_stack_a_dataset_and_a_bucket(snippet: str) -> None:
    """Whatever else it uses, it imports."""
    stack = cdk.Stack(cdk.App(), "Shop")
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="interactions",
        dataset_type="Interactions",
        dataset_group_arn="arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop",
        schema_arn="arn:aws:personalize:eu-west-1:111122223333:schema/shop",
    )

    exec(snippet, {"self": stack, "dataset": dataset, "bucket": s3.Bucket(stack, "Bucket")})

    Template.from_stack(stack).resource_count_is("Custom::PersonalizeDatasetImportJob", 1)
