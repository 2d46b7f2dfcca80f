# SPDX-License-Identifier: Apache-2.0
"""An app with one import, shaped by context: where its data lies, and whether it waits."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DatasetImportJob, DataSource

SCHEMA = Path(__file__).with_name("interactions.avsc.json")


def add_stacks(app: cdk.App) -> None:
    """Add what the context describes."""
    context = app.node.try_get_context
    stack = cdk.Stack(app, context("stack"))
    group = personalize.CfnDatasetGroup(stack, "Group", name=stack.stack_name)
    schema = personalize.CfnSchema(stack, "Schema", name=stack.stack_name, schema=SCHEMA.read_text())
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name=stack.stack_name,
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )
    if bucket := context("bucket"):
        source = DataSource.from_bucket(s3.Bucket.from_bucket_name(stack, "Data", bucket), "interactions.csv")
    else:
        source = DataSource.from_asset(context("data"))
    job = DatasetImportJob(
        stack,
        "Interactions",
        dataset_arn=dataset.attr_dataset_arn,
        data_source=source,
        timeout=cdk.Duration.minutes(int(context("minutes") or 60)),
        wait=context("wait") != "no",
    )
    cdk.Tags.of(stack).add("application", "pets")
    # On the job only: CloudFormation replaces a dataset, and all above it, when their tags change.
    cdk.Tags.of(job).add("environment", context("environment") or "test")
    cdk.CfnOutput(stack, "JobArn", value=job.dataset_import_job_arn)
