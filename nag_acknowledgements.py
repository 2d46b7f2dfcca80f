# SPDX-License-Identifier: Apache-2.0
"""What cdk-nag and cfn-lint find in the sample environment, and why it may stand there.

The library acknowledges nothing for its users; docs/access.md tells what they may have to.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from cdk_personalize_import import DatasetImportJob

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
OF_STAGING: Mapping[str, str] = {
    f"arn:{{partition}}:s3:::{ASSETS}/*.csv": "A rollback stages older data, whose assets have other names.",
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
    for resource, reason in OF_STAGING.items():
        _acknowledge(handler, f"{WILDCARD}[Resource::{resource.format(**place)}]", reason)
    copies = {_as_nag_writes_it(arn) for arn in _copies_of(stack, handler)}
    for copy in sorted(copies):
        _acknowledge(stack, f"{WILDCARD}[Resource::{copy}]", "Copies of the imports' data, and nothing else.")
    # cfn-lint reads this. W3005: the CDK waits for a construct as a whole, even where it refers to it.
    stack.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}


def _copies_of(stack: cdk.Stack, handler: IConstruct) -> Iterator[Any]:
    """The ARNs of the copies in a bucket: those of one import for its role, all of them for the function."""
    for job in stack.node.find_all():
        if isinstance(job, DatasetImportJob):
            resources = [arn for found in job.bucket_policy_statements for arn in found.resources]
            yield from stack.resolve(resources)
    bucket = handler.node.try_find_child("Staging")
    if isinstance(bucket, s3.Bucket):
        yield stack.resolve(bucket.arn_for_objects("*"))


def _as_nag_writes_it(arn: Any) -> str:
    match arn:
        case {"Fn::Join": [_, list(parts)]}:
            return "".join(_as_nag_writes_it(part) for part in parts)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
    return str(arn)


def _place(stack: cdk.Stack) -> dict[str, str]:
    """Where the stack goes, as cdk-nag writes it."""
    known = {"Partition": stack.partition, "Region": stack.region, "AccountId": stack.account}
    shown = {
        name: f"<AWS::{name}>" if cdk.Token.is_unresolved(value) else value for name, value in known.items()
    }
    return {"partition": shown["Partition"], "region": shown["Region"], "account": shown["AccountId"]}


def _acknowledge(scope: cdk.Resource | cdk.Stack, rule: str, reason: str) -> None:
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))
