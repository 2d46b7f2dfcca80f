# SPDX-License-Identifier: Apache-2.0
"""The function of a stack, and what it, its schedules and their roles may do."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from tests.construct.imports import DATASET_ARN, FUNCTION, HANDLER_POLICY, Imports, arn, of_type, statements

GROUP = {"Ref": "PersonalizeImportHandlerSchedules3A6F1233"}


def passed_to(service: str) -> dict[str, Any]:
    """Return the condition that a role is passed to just this service."""
    return {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}


def test_the_function_is_as_designed(imports: Imports) -> None:
    """It runs Python 3.14 on ARM, and writes JSON logs to its own log group."""
    imports.add()

    template = imports.template()

    template.has_resource_properties(
        FUNCTION,
        {
            "Runtime": "python3.14",
            "Architectures": ["arm64"],
            "Handler": "dataset_import.handler.handler",
            "MemorySize": 160,
            "Timeout": 90,
            "Role": {"Fn::GetAtt": ["PersonalizeImportHandlerRoleFA0B7E86", "Arn"]},
            "LoggingConfig": {
                "LogFormat": "JSON",
                "ApplicationLogLevel": "INFO",
                "LogGroup": {"Ref": "PersonalizeImportHandlerLogs99E62459"},
            },
            "Environment": {
                "Variables": {
                    "TABLE_NAME": {"Ref": "PersonalizeImportHandlerRecords6A6F7591"},
                    "SCHEDULE_GROUP_NAME": GROUP,
                    "SCHEDULE_ROLE_ARN": {
                        "Fn::GetAtt": ["PersonalizeImportHandlerScheduleRoleE553BE75", "Arn"]
                    },
                }
            },
        },
    )
    template.has_resource(
        "AWS::Logs::LogGroup", {"DeletionPolicy": "Delete", "Properties": {"RetentionInDays": 90}}
    )


def test_the_function_may_do_what_it_does_and_nothing_else(imports: Imports) -> None:
    """The role has exactly these statements and no managed policy."""
    imports.add()

    template = imports.template()

    assert [
        {
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": ["PersonalizeImportHandlerRecords6A6F7591", "Arn"]},
        },
        {
            "Action": ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"],
            "Effect": "Allow",
            "Resource": {
                "Fn::Join": [
                    "",
                    [*arn("scheduler", "schedule/")["Fn::Join"][1], GROUP, "/*"],
                ]
            },
        },
        {
            "Action": "iam:PassRole",
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": ["PersonalizeImportHandlerScheduleRoleE553BE75", "Arn"]},
            "Condition": passed_to("scheduler"),
        },
        {"Action": "cloudformation:DescribeStacks", "Effect": "Allow", "Resource": {"Ref": "AWS::StackId"}},
        {
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": ["PersonalizeImportHandlerLogs99E62459", "Arn"]},
        },
        {
            "Action": ["personalize:DescribeDatasetImportJob"],
            "Effect": "Allow",
            "Resource": arn("personalize", "dataset-import-job/*"),
        },
        {"Action": "personalize:ListDatasetImportJobs", "Effect": "Allow", "Resource": "*"},
        {
            "Action": ["personalize:CreateDatasetImportJob", "personalize:DescribeDataset"],
            "Effect": "Allow",
            "Resource": [arn("personalize", "dataset-import-job/*"), DATASET_ARN],
        },
        {
            "Action": "iam:PassRole",
            "Effect": "Allow",
            "Resource": [{"Fn::GetAtt": ["ImportServiceRole6053FBA1", "Arn"]}],
            "Condition": passed_to("personalize"),
        },
    ] == statements(template, HANDLER_POLICY)
    role = of_type(template, "AWS::IAM::Role")["PersonalizeImportHandlerRoleFA0B7E86"]
    assert set(role["Properties"]) == {"AssumeRolePolicyDocument"}


def test_the_function_may_tag_where_a_job_has_tags(imports: Imports) -> None:
    """Tags may be added after the import, even by an aspect."""
    imports.add()
    cdk.Tags.of(imports.stack).add("team", "shop")

    template = imports.template()

    (jobs,) = [
        statement
        for statement in statements(template, HANDLER_POLICY)
        if statement["Resource"] == arn("personalize", "dataset-import-job/*")
    ]
    assert jobs["Action"] == ["personalize:DescribeDatasetImportJob", "personalize:TagResource"]


def test_the_roles_that_the_function_may_pass_are_those_of_its_imports(imports: Imports) -> None:
    """The policy names each role by its ARN, whether the import created it or not."""
    given = iam.Role(imports.stack, "Given", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com"))
    imports.add("Import")
    imports.add("Other", role=given)

    template = imports.template()

    assert statements(template, HANDLER_POLICY)[-1]["Resource"] == [
        {"Fn::GetAtt": ["ImportServiceRole6053FBA1", "Arn"]},
        {"Fn::GetAtt": ["GivenEA18D9CA", "Arn"]},
    ]


def test_only_schedules_of_the_group_invoke_the_function(imports: Imports) -> None:
    """The schedules' role trusts the scheduler for this group, and may invoke this function."""
    imports.add()

    template = imports.template()

    role = of_type(template, "AWS::IAM::Role")["PersonalizeImportHandlerScheduleRoleE553BE75"]
    assert role["Properties"]["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": {"Ref": "AWS::AccountId"},
                    "aws:SourceArn": {"Fn::GetAtt": ["PersonalizeImportHandlerSchedules3A6F1233", "Arn"]},
                }
            },
        }
    ]
    assert statements(template, "PersonalizeImportHandlerScheduleRoleDefaultPolicy51FC38E7") == [
        {
            "Action": "lambda:InvokeFunction",
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": ["PersonalizeImportHandlerFunction9191CD07", "Arn"]},
        }
    ]
