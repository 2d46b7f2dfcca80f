# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sample_data import write_sample

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


def run_app(outdir: Path, **context: str) -> subprocess.CompletedProcess[str]:
    """Run app.py the way the CDK CLI does: with the feature flags of cdk.json and the user's context."""
    flags = json.loads((ROOT / "cdk.json").read_text())["context"]
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps({**flags, **context}),
        "CDK_OUTDIR": str(outdir),
    }
    return subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def template(outdir: Path) -> dict[str, Any]:
    """Read the template that the app has made."""
    content: dict[str, Any] = json.loads((outdir / "PersonalizeImportSample.template.json").read_text())
    return content


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Pick the resources of a type, by logical id."""
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == kind}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Synthesise the app without a data folder."""
    outdir = tmp_path_factory.mktemp("cdk.out")
    finished = run_app(outdir)
    assert finished.returncode == 0, finished.stderr
    return template(outdir)


def test_without_a_folder_it_imports_the_generated_sample(sample: dict[str, Any]) -> None:
    """The sample has all three datasets, each with its schema and its import."""
    assert len(of_type(sample, "AWS::Personalize::DatasetGroup")) == 1
    assert len(of_type(sample, "AWS::Personalize::Schema")) == 3
    assert len(of_type(sample, "AWS::Personalize::Dataset")) == 3
    assert len(of_type(sample, "Custom::PersonalizeDatasetImportJob")) == 3


def test_each_import_fills_its_own_dataset(sample: dict[str, Any]) -> None:
    """An import named after a dataset type goes into the dataset of that type."""
    datasets = of_type(sample, "AWS::Personalize::Dataset")

    filled = {
        resource["Properties"]["JobNamePrefix"]: datasets[
            resource["Properties"]["DatasetArn"]["Fn::GetAtt"][0]
        ]
        for resource in of_type(sample, "Custom::PersonalizeDatasetImportJob").values()
    }

    types = {name: dataset["Properties"]["DatasetType"] for name, dataset in filled.items()}
    assert types == {"interactions": "Interactions", "items": "Items", "users": "Users"}


def test_the_outputs_are_the_jobs_arns(sample: dict[str, Any]) -> None:
    """Whoever deploys sees the ARN of each job."""
    assert sorted(sample["Outputs"]) == [
        "InteractionsImportJobArn",
        "ItemsImportJobArn",
        "UsersImportJobArn",
    ]


def test_the_imports_share_one_handler(sample: dict[str, Any]) -> None:
    """However many imports a stack has, they have the same service token."""
    tokens = {
        json.dumps(resource["Properties"]["ServiceToken"])
        for resource in of_type(sample, "Custom::PersonalizeDatasetImportJob").values()
    }

    assert len(tokens) == 1


def test_a_folder_with_one_file_makes_one_import(tmp_path: Path) -> None:
    """Any of the three files is enough."""
    data = write_sample(tmp_path / "data")
    (data / "interactions.csv").unlink()
    (data / "users.csv").unlink()

    finished = run_app(tmp_path / "cdk.out", data=str(data))

    assert finished.returncode == 0, finished.stderr
    assert list(template(tmp_path / "cdk.out")["Outputs"]) == ["ItemsImportJobArn"]


def test_a_wrong_folder_is_told_without_a_stack_trace(tmp_path: Path) -> None:
    """The last words of the app are what is wrong."""
    finished = run_app(tmp_path / "cdk.out", data=str(tmp_path / "nowhere"))

    assert finished.returncode == 1
    assert "nowhere', which does not exist" in finished.stderr
    assert "Traceback" not in finished.stderr
