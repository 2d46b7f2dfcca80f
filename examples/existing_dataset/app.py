# SPDX-License-Identifier: Apache-2.0
"""An import into a dataset that this app does not create: the app knows its ARN only."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parent / "data"
DATASET = "arn:aws:personalize:us-east-1:123456789012:dataset/shop/INTERACTIONS"


class NewData(cdk.Stack):
    """An import, and nothing else."""

    def __init__(self, scope: Construct, construct_id: str, *, dataset_arn: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        job = DatasetImportJob(
            self,
            "Interactions",
            dataset_arn=dataset_arn,
            data_source=DataSource.from_asset(
                DATA / "interactions.csv", schema=DATA / "interactions.avsc.json"
            ),
        )
        cdk.CfnOutput(self, "ImportJobArn", value=job.dataset_import_job_arn)


def build(app: cdk.App) -> None:
    """Add the stack to the app; the context `dataset` is the ARN of your dataset."""
    NewData(app, "NewData", dataset_arn=app.node.try_get_context("dataset") or DATASET)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
