# SPDX-License-Identifier: Apache-2.0
"""The three datasets of an ECOMMERCE dataset group, filled side by side."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parents[1] / "data"
DOMAIN = "ECOMMERCE"


def build(app: cdk.App) -> None:
    """Add the stack to the app."""
    stack = cdk.Stack(app, "Catalogue")
    group = personalize.CfnDatasetGroup(stack, "Group", name="catalogue", domain=DOMAIN)

    for dataset_type in ("Interactions", "Items", "Users"):
        name = dataset_type.lower()
        schema_file = DATA / f"{name}.avsc.json"
        schema = personalize.CfnSchema(
            stack,
            f"{dataset_type}Schema",
            name=f"catalogue-{name}",
            domain=DOMAIN,
            schema=schema_file.read_text(encoding="utf-8"),
        )
        dataset = personalize.CfnDataset(
            stack,
            f"{dataset_type}Dataset",
            name=f"catalogue-{name}",
            dataset_type=dataset_type,
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        job = DatasetImportJob(
            stack,
            f"{dataset_type}Import",
            dataset=dataset,
            data_source=DataSource.from_asset(DATA / f"{name}.csv", schema=schema_file, domain=DOMAIN),
            job_name_prefix=name,
        )
        cdk.CfnOutput(stack, f"{dataset_type}ImportJobArn", value=job.dataset_import_job_arn)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
