# SPDX-License-Identifier: Apache-2.0
"""Training data in a bucket of another team, encrypted with their key: the app refers to both.

The app can change neither the policy of the bucket nor that of the key. It prints what they need.
"""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

SCHEMA = Path(__file__).with_name("interactions.avsc.json")
BUCKET = "data-of-another-team"
KEY = "arn:aws:kms:us-east-1:123456789012:key/11112222-3333-4444-5555-666677778888"


class Shared(cdk.Stack):
    """A dataset, and an import from the other team's bucket."""

    def __init__(
        self, scope: Construct, construct_id: str, *, bucket_name: str, key_arn: str, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)

        bucket = s3.Bucket.from_bucket_attributes(
            self,
            "Bucket",
            bucket_name=bucket_name,
            encryption_key=kms.Key.from_key_arn(self, "Key", key_arn),
        )
        group = personalize.CfnDatasetGroup(self, "Group", name="shared")
        schema = personalize.CfnSchema(
            self, "Schema", name="shared-interactions", schema=SCHEMA.read_text(encoding="utf-8")
        )
        dataset = personalize.CfnDataset(
            self,
            "Dataset",
            name="shared-interactions",
            dataset_type="Interactions",
            dataset_group_arn=group.attr_dataset_group_arn,
            schema_arn=schema.attr_schema_arn,
        )
        self.job = DatasetImportJob(
            self,
            "Interactions",
            dataset=dataset,
            data_source=DataSource.from_bucket(bucket, "interactions/"),
        )


def build(app: cdk.App) -> None:
    """Add the stack to the app; the context names bucket and key, and when the statements were pasted."""
    context = app.node.try_get_context
    stack = Shared(app, "Shared", bucket_name=context("bucket") or BUCKET, key_arn=context("key") or KEY)
    if pasted := context("pasted"):
        for warning in ("bucketPolicyNotAdded", "keyPolicyNotAdded"):
            cdk.Annotations.of(stack.job).acknowledge_warning(
                f"cdk-personalize-import:{warning}", f"Pasted on {pasted}."
            )


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
