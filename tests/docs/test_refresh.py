# SPDX-License-Identifier: Apache-2.0
"""The imports of the page on refreshing data import again with each run, and only then."""

import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
import yaml
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk_personalize_import import DatasetImportJob, DataSource

TEXT = (Path(__file__).parents[2] / "docs" / "refresh.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
FINGERPRINT = ("DatasetArn", "DataSource", "ImportMode", "PublishAttributionMetricsToS3", "Revision")


def imported(snippet: str, run: str) -> dict[str, Any]:
    """What the import of a snippet imports in a run."""
    app = cdk.App(context={"run": run})
    stack = cdk.Stack(app, "Shop")
    group = "arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop"
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="interactions",
        dataset_type="Interactions",
        dataset_group_arn=group,
        schema_arn="arn:aws:personalize:eu-west-1:111122223333:schema/shop",
    )
    names = {"app": app, "stack": stack, "dataset": dataset, "bucket": s3.Bucket(stack, "Bucket")}
    exec(snippet, {**names, "DatasetImportJob": DatasetImportJob, "DataSource": DataSource})
    (found,) = Template.from_stack(stack).find_resources("Custom::PersonalizeDatasetImportJob").values()
    return {name: found["Properties"].get(name) for name in FINGERPRINT}


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["new key", "same key"])
def test_each_run_imports_once(snippet: str) -> None:
    """Another run is another import; the same one again is none."""
    first = imported(snippet, "2026-11-26T0400")

    assert imported(snippet, "2026-11-26T0400") == first
    assert imported(snippet, "2026-11-27T0400") != first


def test_a_rerun_of_the_workflow_deploys_the_same_run() -> None:
    """It is YAML, its job ends with the deployment, and a re-run keeps the id of the run."""
    (text,) = re.findall(r"^```yaml[^\n]*\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)

    workflow = yaml.safe_load(text)

    script = workflow["jobs"]["refresh"]["steps"][-1]["run"]
    assert 'npx cdk deploy Shop -c run="$RUN"' in script
    assert script.startswith("RUN=${{ github.run_id }}\n")
    assert "date" not in script
