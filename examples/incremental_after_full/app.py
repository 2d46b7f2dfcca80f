# SPDX-License-Identifier: Apache-2.0
"""A full import, and an incremental one that adds to it, now and after each full import to come."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize

from cdk_personalize_import import DatasetImportJob, DataSource, ImportMode

DATA = Path(__file__).parents[1] / "data"


def build(app: cdk.App) -> None:
    """Add the stack to the app; the context `full` and `more` name other files than those of the example."""
    stack = cdk.Stack(app, "Increments")
    schema_file = DATA / "interactions.avsc.json"
    group = personalize.CfnDatasetGroup(stack, "Group", name="increments")
    schema = personalize.CfnSchema(
        stack, "Schema", name="increments-interactions", schema=schema_file.read_text(encoding="utf-8")
    )
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="increments-interactions",
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )

    full = DatasetImportJob(
        stack,
        "Interactions",
        dataset=dataset,
        data_source=DataSource.from_asset(
            app.node.try_get_context("full") or DATA / "interactions.csv", schema=schema_file
        ),
        import_mode=ImportMode.FULL,
    )
    more = DatasetImportJob(
        stack,
        "MoreInteractions",
        dataset=dataset,
        data_source=DataSource.from_asset(
            app.node.try_get_context("more") or DATA / "more-interactions.csv", schema=schema_file
        ),
        import_mode=ImportMode.INCREMENTAL,
        # The job that it adds to. It waits for that one; and since a new full import takes out what this one
        # has added, the new job is another revision, and this data is imported again.
        revision=full.dataset_import_job_arn,
    )
    cdk.CfnOutput(stack, "FullJobArn", value=full.dataset_import_job_arn)
    cdk.CfnOutput(stack, "MoreJobArn", value=more.dataset_import_job_arn)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
