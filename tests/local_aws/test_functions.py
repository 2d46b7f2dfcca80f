# SPDX-License-Identifier: Apache-2.0
"""Functions get what Lambda gives them: a role, and logging in the format that they ask for."""

import json
import time

import pytest

from tests.local_aws.accounts import LOGS, Account, statement
from tests.local_aws.stacks import LAMBDA_ROLE, Stacks

WHOAMI = """
import boto3
def handler(event, context):
    arn = boto3.client("sts").get_caller_identity()["Arn"]
    try:
        boto3.client("personalize").list_dataset_import_jobs()
    except Exception as error:
        return arn, error.response["Error"]["Code"]
    return arn, None
"""

WRITES = """
import logging
def handler(event, context):
    logging.getLogger("mine").info("it is %d", 7, extra={"job": "arn"})
    logging.getLogger("mine").debug("too fine")
"""

MAY_LOG = statement(LOGS, "*")


def logged(account: Account, name: str) -> list[str]:
    """Return what the function has written."""
    client = account.aws.client("logs")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = client.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        messages = [event["message"] for event in found]
        if any(message.startswith("REPORT") for message in messages):
            return messages
        time.sleep(0.05)
    raise AssertionError("the invocation has not been logged")


def test_a_function_acts_as_its_role(account: Account) -> None:
    """What a function may do is what the policies of its role allow."""
    arn, error = account.invoke(account.function(WHOAMI))

    assert ":assumed-role/role-" in arn
    assert error == "AccessDeniedException"


def test_a_function_that_asks_for_json_logs_json(account: Account) -> None:
    """The root logger writes from the level that is set, with what `extra` adds."""
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}

    name = account.function(WRITES, MAY_LOG, LoggingConfig=logging)
    account.invoke(name)

    (line,) = [json.loads(message) for message in logged(account, name) if message.startswith("{")]
    assert line.pop("timestamp").endswith("Z")
    assert line == {"level": "INFO", "message": "it is 7", "logger": "mine", "job": "arn"}


def test_a_function_that_asks_for_nothing_logs_warnings_as_text(account: Account) -> None:
    """Lambda's default is text, and Python's is WARNING."""
    name = account.function(WRITES.replace(".info(", ".warning("), MAY_LOG)
    account.invoke(name)

    assert any(
        message.startswith("[WARNING]") and message.rstrip().endswith("it is 7")
        for message in logged(account, name)
    )


def test_a_function_that_may_not_log_writes_none(account: Account) -> None:
    """A role without permissions for logs leaves no log group behind.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-cwlpolicy.html
    """
    name = account.function(WRITES)

    account.invoke(name)

    groups = account.aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")
    assert groups["logGroups"] == []


def test_the_managed_policy_lets_a_function_log(account: Account) -> None:
    """The CDK's own functions have AWSLambdaBasicExecutionRole."""
    name = account.function(WRITES)
    role = account.aws.client("lambda").get_function(FunctionName=name)["Configuration"]["Role"]
    managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    account.iam.attach_role_policy(RoleName=role.split("/")[-1], PolicyArn=managed)

    account.invoke(name)

    assert logged(account, name)


def test_a_log_group_that_is_deleted_stays_deleted(account: Account, stacks: Stacks) -> None:
    """A function that still runs makes its group anew only if its role may create one."""
    name, group = stacks.name(), f"/logs/{account.name('group')}"
    may_write = statement(LOGS[1:], f"arn:aws:logs:*:*:log-group:{group}:*")
    function = account.function(WRITES, may_write, LoggingConfig={"LogGroup": group})
    resource = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group}}
    logs = account.aws.client("logs")
    stacks.deploy(name, {"Group": resource, "Queue": {"Type": "AWS::SQS::Queue"}})
    account.invoke(function)
    before = logs.describe_log_streams(logGroupName=group)["logStreams"]

    stacks.deploy(name, {"Queue": {"Type": "AWS::SQS::Queue"}})
    account.invoke(function)

    assert len(before) == 1
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


@pytest.mark.parametrize(
    ("runtime", "why"), [("nodejs22.x", "no stub for '@aws-sdk/client-s3'"), ("java21", "it runs on java21")]
)
def test_a_function_that_cannot_run_here_fails_its_resource_at_once(
    stacks: Stacks, runtime: str, why: str
) -> None:
    """The reason is in the stack's events, and the rollback does not need the function."""
    name = stacks.name()
    code = 'const { S3 } = require("@aws-sdk/client-s3");\nexports.handler = async () => {};'
    function = {
        "Runtime": runtime,
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": code},
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": LAMBDA_ROLE}}
    resources = {
        "Role": role,
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "R": {"Type": "Custom::R", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}},
    }

    status = stacks.deploy(name, resources)

    [said] = [reason for reason in stacks.reasons(name) if "cannot run" in reason]
    assert status == "ROLLBACK_COMPLETE"
    assert why in said
