# SPDX-License-Identifier: Apache-2.0
"""The three datasets of an ECOMMERCE dataset group, imported in parallel."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parent / "data"
DOMAIN = "ECOMMERCE"


class Catalogue(cdk.Stack):
    """A domain dataset group, with a schema, a dataset and an import for each file."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        group = personalize.CfnDatasetGroup(self, "Group", name="catalogue", domain=DOMAIN)

        for dataset_type in ("Interactions", "Items", "Users"):
            name = dataset_type.lower()
            schema_file = DATA / f"{name}.avsc.json"
            schema = personalize.CfnSchema(
                self,
                f"{dataset_type}Schema",
                name=f"catalogue-{name}",
                domain=DOMAIN,
                schema=schema_file.read_text(encoding="utf-8"),
            )
            dataset = personalize.CfnDataset(
                self,
                f"{dataset_type}Dataset",
                name=f"catalogue-{name}",
                dataset_type=dataset_type,
                dataset_group_arn=group.attr_dataset_group_arn,
                schema_arn=schema.attr_schema_arn,
            )
            job = DatasetImportJob(
                self,
                f"{dataset_type}Import",
                dataset=dataset,
                data_source=DataSource.from_asset(DATA / f"{name}.csv", schema=schema_file, domain=DOMAIN),
                job_name_prefix=name,
            )
            cdk.CfnOutput(self, f"{dataset_type}ImportJobArn", value=job.dataset_import_job_arn)


def build(app: cdk.App) -> None:
    """Add the stack to the app."""
    Catalogue(app, "Catalogue")


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
