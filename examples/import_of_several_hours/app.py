# SPDX-License-Identifier: Apache-2.0
"""An import that may take 12 hours, and a solution that must not begin to train before the data is there."""

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3

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


def build(app: cdk.App) -> None:
    """Add the two stacks to the app: the data has to be in its bucket before the import is deployed."""
    bucket = s3.Bucket(
        cdk.Stack(app, "Data"),
        "TrainingBucket",
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        versioned=True,
    )
    cdk.CfnOutput(cdk.Stack.of(bucket), "BucketName", value=bucket.bucket_name)
    stack = cdk.Stack(app, "Training")
    group = personalize.CfnDatasetGroup(stack, "Group", name=NAME)
    schema = personalize.CfnSchema(stack, "Schema", name=NAME, schema=SCHEMA)
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name=NAME,
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )
    job = DatasetImportJob(
        stack,
        "Interactions",
        dataset=dataset,
        data_source=DataSource.from_bucket(bucket, "training/interactions.csv"),
        revision="2026-11",  # change it when the data has changed, and the deployment waits once more
        timeout=cdk.Duration.hours(12),
    )
    solution = personalize.CfnSolution(
        stack,
        "Solution",
        name=NAME,
        dataset_group_arn=group.attr_dataset_group_arn,
        recipe_arn=f"arn:{stack.partition}:personalize:::recipe/aws-user-personalization-v2",
    )
    solution.node.add_dependency(job)
    cdk.CfnOutput(stack, "ImportJob", value=job.dataset_import_job_arn)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
