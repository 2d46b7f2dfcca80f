# SPDX-License-Identifier: Apache-2.0
"""A recommender that is created when the data of its dataset group has been imported."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

DATA = Path(__file__).parent / "data"
DOMAIN = "ECOMMERCE"
NAME = "shop-window"


class ShopWindow(cdk.Stack):
    """A domain dataset group, its datasets, their imports, and then a recommender."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        group = personalize.CfnDatasetGroup(self, "Group", name=NAME, domain=DOMAIN)
        jobs = [self._import(group, dataset_type) for dataset_type in ("Interactions", "Items", "Users")]

        recommender = cdk.CfnResource(
            self,
            "Recommender",
            type="AWS::Personalize::Recommender",
            properties={
                "Name": NAME,
                "DatasetGroupArn": group.attr_dataset_group_arn,
                "RecipeArn": f"arn:{self.partition}:personalize:::recipe/aws-ecomm-recommended-for-you",
            },
        )
        recommender.node.add_dependency(*jobs)
        # aws-cdk-lib has the type from 2.276.0 on, as personalize.CfnRecommender. Some older versions check
        # the template and report the type. The oldest have no such check, and no acknowledgments.
        if hasattr(cdk, "Acknowledgment"):
            unknown = cdk.Acknowledgment(id="CloudFormation-Validate::F3006", reason="The type is new.")
            cdk.Validations.of(recommender).acknowledge(unknown)
        cdk.CfnOutput(self, "RecommenderArn", value=recommender.ref)

    def _import(self, group: personalize.CfnDatasetGroup, dataset_type: str) -> DatasetImportJob:
        name = dataset_type.lower()
        schema_file = DATA / f"{name}.avsc.json"
        schema = personalize.CfnSchema(
            self,
            f"{dataset_type}Schema",
            name=f"{NAME}-{name}",
            domain=DOMAIN,
            schema=schema_file.read_text(encoding="utf-8"),
        )
        dataset = personalize.CfnDataset(
            self,
            f"{dataset_type}Dataset",
            name=f"{NAME}-{name}",
            dataset_type=dataset_type,
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        return DatasetImportJob(
            self,
            f"{dataset_type}Import",
            dataset=dataset,
            data_source=DataSource.from_asset(DATA / f"{name}.csv", schema=schema_file, domain=DOMAIN),
        )


def build(app: cdk.App) -> None:
    """Add the stack to the app."""
    ShopWindow(app, "ShopWindow")


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
