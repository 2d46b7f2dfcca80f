# SPDX-License-Identifier: Apache-2.0
"""What a function may ask of CloudFormation and EventBridge Scheduler is what its role's policy names."""

from typing import Any

import pytest

from tests.local_aws.accounts import ACCOUNT, Account, statement, trust
from tests.local_aws.stacks import Stacks

CALLS = """
import boto3, datetime, json
def handler(event, context):
    client = boto3.client(event.pop("service"))
    try:
        if "Target" in event["parameters"]:
            now = datetime.datetime.now(datetime.timezone.utc)
            times = {"StartDate": now, "EndDate": now + datetime.timedelta(hours=1)}
            event["parameters"].update(times)
        getattr(client, event["call"])(**event["parameters"])
    except Exception as error:
        return error.response["Error"]["Code"]
"""


class Caller:
    """A function with permissions, and what it asks for."""

    def __init__(self, account: Account, *statements: dict[str, Any]) -> None:
        self.account, self._function = account, account.function(CALLS, *statements)

    def error(self, service: str, call: str, **parameters: Any) -> str | None:
        """Return the code of the error that a call ends with."""
        event = {"service": service, "call": call, "parameters": parameters}
        code: str | None = self.account.invoke(self._function, **event)
        return code


@pytest.fixture
def stack_id(stacks: Stacks) -> str:
    """Return the id of a stack."""
    name = stacks.name()
    stacks.deploy(name, {"Queue": {"Type": "AWS::SQS::Queue"}})
    return str(stacks.client.describe_stacks(StackName=name)["Stacks"][0]["StackId"])


def test_a_function_describes_its_own_stack(account: Account, stack_id: str) -> None:
    """The policy names the stack's id, as `Ref: AWS::StackId` has it."""
    caller = Caller(account, statement("cloudformation:DescribeStacks", stack_id))

    assert caller.error("cloudformation", "describe_stacks", StackName=stack_id) is None


def test_a_function_does_not_describe_another_stack(account: Account, stack_id: str) -> None:
    """The call is authorised on the stack.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
    """
    caller = Caller(account, statement("cloudformation:DescribeStacks", stack_id + "-other"))

    assert caller.error("cloudformation", "describe_stacks", StackName=stack_id) == "AccessDenied"


def test_a_function_schedules_in_its_group(account: Account) -> None:
    """CreateSchedule and DeleteSchedule are judged on the schedule in its group; the role is passed."""
    scheduler = account.aws.client("scheduler")
    group, role = account.name("group"), account.role(trust("scheduler.amazonaws.com"))
    scheduler.create_schedule_group(Name=group)
    schedules = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/{group}/*"
    pass_role = statement("iam:PassRole", role)
    schedule = {
        "Name": "tick",
        "GroupName": group,
        "ScheduleExpression": "rate(1 minute)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {"Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f", "RoleArn": role},
    }
    creates = Caller(account, statement("scheduler:CreateSchedule", schedules), pass_role)
    deletes = Caller(account, statement("scheduler:DeleteSchedule", schedules))

    assert deletes.error("scheduler", "create_schedule", **schedule) == "AccessDeniedException"
    assert creates.error("scheduler", "create_schedule", **schedule) is None
    assert creates.error("scheduler", "create_schedule", **schedule) == "ConflictException"
    assert creates.error("scheduler", "delete_schedule", Name="tick", GroupName=group) == (
        "AccessDeniedException"
    )
    assert deletes.error("scheduler", "delete_schedule", Name="tick", GroupName=group) is None
    assert deletes.error("scheduler", "delete_schedule", Name="tick", GroupName=group) == (
        "ResourceNotFoundException"
    )
