# SPDX-License-Identifier: Apache-2.0
"""What cdk-nag and cfn-lint find in the sample environment, and why it may stand there.

The library acknowledges nothing for its users; docs/access.md tells what they may have to.
"""

from collections.abc import Mapping
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

ALL_OVER_THE_SAMPLE: Mapping[str, str] = {
    "AwsSolutions::AwsSolutions-S1": "The buckets hold copies of training data, and go with the stack.",
    "{nist}-S3BucketLoggingEnabled": "The same.",
    "{nist}-S3BucketReplicationEnabled": "The originals of the copies are on the machine that deploys.",
    "{nist}-S3BucketVersioningEnabled": "The same.",
    "{nist}-S3DefaultEncryptionKMS": "The sample data is made up; S3 encrypts it with keys of its own.",
    "{nist}-CloudWatchLogGroupEncrypted": "The logs hold ARNs and statuses, and CloudWatch encrypts them.",
    "AwsSolutions::AwsSolutions-DDB3": "It holds the state of deployments, which a job's name can replace.",
    "{nist}-DynamoDBPITREnabled": "The same.",
    "{nist}-DynamoDBInBackupPlan": "The same.",
    "{nist}-IAMNoInlinePolicy": "Each policy is for one role only, and goes with it.",
    "{nist}-LambdaConcurrency": "A limit of its own would take from those of the account's other functions.",
    "{nist}-LambdaDLQ": "A request that fails is told to CloudFormation, and a tick is followed by another.",
    "{nist}-LambdaInsideVPC": "The functions call public APIs of AWS only.",
}
PACKS = ("NIST.800.53.R5::NIST.800.53.R5", "HIPAA.Security::HIPAA.Security")

WILDCARD = "AwsSolutions::AwsSolutions-IAM5"
OF_THE_HANDLER: Mapping[str, str] = {
    "scheduler:{region}:{account}:schedule/<PersonalizeImportHandlerSchedules3A6F1233>/*": (
        "The group is the stack's own."
    ),
    "personalize:{region}:{account}:dataset-import-job/*": (
        "A job's name holds a fingerprint that only the deployment knows."
    ),
}

ASSETS = "cdk-hnb659fds-assets-{account}-{region}"
OF_BUCKET_DEPLOYMENT: Mapping[str, str] = {
    "AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
    "AWSLambdaBasicExecutionRole]": "The CDK gives it to its own function, to write its log.",
    "AwsSolutions::AwsSolutions-L1": "The CDK chooses the runtime of its own function.",
    f"{WILDCARD}[Action::s3:GetBucket*]": "The CDK's own grant, on the bucket of its assets.",
    f"{WILDCARD}[Action::s3:GetObject*]": "The same.",
    f"{WILDCARD}[Action::s3:List*]": "The same.",
    f"{WILDCARD}[Action::s3:Abort*]": "The CDK's own grant, on the buckets that the data is copied into.",
    f"{WILDCARD}[Action::s3:DeleteObject*]": "The same.",
    f"{WILDCARD}[Resource::arn:{{partition}}:s3:::{ASSETS}/*]": "The CDK's own grant, on its assets.",
}


def acknowledge(stack: cdk.Stack) -> None:
    """Acknowledge the findings of a stack, each with its reason."""
    for rule, reason in ALL_OVER_THE_SAMPLE.items():
        for pack in PACKS if "{nist}" in rule else [""]:
            _acknowledge(stack, rule.format(nist=pack), reason)
    handler = cast(cdk.Resource, stack.node.find_child("PersonalizeImportHandler"))
    place = _place(stack)
    for resource, reason in OF_THE_HANDLER.items():
        arn = f"arn:{{partition}}:{resource}".format(**place)
        _acknowledge(handler, f"{WILDCARD}[Resource::{arn}]", reason)
    _acknowledge(handler, f"{WILDCARD}[Resource::*]", "AWS defines no resource for ListDatasetImportJobs.")
    for rule, reason in OF_BUCKET_DEPLOYMENT.items():
        _acknowledge(stack, rule.format(**place), reason)
    for bucket in stack.node.find_all():
        if isinstance(bucket, s3.CfnBucket):
            rule = f"{WILDCARD}[Resource::<{stack.resolve(bucket.logical_id)}.Arn>/*]"
            _acknowledge(stack, rule, "The whole bucket is for the copy, which may consist of any files.")
    # cfn-lint reads this. W3005: the CDK waits for a construct as a whole, even where it refers to it.
    stack.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}


def _place(stack: cdk.Stack) -> dict[str, str]:
    """Where the stack goes, as cdk-nag writes it."""
    known = {"Partition": stack.partition, "Region": stack.region, "AccountId": stack.account}
    shown = {
        name: f"<AWS::{name}>" if cdk.Token.is_unresolved(value) else value for name, value in known.items()
    }
    return {"partition": shown["Partition"], "region": shown["Region"], "account": shown["AccountId"]}


def _acknowledge(scope: cdk.Resource | cdk.Stack, rule: str, reason: str) -> None:
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))
