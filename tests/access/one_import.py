# SPDX-License-Identifier: Apache-2.0
"""A stack with one import from a bucket with a key."""

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DatasetImportJob, DataSource

FIELDS = {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long"}
DATA = ",".join(FIELDS) + "\n" + "".join(f"u{n % 40},i{n},{1_700_000_000 + n}\n" for n in range(1000))


def one_import(stack: cdk.Stack, **properties: Any) -> None:
    """Add it to the stack; its data is yet to be put into the bucket, under `interactions/`."""
    dataset = dataset_in(stack)
    key = kms.Key(stack, "Key", removal_policy=cdk.RemovalPolicy.DESTROY)
    bucket = s3.Bucket(
        stack,
        "Bucket",
        encryption_key=key,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    )
    DatasetImportJob(
        stack,
        "Import",
        dataset=dataset,
        data_source=DataSource.from_bucket(bucket, "interactions/"),
        **properties,
    )
    cdk.Tags.of(stack).add("team", "shop")


def dataset_in(stack: cdk.Stack) -> personalize.CfnDataset:
    """Add a dataset of interactions to the stack."""
    name = stack.stack_name
    group = personalize.CfnDatasetGroup(stack, "Group", name=name)
    avro = {
        "type": "record",
        "name": "Interactions",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [{"name": field, "type": kind} for field, kind in FIELDS.items()],
        "version": "1.0",
    }
    schema = personalize.CfnSchema(stack, "Schema", name=name, schema=json.dumps(avro))
    return personalize.CfnDataset(
        stack,
        "Dataset",
        name=name,
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )
