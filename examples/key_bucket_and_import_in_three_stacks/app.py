# SPDX-License-Identifier: Apache-2.0
"""Training data in a bucket with a key of its own; key, bucket and import each in a stack of its own.

The import's stack depends on the other two and they know nothing of it, though it adds what Personalize
needs to the policies of both.
"""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DatasetImportJob, DataSource

SCHEMA = """{
  "type": "record", "name": "Items", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
  "fields": [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRE", "type": ["null", "string"], "categorical": true}
  ]
}"""


def build(app: cdk.App) -> None:
    """Add the three stacks to the app."""
    key = kms.Key(cdk.Stack(app, "Keys"), "Key", enable_key_rotation=True)
    bucket = s3.Bucket(
        cdk.Stack(app, "Data"),
        "TrainingBucket",
        encryption_key=key,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        versioned=True,
    )
    cdk.CfnOutput(cdk.Stack.of(bucket), "BucketName", value=bucket.bucket_name)
    stack = cdk.Stack(app, "Imports")
    group = personalize.CfnDatasetGroup(stack, "Group", name="three-stacks")
    schema = personalize.CfnSchema(stack, "Schema", name="three-stacks-items", schema=SCHEMA)
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="three-stacks-items",
        dataset_type="Items",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )
    DatasetImportJob(
        stack,
        "Items",
        dataset=dataset,
        data_source=DataSource.from_bucket(bucket, "training/items.csv"),
        confused_deputy_conditions=True,
    )


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
