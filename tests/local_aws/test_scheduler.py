# SPDX-License-Identifier: Apache-2.0
"""Schedules fire at the instance's speed, with a role that is judged."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import LocalAws
from local_aws.rates import accelerated
from tests.local_aws.accounts import ACCOUNT, Account, statement, trust
from tests.local_aws.stacks import Stacks

SCHEDULER = "scheduler.amazonaws.com"


@pytest.mark.parametrize(
    ("seconds", "speed", "wall"), [(60, 1, 60), (60, 3, 20), (60, 600, 10), (5, 600, 5), (3600, 60, 60)]
)
def test_a_rate_is_shortened_to_ten_seconds_at_most(seconds: float, speed: float, wall: float) -> None:
    """A rate that is shorter anyway stays as it is."""
    assert accelerated(seconds, speed) == wall


class Target:
    """A function that writes down what it is invoked with, and schedules for it."""

    def __init__(self, account: Account, stacks: Stacks, events: Path) -> None:
        self.account, self.function_arn, self._events = account, stacks.function_arn, events
        self.client = account.aws.client("scheduler")
        self.group = account.name("schedules")
        self.client.create_schedule_group(Name=self.group)

    def role(self, **condition: Any) -> str:
        """A role that the scheduler can assume and that may invoke the function."""
        return self.account.role(
            trust(SCHEDULER, **condition), statement("lambda:InvokeFunction", self.function_arn)
        )

    def schedule(self, role: str, expression: str, client: Any = None, **more: Any) -> str:
        """A schedule in the group; its name."""
        name = self.account.name("tick")
        (client or self.client).create_schedule(
            Name=name,
            GroupName=self.group,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": self.function_arn, "RoleArn": role, "Input": json.dumps({"Tick": name})},
            **more,
        )
        return name

    def invoked(self, name: str, within: float) -> bool:
        """Whether the schedule invokes the function in so many seconds."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if any(json.loads(line).get("Tick") == name for line in self._events.read_text().splitlines()):
                return True
            time.sleep(0.1)
        return False


@pytest.fixture(scope="module")
def target(aws: LocalAws, stacks: Stacks) -> Target:
    """The function of the stacks' custom resources."""
    return Target(Account(aws), stacks, stacks.events_path)


def at(seconds: float = 0) -> str:
    """A one-time expression, so many seconds from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("at(%Y-%m-%dT%H:%M:%S)")


def test_a_schedule_of_a_minute_fires_after_ten_seconds(target: Target) -> None:
    """At the speed of these tests a rate is at its floor."""
    name = target.schedule(target.role(), "rate(1 minute)")

    assert not target.invoked(name, within=5)
    assert target.invoked(name, within=10)


def test_a_role_that_names_the_group_as_source_is_assumed(target: Target) -> None:
    """The scheduler acts on behalf of the schedule's group in this account."""
    group = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/{target.group}"
    source = {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": group}}

    assert target.invoked(target.schedule(target.role(**source), at()), within=5)


def test_a_role_that_may_not_invoke_the_function_invokes_nothing(target: Target) -> None:
    """The schedule is made, its invocations fail."""
    name = target.schedule(target.account.role(trust(SCHEDULER)), at())

    assert not target.invoked(name, within=3)


def test_a_role_that_the_scheduler_cannot_assume_is_refused(target: Target) -> None:
    """The call that makes the schedule says so."""
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
        target.schedule(target.account.role(trust("lambda.amazonaws.com")), at())


def test_a_caller_needs_to_pass_the_role_to_the_scheduler(target: Target) -> None:
    """CreateSchedule alone is not enough."""
    client = target.account.client_as("scheduler", statement("scheduler:CreateSchedule", "*"))

    with pytest.raises(ClientError, match="iam:PassRole"):
        target.schedule(target.role(), at(), client)


def test_a_caller_is_authorised_on_the_schedule_in_its_group(target: Target) -> None:
    """The resource's ARN has the group, in every call."""
    schedules = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/{target.group}/*"
    client = target.account.client_as(
        "scheduler", statement("scheduler:*", schedules), statement("iam:PassRole", "*")
    )

    name = target.schedule(target.role(), "rate(1 hour)", client)

    assert client.get_schedule(GroupName=target.group, Name=name)["Name"] == name
    client.delete_schedule(GroupName=target.group, Name=name)
    with pytest.raises(ClientError, match="not authorized"):
        client.get_schedule(Name=name)


def test_a_schedule_past_its_end_is_deleted(target: Target) -> None:
    """EndDate is a time of the wall clock, whatever the speed."""
    end = datetime.now(UTC) + timedelta(seconds=1)
    name = target.schedule(target.role(), "rate(1 hour)", EndDate=end, ActionAfterCompletion="DELETE")

    def there() -> bool:
        listed = target.client.list_schedules(GroupName=target.group)["Schedules"]
        return name in {schedule["Name"] for schedule in listed}

    assert there()
    deadline = time.monotonic() + 10
    while there() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not there()
