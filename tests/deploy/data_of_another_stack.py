# SPDX-License-Identifier: Apache-2.0
"""An app whose imports read a bucket with a key, and use a role, of another stack. Context shapes it.

`key_or_prefix` is the location of the data; without it the app has only the stack of the bucket. With
`breaks`, a resource after the imports fails.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DatasetImportJob, DataSource

SCHEMA = Path(__file__).with_name("interactions.avsc.json")


def add_stacks(app: cdk.App) -> None:
    """Add what the context describes."""
    context = app.node.try_get_context
    data = cdk.Stack(app, f"{context('stack')}Data")
    key = kms.Key(data, "Key", removal_policy=cdk.RemovalPolicy.DESTROY)
    bucket = s3.Bucket(data, "Bucket", encryption_key=key, removal_policy=cdk.RemovalPolicy.DESTROY)
    role = iam.Role(data, "Reader", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    if context("key_or_prefix"):
        stack = cdk.Stack(app, context("stack"))
        source = DataSource.from_bucket(bucket, context("key_or_prefix"))
        jobs = [
            DatasetImportJob(stack, name, dataset=dataset(stack, name), data_source=source, role=given)
            for name, given in (("OwnRole", None), ("GivenRole", role))
        ]
        if context("breaks"):
            broken = cdk.CfnResource(
                stack, "Broken", type="AWS::Personalize::Schema", properties={"Name": "b", "Schema": "{}"}
            )
            broken.node.add_dependency(*jobs)


def dataset(stack: cdk.Stack, name: str) -> personalize.CfnDataset:
    """Add a dataset, with a group and a schema of its own."""
    unique = f"{stack.stack_name}{name}"
    group = personalize.CfnDatasetGroup(stack, f"{name}Group", name=unique)
    schema = personalize.CfnSchema(stack, f"{name}Schema", name=unique, schema=SCHEMA.read_text())
    return personalize.CfnDataset(
        stack,
        f"{name}Dataset",
        name=unique,
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )
