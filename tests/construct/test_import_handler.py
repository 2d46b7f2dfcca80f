# SPDX-License-Identifier: Apache-2.0
import json
import re
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_personalize as personalize
from aws_cdk.assertions import Template
from constructs import Construct

from tests.construct.imports import (
    DATASET_ARN,
    HANDLER_POLICY,
    IMPORT,
    Imports,
    arn,
    circle,
    of_type,
    statements,
)

FUNCTION = "AWS::Lambda::Function"
GROUP = {"Ref": "PersonalizeImportHandlerSchedules3A6F1233"}
TABLE = "AWS::DynamoDB::Table"
OF_THE_HANDLER = {
    "PersonalizeImportHandlerRoleFA0B7E86",
    "PersonalizeImportHandlerScheduleRoleE553BE75",
}


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


def test_the_records_are_in_an_encrypted_table_that_goes_with_the_stack(imports: Imports) -> None:
    """It is on demand with a time to live; DynamoDB encrypts it with a key that AWS owns."""
    imports.add()

    table = of_type(imports.template(), TABLE)["PersonalizeImportHandlerRecords6A6F7591"]

    assert table == {
        "Type": TABLE,
        "Properties": {
            "AttributeDefinitions": [{"AttributeName": "Key", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "Key", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "TimeToLiveSpecification": {"AttributeName": "ExpiresAt", "Enabled": True},
        },
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
    }


def test_the_table_can_have_a_key_of_the_users(imports: Imports) -> None:
    """The docstring of `record_table` describes it: the raw resource, and a grant to the function."""
    job = imports.add()
    key = kms.Key(imports.stack, "Key")
    raw = job.record_table.node.default_child
    assert isinstance(raw, dynamodb.CfnTable)
    raw.sse_specification = dynamodb.CfnTable.SSESpecificationProperty(
        sse_enabled=True, sse_type="KMS", kms_master_key_id=key.key_arn
    )
    key.grant_encrypt_decrypt(job.handler)

    template = imports.template()

    arn_of_key = {"Fn::GetAtt": ["Key961B73FD", "Arn"]}
    template.has_resource_properties(
        TABLE, {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn_of_key}}
    )
    assert key_actions(template, arn_of_key) == [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ]
    assert circle(template) == []


def key_actions(template: Template, arn_of_key: dict[str, Any]) -> list[str]:
    """Return what the function may do with a key."""
    return sorted(
        action
        for statement in statements(template, HANDLER_POLICY)
        if statement["Resource"] == arn_of_key
        for action in statement["Action"]
    )


def test_a_key_that_a_property_injector_gives_to_the_table_is_granted(imports: Imports) -> None:
    """An organisation's property injector for tables needs no further grant."""
    key = kms.Key(imports.stack, "Key")
    cdk.PropertyInjectors.of(imports.stack).add(KeyForTables(key))
    job = imports.add()

    template = imports.template()

    assert job.record_table.encryption_key is not None
    assert key_actions(template, {"Fn::GetAtt": ["Key961B73FD", "Arn"]}) == [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ]


@jsii.implements(cdk.IPropertyInjector)
class KeyForTables:
    """Encrypts each table with a key."""

    def __init__(self, key: kms.Key) -> None:
        self._key = key

    @property
    def construct_unique_id(self) -> str:
        return dynamodb.Table.PROPERTY_INJECTION_ID

    def inject(self, original_props: Any, *, id: str, scope: Construct) -> Any:
        return {**original_props, "encryptionKey": self._key}


def test_ten_imports_share_one_handler(imports: Imports) -> None:
    """Function, log group, table, schedule group and two roles exist once."""
    for number in range(10):
        imports.add(f"Import{number}")

    template = imports.template()

    template.resource_count_is(IMPORT, 10)
    template.resource_count_is(FUNCTION, 1)
    template.resource_count_is("AWS::Logs::LogGroup", 1)
    template.resource_count_is(TABLE, 1)
    template.resource_count_is("AWS::Scheduler::ScheduleGroup", 1)
    template.resource_count_is("AWS::IAM::Role", 10 + 2)
    template.resource_count_is("AWS::IAM::Policy", 2)


def test_the_handler_is_the_one_function_of_the_stack(imports: Imports) -> None:
    """Each import returns the same function, with its role and its log group."""
    first, second = (imports.add(name).handler for name in ("First", "Second"))
    cloudwatch.Alarm(imports.stack, "Alarm", metric=first.metric_errors(), threshold=1, evaluation_periods=1)

    template = imports.template()

    ((logical_id, function),) = of_type(template, FUNCTION).items()
    assert first is second
    assert imports.stack.resolve([first.role.role_arn, first.log_group.log_group_name]) == [  # type: ignore[union-attr]
        function["Properties"]["Role"],
        function["Properties"]["LoggingConfig"]["LogGroup"],
    ]
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {"MetricName": "Errors", "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": logical_id}}]},
    )


