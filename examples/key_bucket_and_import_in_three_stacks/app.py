# SPDX-License-Identifier: Apache-2.0
"""An encrypted bucket of the same app: key, bucket and import each in a stack of its own.

The import's stack depends on the other two, and adds statements to the policies of both.
"""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

SCHEMA = """{
  "type": "record", "name": "Items", "namespace": "com.amazonaws.personalize.schema", "version": "1.0",
  "fields": [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRE", "type": ["null", "string"], "categorical": true}
  ]
}"""


class Keys(cdk.Stack):
    """The key of the data."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        self.key = kms.Key(self, "Key", enable_key_rotation=True)


class Data(cdk.Stack):
    """The bucket of the data."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        self.bucket = s3.Bucket(
            self,
            "TrainingBucket",
            encryption_key=key,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            versioned=True,
        )
        cdk.CfnOutput(self, "BucketName", value=self.bucket.bucket_name)


class Imports(cdk.Stack):
    """A dataset and its import."""

    def __init__(self, scope: Construct, construct_id: str, *, bucket: s3.IBucket, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)

        group = personalize.CfnDatasetGroup(self, "Group", name="three-stacks")
        schema = personalize.CfnSchema(self, "Schema", name="three-stacks-items", schema=SCHEMA)
        dataset = personalize.CfnDataset(
            self,
            "Dataset",
            name="three-stacks-items",
            dataset_type="Items",
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        DatasetImportJob(
            self,
            "Items",
            dataset=dataset,
            data_source=DataSource.from_bucket(bucket, "training/items.csv"),
            confused_deputy_conditions=True,
        )


def build(app: cdk.App) -> None:
    """Add the three stacks to the app."""
    keys = Keys(app, "Keys")
    data = Data(app, "Data", key=keys.key)
    Imports(app, "Imports", bucket=data.bucket)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
