# SPDX-License-Identifier: Apache-2.0
"""An app with an import of hours, and two resources behind it: one depends on it, one uses its job's ARN.

By context there is a third, which fails: a group has one dataset of a type.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_ssm as ssm

from cdk_personalize_import import DatasetImportJob, DataSource

SCHEMA = Path(__file__).with_name("interactions.avsc.json")


def add_stacks(app: cdk.App) -> None:
    """Add what the context describes."""
    context = app.node.try_get_context
    stack = cdk.Stack(app, context("stack"))
    name = stack.stack_name
    group = personalize.CfnDatasetGroup(stack, "Group", name=name)
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name=name,
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=personalize.CfnSchema(
            stack, "Schema", name=name, schema=SCHEMA.read_text()
        ).attr_schema_arn,
    )
    job = DatasetImportJob(
        stack,
        "Import",
        dataset_arn=dataset.attr_dataset_arn,
        data_source=DataSource.from_asset(context("data")),
        timeout=cdk.Duration.hours(int(context("hours") or 12)),
    )
    cdk.Tags.of(job).add("environment", context("environment") or "test")
    solution = personalize.CfnSolution(
        stack, "Solution", name=name, dataset_group_arn=group.attr_dataset_group_arn
    )
    solution.node.add_dependency(job)
    if context("fails"):
        twin = personalize.CfnDataset(
            stack,
            "Twin",
            name=f"{name}-twin",
            dataset_type="Interactions",
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=dataset.schema_arn,
        )
        twin.node.add_dependency(job)
    ssm.CfnParameter(stack, "Latest", type="String", value=job.dataset_import_job_arn)
    cdk.CfnOutput(stack, "JobArn", value=job.dataset_import_job_arn)