def test_a_nested_stack_has_a_handler_of_its_own(stack: cdk.Stack, imports: Imports) -> None:
    """Neither stack depends on the other."""
    nested = cdk.NestedStack(stack, "Nested")
    imports.add("Outside")
    imports.add("Inside", scope=nested)

    for template in (imports.template(), Template.from_stack(nested)):
        template.resource_count_is(IMPORT, 1)
        template.resource_count_is(FUNCTION, 1)


def test_an_import_in_another_construct_shares_the_handler(imports: Imports, stack: cdk.Stack) -> None:
    """The handler belongs to the stack, not to the scope of the first import."""
    imports.add("First", scope=Construct(stack, "Group"))
    imports.add("Second")

    imports.template().resource_count_is(FUNCTION, 1)


def test_a_stack_holds_150_imports(imports: Imports) -> None:
    """Policies stay within IAM's limits, and each import depends on the policies."""
    group = "arn:aws:personalize:eu-west-1:111122223333:dataset-group/shop"
    for number in range(150):
        dataset = personalize.CfnDataset(
            imports.stack,
            f"Dataset{number}",
            name=f"dataset{number}",
            dataset_group_arn=group,
            dataset_type="Items",
            schema_arn="arn:aws:personalize:eu-west-1:111122223333:schema/items",
        )
        imports.add(f"Import{number}", dataset_arn=dataset.attr_dataset_arn)

    template = imports.template()

    first = of_type(template, "AWS::IAM::Policy")[HANDLER_POLICY]
    more = of_type(template, "AWS::IAM::ManagedPolicy")
    assert length(first) <= 10_240
    assert all(length(policy) <= 6_144 for policy in more.values())
    assert 1 <= len(more) <= 10
    assert datasets_of(first, *more.values()) == {f"Dataset{number}" for number in range(150)}
    assert roles_of(first, *more.values()) == set(of_type(template, "AWS::IAM::Role")) - OF_THE_HANDLER
    for resource in of_type(template, IMPORT).values():
        assert {HANDLER_POLICY, *more} <= set(resource["DependsOn"])
    assert circle(template) == []


def length(policy: dict[str, Any]) -> int:
    """Count the characters that IAM counts, with each ARN as long as it can be."""
    dataset = (
        "arn:aws-us-gov:personalize:us-gov-west-1:111122223333:dataset/" + "g" * 63 + "/ACTION_INTERACTIONS"
    )
    role = "arn:aws-us-gov:iam::111122223333:role/personalize/" + "p" * 24 + "/" + "r" * 64
    text = json.dumps(policy["Properties"]["PolicyDocument"], separators=(",", ":"))
    text = re.sub(r'{"Fn::GetAtt":\["Dataset[^]]*]}', f'"{dataset}"', text)
    return len(re.sub(r'{"Fn::GetAtt":\["Import[0-9]+ServiceRole[^]]*]}', f'"{role}"', text))


def datasets_of(*policies: dict[str, Any]) -> set[str]:
    """Return the logical ids of the datasets that the policies name."""
    return set(re.findall(r'\["(Dataset[0-9]+)", "DatasetArn"]', json.dumps(policies)))


def roles_of(*policies: dict[str, Any]) -> set[str]:
    """Return the logical ids of the imports' roles that the policies name."""
    return set(re.findall(r'\["(Import[0-9]+ServiceRole[^"]*)", "Arn"]', json.dumps(policies)))
