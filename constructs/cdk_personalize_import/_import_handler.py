# SPDX-License-Identifier: Apache-2.0
"""The function that performs the imports of a stack, its resources and its permissions."""

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

from cdk_personalize_import._access import STAGING_KEY_ACTIONS, key_use_statement
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

_MOST_MANAGED_POLICIES = 10
"""See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


class ImportHandler(Construct):
    """The function that performs the imports of a stack, with its resources. A stack has one.

    The policies of its role list the datasets and roles of the stack's imports. When the inline policy is
    full, managed policies follow, of which a role may have ten.
    """

    @classmethod
    def of(cls, scope: Construct) -> ImportHandler:
        """Return the handler of the scope's stack, and create it on first use."""
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
        self._grant_invoke_to_schedules()
        self._grant_records()
        self._grant_schedules()
        self._grant_read_of_own_stack()
        self._grant_logs()
        self._grant_read_of_jobs()
        self._named: set[str] = set()
        self._added: set[str] = set()
        self._pages = [PolicyPage(self._role, self._jobs, None, ROOM_IN_INLINE_POLICY)]

    @functools.cached_property
    def staging_bucket(self) -> s3.Bucket:
        """The staging bucket of the stack, created on first use.

        The handler removes the copies when their job has ended. If that fails, S3 expires them, so that the
        bucket can be deleted with the stack.
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

    def grant_staging(
        self, assets: s3.IBucket, suffixes: Iterable[str], bucket: s3.IBucket, prefix: str
    ) -> None:
        """Allow the function to copy assets to a prefix of a bucket, and to remove the copies.

        The statements depend only on the extensions of the files, because during an update or rollback the
        policy may be older or newer than the copies.

        Args:
            assets: The bucket of the assets.
            suffixes: The file extensions of the assets, such as `.csv`.
            bucket: The staging bucket.
            prefix: The prefix of all copies of the stack.
        """
        for suffix in sorted({".csv", *suffixes}):
            self._allow_once(["s3:GetObject"], assets.arn_for_objects(f"*{suffix}"))
        copies = bucket.arn_for_objects(f"{prefix}*")
        actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        self._allow_once(actions, copies)
        key = encryption_key_of(bucket)
        if key is not None:
            self._add_once(key_use_statement(key, Stack.of(self), STAGING_KEY_ACTIONS))

    def grant_import(self, dataset_arn: str, role: iam.IRole, tags: TagManager) -> None:
        """Allow the function to import into a dataset, with a role that it passes to Personalize."""
        self._tags.append(tags)
        role_arn = role.role_arn
        new = {dataset_arn, role_arn} - self._named
        if not self._pages[-1].has_room(*new):
            self._pages.append(self._next_page())
        page = self._pages[-1]
        if dataset_arn in new:
            page.add_dataset(dataset_arn)
        if role_arn in new:
            page.add_role(role_arn)
        self._named |= new

    def _next_page(self) -> PolicyPage:
        number = len(self._pages) + 1
        if number == _MOST_MANAGED_POLICIES + 2:  # the first page is the inline policy
            Annotations.of(self).add_warning_v2(
                "cdk-personalize-import:policiesMany",
                f"The role of the function has more than {_MOST_MANAGED_POLICIES} managed policies, IAM's "
                "default quota for a role, because the stack has so many imports. Put some into another "
                "stack, or acknowledge this warning if your quota is higher.",
            )
        policy = iam.ManagedPolicy(self, f"Imports{number}", roles=[self._role])
        return PolicyPage(self._role, self._jobs, policy, ROOM_IN_MANAGED_POLICY)

    @functools.cached_property
    def function_arn(self) -> str:
        """The ARN of the function, which is the service token of the imports."""
        return self.function.function_arn

    def _warn_of_region(self) -> None:
        # A warning and no error, because the installed botocore may be older than the region.
        region = Stack.of(self).region
        if not is_token(region) and region not in listed_regions():
            Annotations.of(self).add_warning_v2(
                "cdk-personalize-import:regionNotListed",
                f"The installed botocore does not list {region} among the regions of Amazon Personalize: "
                f"{', '.join(listed_regions())}. Use one of these, upgrade botocore, or acknowledge this "
                "warning if Personalize is new in the region.",
            )

    def _define_record_table(self) -> dynamodb.Table:
        """The table with one record per import, without imported data."""
        return dynamodb.Table(
            self,
            "Records",
            partition_key=dynamodb.Attribute(name="Key", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="ExpiresAt",
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _define_schedule_role(self) -> iam.Role:
        """The role of the schedules. Only schedules of this group can assume it.

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

    def _grant_invoke_to_schedules(self) -> None:
        # A statement of its own, not Function.grant_invoke, which would allow all versions and aliases too.
        self._schedule_role.add_to_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])
        )

    def _grant_records(self) -> None:
        self._allow(["dynamodb:GetItem", "dynamodb:PutItem"], self.record_table.table_arn)
        # A property injector of the user may set a key.
        if self.record_table.encryption_key is not None:
            self.record_table.encryption_key.grant_encrypt_decrypt(self._role)

    def _grant_read_of_own_stack(self) -> None:
        # The stack's status distinguishes the clean-up of a rollback from that of an update.
        stack = Stack.of(self)
        name = f"{stack.stack_name}/*"
        by_name = stack.format_arn(service="cloudformation", resource="stack", resource_name=name)
        # The report of customize_roles is used before the stack exists, so it has no stack id.
        arn = by_name if is_customized(self) else Aws.STACK_ID
        self._allow(["cloudformation:DescribeStacks"], arn)

    def _grant_schedules(self) -> None:
        schedules = Stack.of(self).format_arn(
            service="scheduler", resource="schedule", resource_name=f"{self._group.ref}/*"
        )
        self._allow(["scheduler:CreateSchedule", "scheduler:DeleteSchedule"], schedules)
        self._allow(["iam:PassRole"], self._schedule_role.role_arn, passed_to("scheduler.amazonaws.com"))

    def _grant_logs(self) -> None:
        self._allow(["logs:CreateLogStream", "logs:PutLogEvents"], self._log_group.log_group_arn)

    @property
    def _jobs(self) -> str:
        return Stack.of(self).format_arn(
            service="personalize", resource="dataset-import-job", resource_name="*"
        )

    def _grant_read_of_jobs(self) -> None:
        if is_customized(self):
            actions = ["personalize:DescribeDatasetImportJob", "personalize:TagResource"]
        else:
            actions = Lazy.list(_ActionsOnJobs(self._tags))
        self._allow(actions, self._jobs)
        # ListDatasetImportJobs has no resource type: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonpersonalize.html
        self._allow(["personalize:ListDatasetImportJobs"], "*")

    def _allow_once(self, actions: Sequence[str], resource: str) -> None:
        self._add_once(iam.PolicyStatement(actions=actions, resources=[resource]))

    def _add_once(self, statement: iam.PolicyStatement) -> None:
        content = json.dumps(Stack.of(self).resolve(statement.to_statement_json()))
        if content not in self._added:
            self._added.add(content)
            self._role.add_to_policy(statement)

    def _allow(
        self, actions: Sequence[str], resource: str, conditions: Mapping[str, Any] | None = None
    ) -> None:
        self._role.add_to_policy(
            iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions)
        )


@jsii.implements(IStableListProducer)
class _ActionsOnJobs:
    """The actions on import jobs. They include tagging if an import has tags, which synth knows last."""

    def __init__(self, tags: Sequence[TagManager]) -> None:
        self._tags = tags

    def produce(self) -> list[str]:
        """Return the actions. The CDK calls it."""
        tagging = ["personalize:TagResource"] if any(tags.has_tags() for tags in self._tags) else []
        return ["personalize:DescribeDatasetImportJob", *tagging]
