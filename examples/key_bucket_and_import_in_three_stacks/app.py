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

PACKS = ("NIST.800.53.R5::NIST.800.53.R5", "HIPAA.Security::HIPAA.Security")
FOUND_BY_BOTH_PACKS = {
    "S3BucketLoggingEnabled": "An example; a bucket with real data wants a bucket for its logs.",
    "S3BucketReplicationEnabled": "The data has been made elsewhere, and can be put there again.",
    "CloudWatchLogGroupEncrypted": "The logs hold ARNs and statuses, and CloudWatch encrypts them.",
    "IAMNoInlinePolicy": "Each policy is for one role only, and goes with it.",
    "LambdaConcurrency": "A limit of its own would take from those of the account's other functions.",
    "LambdaDLQ": "A request that fails is told to CloudFormation, and a tick is followed by another.",
    "LambdaInsideVPC": "The function calls public APIs of AWS only.",
}
WILDCARDS = {
    "*": "AWS defines no resource for ListDatasetImportJobs.",
    "arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:"
    "schedule/<PersonalizeImportHandlerSchedules3A6F1233>/*": "The group is the stack's own.",
    "arn:<AWS::Partition>:personalize:<AWS::Region>:<AWS::AccountId>:"
    "dataset-import-job/*": "A job's name holds a fingerprint that only the deployment knows.",
    "arn:<AWS::Partition>:iam::<AWS::AccountId>:"
    "role/personalize/<AWS::StackName>/*": "All roles with this path are those of the stack's imports.",
}


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
        dataset_arn=dataset.attr_dataset_arn,
        data_source=DataSource.from_bucket(bucket, "training/items.csv"),
        confused_deputy_conditions=True,
    )
    acknowledge_findings(app, stack)


def acknowledge_findings(app: cdk.App, stack: cdk.Stack) -> None:
    """Say why what cdk-nag and cfn-lint find may stand."""
    reasons = {"AwsSolutions::AwsSolutions-S1": FOUND_BY_BOTH_PACKS["S3BucketLoggingEnabled"]}
    for rule, reason in FOUND_BY_BOTH_PACKS.items():
        reasons |= {f"{pack}-{rule}": reason for pack in PACKS}
    for resource, reason in WILDCARDS.items():
        reasons[f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]"] = reason
    for rule, reason in reasons.items():
        cdk.Validations.of(app).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))
    # W3005: the CDK waits for a construct as a whole, even where it refers to it.
    stack.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
