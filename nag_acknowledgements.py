# SPDX-License-Identifier: Apache-2.0
"""The findings of cdk-nag and cfn-lint in the sample environment, with the reason to acknowledge each.

The library acknowledges no finding in the apps of its users; see docs/access.md.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from cdk_personalize_import import DatasetImportJob

STACK_FINDINGS: Mapping[str, str] = {
    "AwsSolutions::AwsSolutions-S1": "The buckets hold copies, and are deleted with the stack.",
    "{nist}-S3BucketLoggingEnabled": "The buckets hold copies, and are deleted with the stack.",
    "{nist}-S3BucketReplicationEnabled": "The originals of the copies are on the machine that deploys.",
    "{nist}-S3BucketVersioningEnabled": "The originals of the copies are on the machine that deploys.",
    "{nist}-S3DefaultEncryptionKMS": "The sample data is generated, and S3 encrypts it with S3-managed keys.",
    "{nist}-CloudWatchLogGroupEncrypted": "The logs hold ARNs and statuses, and CloudWatch encrypts them.",
    "AwsSolutions::AwsSolutions-DDB3": "If the records are lost, the names of the jobs are used.",
    "{nist}-DynamoDBPITREnabled": "If the records are lost, the names of the jobs are used.",
    "{nist}-DynamoDBInBackupPlan": "If the records are lost, the names of the jobs are used.",
    "{nist}-IAMNoInlinePolicy": "Each policy is for one role only, and is deleted with it.",
    "{nist}-LambdaConcurrency": "A reserved concurrency would reduce that of the account's other functions.",
    "{nist}-LambdaDLQ": "CloudFormation reports a request that fails, and a schedule ticks again.",
    "{nist}-LambdaInsideVPC": "The functions call only public APIs of AWS.",
}
PACKS = ("NIST.800.53.R5::NIST.800.53.R5", "HIPAA.Security::HIPAA.Security")

WILDCARD = "AwsSolutions::AwsSolutions-IAM5"
HANDLER_FINDINGS: Mapping[str, str] = {
    "scheduler:{region}:{account}:schedule/<PersonalizeImportHandlerSchedules3A6F1233>/*": (
        "The group belongs to the stack."
    ),
    "personalize:{region}:{account}:dataset-import-job/*": (
        "Synth does not know the names of jobs, which contain a fingerprint."
    ),
}

ASSETS = "cdk-hnb659fds-assets-{account}-{region}"
STAGING_FINDINGS: Mapping[str, str] = {
    f"arn:{{partition}}:s3:::{ASSETS}/*.csv": "A rollback stages older data, whose assets have other names.",
}


def acknowledge(stack: cdk.Stack) -> None:
    """Acknowledge the findings of a stack, each with its reason."""
    for rule, reason in STACK_FINDINGS.items():
        for pack in PACKS if "{nist}" in rule else [""]:
            _acknowledge(stack, rule.format(nist=pack), reason)
    handler = cast(cdk.Resource, stack.node.find_child("PersonalizeImportHandler"))
    environment = _environment(stack)
    for resource, reason in HANDLER_FINDINGS.items():
        arn = f"arn:{{partition}}:{resource}".format(**environment)
        _acknowledge(handler, f"{WILDCARD}[Resource::{arn}]", reason)
    _acknowledge(handler, f"{WILDCARD}[Resource::*]", "AWS defines no resource for ListDatasetImportJobs.")
    for resource, reason in STAGING_FINDINGS.items():
        _acknowledge(handler, f"{WILDCARD}[Resource::{resource.format(**environment)}]", reason)
    copies = {_nag_notation(arn) for arn in _copies_of(stack, handler)}
    for copy in sorted(copies):
        _acknowledge(stack, f"{WILDCARD}[Resource::{copy}]", "Copies of the imports' data, and nothing else.")
    # cfn-lint reads this. W3005: the CDK waits for a construct as a whole, even where it refers to it.
    stack.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}


def _copies_of(stack: cdk.Stack, handler: IConstruct) -> Iterator[Any]:
    """Yield the ARNs of the copies: those of one import for its role, and all for the function."""
    for job in stack.node.find_all():
        if isinstance(job, DatasetImportJob):
            resources = [arn for found in job.bucket_policy_statements for arn in found.resources]
            yield from stack.resolve(resources)
    bucket = handler.node.try_find_child("Staging")
    if isinstance(bucket, s3.Bucket):
        yield stack.resolve(bucket.arn_for_objects("*"))


def _nag_notation(arn: Any) -> str:
    match arn:
        case {"Fn::Join": [_, list(parts)]}:
            return "".join(_nag_notation(part) for part in parts)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
    return str(arn)


def _environment(stack: cdk.Stack) -> dict[str, str]:
    """Return the environment of the stack in the notation of cdk-nag."""
    known = {"Partition": stack.partition, "Region": stack.region, "AccountId": stack.account}
    shown = {
        name: f"<AWS::{name}>" if cdk.Token.is_unresolved(value) else value for name, value in known.items()
    }
    return {"partition": shown["Partition"], "region": shown["Region"], "account": shown["AccountId"]}


def _acknowledge(scope: cdk.Resource | cdk.Stack, rule: str, reason: str) -> None:
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))
