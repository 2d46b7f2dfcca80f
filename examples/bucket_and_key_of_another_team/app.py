# SPDX-License-Identifier: Apache-2.0
"""Training data in a bucket of another team, encrypted with a key of theirs: the app refers to both.

The app can change neither the bucket's policy nor the key's, so it prints what they have to hold.
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3

from cdk_personalize_import import DatasetImportJob, DataSource

SCHEMA = Path(__file__).parents[1] / "data" / "interactions.avsc.json"
BUCKET = "data-of-another-team"
KEY = "arn:aws:kms:us-east-1:123456789012:key/11112222-3333-4444-5555-666677778888"
WARNINGS = ("bucketPolicyNotAdded", "keyPolicyNotAdded")


def build(app: cdk.App) -> None:
    """Add the stack to the app; the context `bucket`, `key` and `pasted` say what is so in your account."""
    context = app.node.try_get_context
    stack = cdk.Stack(app, "Shared")
    bucket = s3.Bucket.from_bucket_attributes(
        stack,
        "Bucket",
        bucket_name=context("bucket") or BUCKET,
        encryption_key=kms.Key.from_key_arn(stack, "Key", context("key") or KEY),
    )
    group = personalize.CfnDatasetGroup(stack, "Group", name="shared")
    schema = personalize.CfnSchema(
        stack, "Schema", name="shared-interactions", schema=SCHEMA.read_text(encoding="utf-8")
    )
    dataset = personalize.CfnDataset(
        stack,
        "Dataset",
        name="shared-interactions",
        dataset_type="Interactions",
        dataset_group_arn=group.attr_dataset_group_arn,
        schema_arn=schema.attr_schema_arn,
    )
    job = DatasetImportJob(
        stack,
        "Interactions",
        dataset=dataset,
        data_source=DataSource.from_bucket(bucket, "interactions/"),
    )
    if pasted := context("pasted"):
        for warning in WARNINGS:
            cdk.Annotations.of(job).acknowledge_warning(
                f"cdk-personalize-import:{warning}", f"Pasted on {pasted}."
            )


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
