# SPDX-License-Identifier: Apache-2.0
"""An existing stack gets a dataset with an import, as one new construct."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parent / "data"


class Recommendations(Construct):
    """The new construct: a dataset that is filled from a file, by way of a bucket of the stack."""

    def __init__(self, scope: Construct, construct_id: str, *, bucket: s3.IBucket) -> None:
        super().__init__(scope, construct_id)

        schema_file = DATA / "interactions.avsc.json"
        self.group = personalize.CfnDatasetGroup(self, "Group", name="shop")
        schema = personalize.CfnSchema(
            self, "Schema", name="shop-interactions", schema=schema_file.read_text(encoding="utf-8")
        )
        dataset = personalize.CfnDataset(
            self,
            "Dataset",
            name="shop-interactions",
            dataset_type="Interactions",
            dataset_group_arn=self.group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        self.job = DatasetImportJob(
            self,
            "Interactions",
            dataset=dataset,
            data_source=DataSource.from_asset(
                DATA / "interactions.csv", bucket=bucket, prefix="training/", schema=schema_file
            ),
        )


class Shop(cdk.Stack):
    """The existing stack: a bucket, and a parameter that the shop's servers read."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        bucket = s3.Bucket(
            self,
            "ExportsBucket",
            enforce_ssl=True,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            lifecycle_rules=[
                s3.LifecycleRule(prefix="training/", noncurrent_version_expiration=cdk.Duration.days(1))
            ],
        )
        recommendations = Recommendations(self, "Recommendations", bucket=bucket)

        parameter = ssm.StringParameter(
            self,
            "DatasetGroup",
            parameter_name="/shop/recommendations",
            string_value=recommendations.group.attr_dataset_group_arn,
        )
        # The servers read the name of the dataset group when there is data in it, not before.
        parameter.node.add_dependency(recommendations.job)


def build(app: cdk.App) -> None:
    """Add the stack to the app."""
    Shop(app, "Shop")


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
