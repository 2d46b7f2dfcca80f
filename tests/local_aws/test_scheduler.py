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
    ("seconds", "speed", "wall"), [(60, 1, 60), (60, 3, 20), (60, 600, 5), (4, 600, 4), (3600, 60, 60)]
)
def test_a_rate_is_shortened_to_five_seconds_at_most(seconds: float, speed: float, wall: float) -> None:
    """A shorter rate stays as it is."""
    assert accelerated(seconds, speed) == wall


class Target:
    """A function that writes down what it is invoked with, and schedules for it."""

    def __init__(self, account: Account, stacks: Stacks, events: Path) -> None:
        self.account, self.function_arn, self._events = account, stacks.function_arn, events
        self.client = account.aws.client("scheduler")
        self.group = account.name("schedules")
        self.client.create_schedule_group(Name=self.group)

    def role(self, **condition: Any) -> str:
        """Make a role that the scheduler can assume and that may invoke the function."""
        return self.account.role(
            trust(SCHEDULER, **condition), statement("lambda:InvokeFunction", self.function_arn)
        )

    def schedule(
        self, role: str, expression: str, client: Any = None, name: str = "", crash: bool = False, **more: Any
    ) -> str:
        """Make a schedule in the group and return its name."""
        name = name or self.account.name("tick")
        (client or self.client).create_schedule(
            Name=name,
            GroupName=self.group,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": self.function_arn,
                "RoleArn": role,
                "Input": json.dumps({"Tick": name, "Crash": crash}),
            },
            **more,
        )
        return name

    def invoked(self, name: str, within: float, times: int = 1) -> bool:
        """Return whether the schedule has invoked the function so many times in so many seconds."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            ticks = [json.loads(line).get("Tick") for line in self._events.read_text().splitlines()]
            if ticks.count(name) >= times:
                return True
            time.sleep(0.1)
        return False


@pytest.fixture(scope="module")
def target(aws: LocalAws, stacks: Stacks) -> Target:
    """Provide the function of the stacks' custom resources."""
    return Target(Account(aws), stacks, stacks.events_path)


def after(seconds: float) -> datetime:
    """Return the time so many seconds from now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)


def at(seconds: float = 0) -> str:
    """Return a one-time expression for so many seconds from now."""
    return after(seconds).strftime("at(%Y-%m-%dT%H:%M:%S)")


def test_a_rate_begins_at_its_start_date(target: Target) -> None:
    """StartDate is the first occurrence.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
    """
    name = target.schedule(target.role(), "rate(1 hour)", StartDate=after(4))

    assert not target.invoked(name, within=2)
    assert target.invoked(name, within=6)


def test_the_time_before_a_start_date_passes_at_the_speed(target: Target) -> None:
    """At least five seconds remain, as with rates."""
    before = time.time()
    name = target.schedule(target.role(), "rate(1 minute)", StartDate=after(60))
    start = target.client.get_schedule(GroupName=target.group, Name=name)["StartDate"].timestamp()
    target.client.delete_schedule(GroupName=target.group, Name=name)

    assert start == pytest.approx(before + 5, abs=1)


def test_a_rate_without_a_start_date_begins_at_once(target: Target) -> None:
    """The next occurrence is one interval later; at the speed of these tests that is five seconds."""
    name = target.schedule(target.role(), "rate(1 minute)")

    assert target.invoked(name, within=3)
    assert not target.invoked(name, within=2, times=2)
    assert target.invoked(name, within=6, times=2)


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ({"StartDate": -301, "EndDate": 60}, "StartDate you specify cannot be earlier than 5 minutes ago"),
        ({"EndDate": -1}, "EndDate"),
        ({"StartDate": 60, "EndDate": 30}, "EndDate"),
    ],
)
def test_dates_in_the_past_are_refused(target: Target, dates: dict[str, int], message: str) -> None:
    """A StartDate may lie five minutes back, an EndDate not at all."""
    given: dict[str, Any] = {name: after(seconds) for name, seconds in dates.items()}

    with pytest.raises(ClientError, match=message):
        target.schedule(target.role(), "rate(1 minute)", **given)


def test_a_name_can_be_used_again_after_a_delete(target: Target) -> None:
    """The new schedule has nothing of the deleted one."""
    role = target.role()
    name = target.schedule(role, at())
    first = target.invoked(name, within=5)
    target.client.delete_schedule(GroupName=target.group, Name=name)

    target.schedule(role, at(), name=name)

    assert first
    assert target.invoked(name, within=5, times=2)


def test_an_invocation_that_fails_is_tried_again_twice(target: Target) -> None:
    """The scheduler invokes asynchronously, and Lambda tries again.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """
    name = target.schedule(target.role(), at(), crash=True)

    assert target.invoked(name, within=10, times=3)
    assert not target.invoked(name, within=3, times=4)


def test_a_role_that_names_the_group_as_source_is_assumed(target: Target) -> None:
    """The scheduler acts on behalf of the schedule's group in this account."""
    group = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/{target.group}"
    source = {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": group}}

    assert target.invoked(target.schedule(target.role(**source), at()), within=5)


def test_a_role_that_may_not_invoke_the_function_invokes_nothing(target: Target) -> None:
    """The schedule is created, but its invocations fail."""
    name = target.schedule(target.account.role(trust(SCHEDULER)), at())

    assert not target.invoked(name, within=3)


def test_a_role_that_the_scheduler_cannot_assume_is_refused(target: Target) -> None:
    """The call that creates the schedule fails."""
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
        target.schedule(target.account.role(trust("lambda.amazonaws.com")), at())


def test_a_caller_needs_to_pass_the_role_to_the_scheduler(target: Target) -> None:
    """Permission for CreateSchedule alone is not enough."""
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


@pytest.mark.parametrize("action", ["DELETE", "NONE"])
def test_a_schedule_past_its_end_is_deleted_if_it_is_to_be(target: Target, action: str) -> None:
    """EndDate is a time of the wall clock, whatever the speed; after it nothing is invoked."""
    role = target.role()
    name = target.schedule(role, "rate(1 hour)", EndDate=after(1), ActionAfterCompletion=action)
    later = target.schedule(role, "rate(1 hour)", StartDate=after(3), EndDate=after(3600))

    def there() -> bool:
        listed = target.client.list_schedules(GroupName=target.group)["Schedules"]
        return name in {schedule["Name"] for schedule in listed}

    assert there()
    assert target.invoked(later, within=10)
    assert there() == (action == "NONE")
