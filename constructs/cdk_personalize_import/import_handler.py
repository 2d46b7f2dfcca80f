# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import Annotations, Aws, Duration, IStableListProducer, Lazy, RemovalPolicy, Stack, TagManager
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from cdk_personalize_import.environments import stack_of
from cdk_personalize_import.find_child import find_child
from cdk_personalize_import.handler_code import ENTRY, handler_code
from cdk_personalize_import.limits import listed_regions
from cdk_personalize_import.readers import PERSONALIZE
from cdk_personalize_import.service_role import ServiceRole
from cdk_personalize_import.statements import grow
from cdk_personalize_import.tokens import is_token

_ID = "PersonalizeImportHandler"
_ARNS_IN_A_STATEMENT = 25


class ImportHandler(Construct):
    """The function that performs the imports of a stack, and what it needs; made once in a stack.

    Its policy names the datasets of the stack's imports one by one. When there are too many for the policy of
    a role (10,240 characters), the CDK moves whole statements of it into managed policies of their own.
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
        # An import is created on its dataset and on the job, so the statement needs both.
        self._datasets = _GrowingGrant(
            self._role,
            ["personalize:CreateDatasetImportJob", "personalize:DescribeDataset"],
            always=[self._jobs],
        )
        self._roles = _GrowingGrant(self._role, ["iam:PassRole"], conditions=_passed_to(PERSONALIZE))

    def let_import(self, dataset_arn: str, given_role: iam.IRole | None, tags: TagManager) -> None:
        """Let the function import into a dataset, with the role that is given or with one of this stack."""
        self._tags.append(tags)
        self._datasets.add(dataset_arn)
        self._roles.add(given_role.role_arn if given_role else self._own_roles)

    @functools.cached_property
    def function_arn(self) -> str:
        """The ARN of the function, by which CloudFormation calls it."""
        return self.function.function_arn

    @functools.cached_property
    def _own_roles(self) -> str:
        return ServiceRole.arns_of_stack(self)

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
        # Its status tells the clean-up of a rollback from that of an update.
        self._let_function(["cloudformation:DescribeStacks"], Aws.STACK_ID)

    def _let_function_poll(self) -> None:
        schedules = Stack.of(self).format_arn(
            service="scheduler", resource="schedule", resource_name=f"{self._group.ref}/*"
        )
        self._let_function(["scheduler:CreateSchedule", "scheduler:DeleteSchedule"], schedules)
        self._let_function(
            ["iam:PassRole"], self._schedule_role.role_arn, _passed_to("scheduler.amazonaws.com")
        )

    def _let_function_log(self) -> None:
        self._let_function(["logs:CreateLogStream", "logs:PutLogEvents"], self._log_group.log_group_arn)

    @property
    def _jobs(self) -> str:
        return Stack.of(self).format_arn(
            service="personalize", resource="dataset-import-job", resource_name="*"
        )

    def _let_function_watch_jobs(self) -> None:
        self._let_function(Lazy.list(_ActionsOnJobs(self._tags)), self._jobs)
        # A list is of no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonpersonalize.html
        self._let_function(["personalize:ListDatasetImportJobs"], "*")

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


class _GrowingGrant:
    """Actions on a list of resources that grows, in statements small enough for the CDK to move about."""

    def __init__(
        self,
        role: iam.Role,
        actions: Sequence[str],
        *,
        always: Sequence[str] = (),
        conditions: Mapping[str, Any] | None = None,
    ) -> None:
        self._role = role
        self._actions = actions
        self._always = always
        self._conditions = conditions
        self._arns: set[str] = set()
        self._statement: iam.PolicyStatement | None = None

    def add(self, arn: str) -> None:
        """Let the actions be done on one resource more."""
        if arn in self._arns:
            return
        full = len(self._arns) % _ARNS_IN_A_STATEMENT == 0
        self._arns.add(arn)
        if self._statement is None or full or not grow(self._statement, arn):
            self._statement = iam.PolicyStatement(
                actions=self._actions, resources=[*self._always, arn], conditions=self._conditions
            )
            self._role.add_to_policy(self._statement)


def _passed_to(service: str) -> dict[str, Any]:
    return {"StringEquals": {"iam:PassedToService": service}}
