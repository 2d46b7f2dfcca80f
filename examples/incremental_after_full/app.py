# SPDX-License-Identifier: Apache-2.0
"""A full import, and an incremental one that adds to it, now and after each full import to come."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource, ImportMode

DATA = Path(__file__).parent / "data"
SCHEMA = DATA / "interactions.avsc.json"


class Increments(cdk.Stack):
    """A dataset with two imports, of which the second adds to the first."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        group = personalize.CfnDatasetGroup(self, "Group", name="increments")
        schema = personalize.CfnSchema(
            self, "Schema", name="increments-interactions", schema=SCHEMA.read_text(encoding="utf-8")
        )
        dataset = personalize.CfnDataset(
            self,
            "Dataset",
            name="increments-interactions",
            dataset_type="Interactions",
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        full = DatasetImportJob(
            self,
            "Interactions",
            dataset=dataset,
            data_source=DataSource.from_asset(DATA / "interactions.csv", schema=SCHEMA),
            import_mode=ImportMode.FULL,
        )
        more = DatasetImportJob(
            self,
            "MoreInteractions",
            dataset=dataset,
            data_source=DataSource.from_asset(DATA / "more-interactions.csv", schema=SCHEMA),
            import_mode=ImportMode.INCREMENTAL,
            # The import waits for the full one. A later full import removes what this one has added; then the
            # ARN is another one, which is a new revision, and this data is imported again.
            revision=full.dataset_import_job_arn,
        )
        cdk.CfnOutput(self, "FullJobArn", value=full.dataset_import_job_arn)
        cdk.CfnOutput(self, "MoreJobArn", value=more.dataset_import_job_arn)


def build(app: cdk.App) -> None:
    """Add the stack to the app."""
    Increments(app, "Increments")


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
