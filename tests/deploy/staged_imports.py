# SPDX-License-Identifier: Apache-2.0
"""An app whose imports take files of this machine, shaped by context: `imports` is a JSON list of them.

Each has an `id`, a `dataset` and the path of its `data`, and may have a `prefix` and a `bucket`, which is a
construct id. With `breaks` another resource of the stack fails at the end.
"""

import json
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
    schema = personalize.CfnSchema(stack, "Schema", name=stack.stack_name, schema=SCHEMA.read_text())
    datasets = {name: dataset(stack, name, schema.attr_schema_arn) for name in ("First", "Second")}
    jobs = []
    for wanted in json.loads(context("imports")):
        bucket = staging_bucket(stack, wanted["bucket"]) if "bucket" in wanted else None
        jobs.append(
            DatasetImportJob(
                stack,
                wanted["id"],
                dataset=datasets[wanted["dataset"]],
                data_source=DataSource.from_asset(wanted["data"], bucket=bucket, prefix=wanted.get("prefix")),
            )
        )
    if context("breaks"):
        broken = cdk.CfnResource(
            stack, "Broken", type="AWS::Personalize::Schema", properties={"Name": "broken", "Schema": "{}"}
        )
        broken.node.add_dependency(*jobs)


def dataset(stack: cdk.Stack, name: str, schema_arn: str) -> personalize.CfnDataset:
    """Make a dataset in a group of its own."""
    unique = f"{stack.stack_name}{name}"
    group = personalize.CfnDatasetGroup(stack, f"{name}Group", name=unique)
    return personalize.CfnDataset(
        stack,
        f"{name}Dataset",
        name=unique,
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema_arn,
    )


def staging_bucket(stack: cdk.Stack, construct_id: str) -> s3.IBucket:
    """Make a bucket that goes with the stack, once."""
    found = stack.node.try_find_child(construct_id)
    if found is not None:
        assert isinstance(found, s3.Bucket)
        return found
    return s3.Bucket(stack, construct_id, removal_policy=cdk.RemovalPolicy.DESTROY)
