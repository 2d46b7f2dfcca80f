# SPDX-License-Identifier: Apache-2.0
"""The function that performs the imports of a stack, and the resources that it needs."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import (
    Annotations,
    Aws,
    Duration,
    IStableListProducer,
    Lazy,
    RemovalPolicy,
    Stack,
    TagManager,
)
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from cdk_personalize_import._cdk import find_child, is_token, stack_of
from cdk_personalize_import._data_location import encryption_key_of
from cdk_personalize_import._handler_asset import ENTRY, handler_code
from cdk_personalize_import._handler_policy import (
    ROOM_IN_INLINE_POLICY,
    ROOM_IN_MANAGED_POLICY,
    PolicyPage,
    is_customized,
    passed_to,
)
from cdk_personalize_import._limits import listed_regions

_ID = "PersonalizeImportHandler"


class ImportHandler(Construct):
    """The function that performs the imports of a stack, and what it needs; made once in a stack.

    Its policy names the datasets and the roles of the stack's imports one by one. What does not fit into the
    inline policy goes into managed policies, of which a role may have ten.
    """

    @classmethod
    def of(cls, scope: Construct) -> ImportHandler:
        """Return the one of the stack that the scope is in."""
        stack = stack_of(scope)
        return find_child(stack, _ID, cls) or cls(stack, _ID)

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._warn_of_region()
        self._tags: list[TagManager] = []
        self.record_table = self._define_record_table()
        self._group = scheduler.CfnScheduleGroup(self, "Schedules")
        self._schedule_role = self._define_schedule_role()
        self._log_group = self._define_log_group()
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.function = self._define_function()
        self._let_schedules_invoke_function()
        self._let_function_keep_records()
        self._let_function_poll()
        self._let_function_read_own_stack()
        self._let_function_log()
        self._let_function_watch_jobs()
        self._named: set[str] = set()
        self._allowed: set[tuple[str, ...]] = set()
        self._pages = [PolicyPage(self._role, self._jobs, None, ROOM_IN_INLINE_POLICY)]

    @functools.cached_property
    def staging_bucket(self) -> s3.Bucket:
        """The bucket into which the data of this machine is copied, made on first use.

        The copies are removed when their job has ended. Should that fail, S3 expires them, so that the bucket
        can be deleted with the stack.
        """
        return s3.Bucket(
            self,
            "Staging",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.DESTROY,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(7), abort_incomplete_multipart_upload_after=Duration.days(1)
                )
            ],
        )

    def let_stage(self, assets: s3.IBucket, suffixes: Iterable[str], bucket: s3.IBucket, prefix: str) -> None:
        """Let the function copy assets into a bucket, under a prefix, and remove the copies.

        No statement depends on the data: while a stack is updated or rolled back, its policy may be older or
        newer than the copies that are made and removed.

        Args:
            assets: The bucket of the assets.
            suffixes: What the keys of the assets end in, such as `.csv`.
            bucket: The bucket to copy into.
            prefix: The prefix of all copies of the stack.
        """
        for suffix in sorted({".csv", *suffixes}):
            self._let_function_once(["s3:GetObject"], assets.arn_for_objects(f"*{suffix}"))
        copies = bucket.arn_for_objects(f"{prefix}*")
        actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        self._let_function_once(actions, copies)
        key = encryption_key_of(bucket)
        if key is not None:
            self._let_function_once(["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn)

    def let_import(self, dataset_arn: str, role: iam.IRole, tags: TagManager) -> None:
        """Allow the function to import into a dataset, with a role that it passes to Personalize."""
        self._tags.append(tags)
        role_arn = role.role_arn
        if not self._pages[-1].has_room(dataset_arn, role_arn):
            self._pages.append(self._next_page())
        page = self._pages[-1]
        if dataset_arn not in self._named:
            page.name_dataset(dataset_arn)
        if role_arn not in self._named:
            page.pass_role(role_arn)
        self._named |= {dataset_arn, role_arn}

    def _next_page(self) -> PolicyPage:
        policy = iam.ManagedPolicy(self, f"Imports{len(self._pages) + 1}", roles=[self._role])
        return PolicyPage(self._role, self._jobs, policy, ROOM_IN_MANAGED_POLICY)

    @functools.cached_property
    def function_arn(self) -> str:
        """The ARN of the function, by which CloudFormation calls it."""
        return self.function.function_arn

    def _warn_of_region(self) -> None:
        # No error: the list is as old as the botocore that is installed.
        region = Stack.of(self).region
        if not is_token(region) and region not in listed_regions():
            Annotations.of(self).add_warning_v2(
                "cdk-personalize-import:regionNotListed",
                f"Amazon Personalize is not known to be in {region}, but in {', '.join(listed_regions())}. "
                "If it is new there, acknowledge this warning, or upgrade botocore.",
            )

    def _define_record_table(self) -> dynamodb.Table:
        """The table with one record per import; it holds no data of users, and can be lost without harm."""
        return dynamodb.Table(
            self,
            "Records",
            partition_key=dynamodb.Attribute(name="Key", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="ExpiresAt",
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _define_schedule_role(self) -> iam.Role:
        """The role of the schedules, for those of this group only.

        See https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        """
        return iam.Role(
            self,
            "ScheduleRole",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={
                    "StringEquals": {
                        "aws:SourceAccount": Stack.of(self).account,
                        "aws:SourceArn": self._group.attr_arn,
                    },
                },
            ),
        )

    def _define_log_group(self) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Logs",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _define_function(self) -> lambda_.Function:
        return lambda_.Function(
            self,
            "Function",
            description="Imports data into Amazon Personalize for Custom::PersonalizeDatasetImportJob",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=ENTRY,
            code=handler_code(),
            memory_size=160,
            timeout=Duration.seconds(90),
            role=self._role,
            environment={
                "TABLE_NAME": self.record_table.table_name,
                "SCHEDULE_GROUP_NAME": self._group.ref,
                "SCHEDULE_ROLE_ARN": self._schedule_role.role_arn,
            },
            log_group=self._log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
        )

    def _let_schedules_invoke_function(self) -> None:
        # A statement of its own, not Function.grant_invoke, which would allow all versions and aliases too.
        self._schedule_role.add_to_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])
        )

    def _let_function_keep_records(self) -> None:
        self._let_function(["dynamodb:GetItem", "dynamodb:PutItem"], self.record_table.table_arn)
        # A property injector of the user may give the table a key.
        if self.record_table.encryption_key is not None:
            self.record_table.encryption_key.grant_encrypt_decrypt(self._role)

    def _let_function_read_own_stack(self) -> None:
        # The stack's status distinguishes the clean-up of a rollback from that of an update.
        stack = Stack.of(self)
        name = f"{stack.stack_name}/*"
        by_name = stack.format_arn(service="cloudformation", resource="stack", resource_name=name)
        # A report of customize_roles is read before there is a stack with an id.
        arn = by_name if is_customized(self) else Aws.STACK_ID
        self._let_function(["cloudformation:DescribeStacks"], arn)

    def _let_function_poll(self) -> None:
        schedules = Stack.of(self).format_arn(
            service="scheduler", resource="schedule", resource_name=f"{self._group.ref}/*"
        )
        self._let_function(["scheduler:CreateSchedule", "scheduler:DeleteSchedule"], schedules)
        self._let_function(
            ["iam:PassRole"], self._schedule_role.role_arn, passed_to("scheduler.amazonaws.com")
        )

    def _let_function_log(self) -> None:
        self._let_function(["logs:CreateLogStream", "logs:PutLogEvents"], self._log_group.log_group_arn)

    @property
    def _jobs(self) -> str:
        return Stack.of(self).format_arn(
            service="personalize", resource="dataset-import-job", resource_name="*"
        )

    def _let_function_watch_jobs(self) -> None:
        if is_customized(self):
            actions = ["personalize:DescribeDatasetImportJob", "personalize:TagResource"]
        else:
            actions = Lazy.list(_ActionsOnJobs(self._tags))
        self._let_function(actions, self._jobs)
        # A list is of no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonpersonalize.html
        self._let_function(["personalize:ListDatasetImportJobs"], "*")

    def _let_function_once(self, actions: Sequence[str], resource: str) -> None:
        known = (*actions, json.dumps(Stack.of(self).resolve(resource)))
        if known not in self._allowed:
            self._allowed.add(known)
            self._let_function(actions, resource)

    def _let_function(
        self, actions: Sequence[str], resource: str, conditions: Mapping[str, Any] | None = None
    ) -> None:
        self._role.add_to_policy(
            iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions)
        )


@jsii.implements(IStableListProducer)
class _ActionsOnJobs:
    """The actions on import jobs; whether some are tagged is known only when the app is synthesised."""

    def __init__(self, tags: Sequence[TagManager]) -> None:
        self._tags = tags

    def produce(self) -> list[str]:
        """Return them. Called by the CDK."""
        tagging = ["personalize:TagResource"] if any(tags.has_tags() for tags in self._tags) else []
        return ["personalize:DescribeDatasetImportJob", *tagging]
