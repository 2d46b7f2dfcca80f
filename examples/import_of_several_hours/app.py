# SPDX-License-Identifier: Apache-2.0
"""An import that may take 12 hours, and a solution that is created when the data has been imported."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

SCHEMA = """{
  "type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
  "fields": [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}
  ]
}"""
NAME = "several-hours"


class Data(cdk.Stack):
    """A bucket for the data. It is deployed first, so that the data can be copied into it."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        self.bucket = s3.Bucket(
            self,
            "TrainingBucket",
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            versioned=True,
        )
        cdk.CfnOutput(self, "BucketName", value=self.bucket.bucket_name)


class Training(cdk.Stack):
    """A dataset, its import, and a solution that depends on the import."""

    def __init__(self, scope: Construct, construct_id: str, *, bucket: s3.IBucket, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        group = personalize.CfnDatasetGroup(self, "Group", name=NAME)
        schema = personalize.CfnSchema(self, "Schema", name=NAME, schema=SCHEMA)
        dataset = personalize.CfnDataset(
            self,
            "Dataset",
            name=NAME,
            dataset_type="Interactions",
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        job = DatasetImportJob(
            self,
            "Interactions",
            dataset=dataset,
            data_source=DataSource.from_bucket(bucket, "training/interactions.csv"),
            revision="2026-11",  # change it when the data has changed, and the deployment waits again
            timeout=cdk.Duration.hours(12),
        )
        solution = personalize.CfnSolution(
            self,
            "Solution",
            name=NAME,
            dataset_group_arn=group.attr_dataset_group_arn,
            recipe_arn=f"arn:{self.partition}:personalize:::recipe/aws-user-personalization-v2",
        )
        solution.node.add_dependency(job)
        cdk.CfnOutput(self, "ImportJob", value=job.dataset_import_job_arn)


def build(app: cdk.App) -> None:
    """Add both stacks to the app."""
    data = Data(app, "Data")
    Training(app, "Training", bucket=data.bucket)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
