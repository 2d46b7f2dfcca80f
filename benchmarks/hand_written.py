# SPDX-License-Identifier: Apache-2.0
"""Stacks of imports without this library: the plainest one of the same resources, and one with Providers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import custom_resources as cr

HANDLER = Path(__file__).parent.parent / "lambda"
PERSONALIZE = iam.ServicePrincipal("personalize.amazonaws.com")
READ = ["s3:GetObject", "s3:ListBucket"]


def dataset_arn(number: int) -> str:
    """The dataset of an import."""
    return f"arn:aws:personalize:eu-west-1:111122223333:dataset/shop-{number}/INTERACTIONS"


def plain_stack(stack: cdk.Stack, count: int) -> None:
    """The resources that this library makes, each written down once by hand and none checked."""
    bucket = s3.Bucket(stack, "Data")
    function, needed = _plain_function(stack, count)
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[PERSONALIZE],
            actions=READ,
            resources=[bucket.bucket_arn, bucket.arn_for_objects("interactions/*")],
        )
    )
    assert bucket.policy
    for number in range(count):
        role = iam.Role(
            stack, f"Role{number}", assumed_by=PERSONALIZE, inline_policies={"Read": _reading(bucket)}
        )
        job = cdk.CustomResource(
            stack,
            f"Import{number}",
            resource_type="Custom::PersonalizeDatasetImportJob",
            service_token=function.function_arn,
            properties=_properties(number, bucket, role),
        )
        job.node.add_dependency(*needed, bucket.policy)


def provider_stack(stack: cdk.Stack, count: int) -> None:
    """A Provider for each import, as a construct has it that cares for nothing but itself."""
    bucket = s3.Bucket(stack, "Data")
    for number in range(count):
        role = iam.Role(
            stack, f"Role{number}", assumed_by=PERSONALIZE, inline_policies={"Read": _reading(bucket)}
        )
        on_event, is_complete = (
            _user_function(stack, f"{name}{number}") for name in ("OnEvent", "IsComplete")
        )
        provider = cr.Provider(
            stack, f"Provider{number}", on_event_handler=on_event, is_complete_handler=is_complete
        )
        cdk.CustomResource(
            stack,
            f"Import{number}",
            resource_type="Custom::PersonalizeDatasetImportJob",
            service_token=provider.service_token,
            properties=_properties(number, bucket, role),
        )


def _properties(number: int, bucket: s3.IBucket, role: iam.IRole) -> dict[str, Any]:
    return {
        "DatasetArn": dataset_arn(number),
        "DataSource": {"DataLocation": bucket.s3_url_for_object("interactions/")},
        "RoleArn": role.role_arn,
        "JobName": f"import-{number}",
        "ImportMode": "FULL",
        "PublishAttributionMetricsToS3": False,
        "Timeout": 3600,
    }


def _reading(bucket: s3.IBucket) -> iam.PolicyDocument:
    resources = [bucket.bucket_arn, bucket.arn_for_objects("interactions/*")]
    return iam.PolicyDocument(statements=[iam.PolicyStatement(actions=READ, resources=resources)])


def _plain_function(stack: cdk.Stack, count: int) -> tuple[lambda_.Function, list[Any]]:
    """The function, and what has to be there before it is called."""
    group = scheduler.CfnScheduleGroup(stack, "Schedules")
    schedule_role = iam.Role(
        stack, "ScheduleRole", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com")
    )
    role = iam.Role(stack, "HandlerRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log_group = logs.LogGroup(stack, "Logs", removal_policy=cdk.RemovalPolicy.DESTROY)
    function = lambda_.Function(
        stack,
        "Handler",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="dataset_import.handler.handler",
        code=lambda_.Code.from_asset(str(HANDLER)),
        timeout=cdk.Duration.seconds(90),
        role=role,
        log_group=log_group,
        environment={"SCHEDULE_GROUP_NAME": group.ref, "SCHEDULE_ROLE_ARN": schedule_role.role_arn},
    )
    function.grant_invoke(schedule_role)
    log_group.grant_write(role)
    role.add_to_policy(iam.PolicyStatement(actions=["scheduler:CreateSchedule"], resources=["*"]))
    # Of so many that one statement still fits into a policy.
    for first in range(0, count, 25):
        arns = [dataset_arn(number) for number in range(first, min(first + 25, count))]
        role.add_to_policy(
            iam.PolicyStatement(actions=["personalize:CreateDatasetImportJob"], resources=arns)
        )
    return function, [group, schedule_role, role, log_group, function]


def _user_function(stack: cdk.Stack, construct_id: str) -> lambda_.Function:
    return lambda_.Function(
        stack,
        construct_id,
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="dataset_import.handler.handler",
        code=lambda_.Code.from_asset(str(HANDLER)),
    )
