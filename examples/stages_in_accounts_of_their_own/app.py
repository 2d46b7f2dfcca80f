# SPDX-License-Identifier: Apache-2.0
"""The same stack in two accounts, dev and prod."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parent / "data"
REGION = "us-east-1"
ACCOUNTS = {"dev": "123456789012", "prod": "210987654321"}
TIMEOUTS = {"dev": cdk.Duration.minutes(30), "prod": cdk.Duration.hours(1)}


class Recommendations(cdk.Stack):
    """A dataset with its import."""

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, timeout: cdk.Duration, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)

        schema_file = DATA / "interactions.avsc.json"
        group = personalize.CfnDatasetGroup(self, "Group", name=name)
        schema = personalize.CfnSchema(
            self, "Schema", name=f"{name}-interactions", schema=schema_file.read_text(encoding="utf-8")
        )
        dataset = personalize.CfnDataset(
            self,
            "Dataset",
            name=f"{name}-interactions",
            dataset_type="Interactions",
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        DatasetImportJob(
            self,
            "Interactions",
            dataset=dataset,
            data_source=DataSource.from_asset(DATA / "interactions.csv", schema=schema_file),
            timeout=timeout,
        )


class Environment(cdk.Stage):
    """All stacks of one account."""

    def __init__(self, scope: Construct, stage: str) -> None:
        account = scope.node.try_get_context(stage) or ACCOUNTS[stage]
        super().__init__(scope, stage, env=cdk.Environment(account=account, region=REGION))

        Recommendations(self, "Recommendations", name=f"shop-{stage}", timeout=TIMEOUTS[stage])


def build(app: cdk.App) -> None:
    """Add both stages to the app; the context `dev` and `prod` are the numbers of your accounts."""
    Environment(app, "dev")
    Environment(app, "prod")


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
