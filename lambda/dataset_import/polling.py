# SPDX-License-Identifier: Apache-2.0
"""The schedule that calls the function again while a request is open.

A logical resource has one schedule for its imports and one for its deletes. Its input carries the
CloudFormation event and what has been decided about it: the request's only state. While the schedule exists
and names the request, the request is open; a newer request of the resource takes the schedule over, which
ends the older one's polling.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dataset_import.faults import AWS_ERRORS, Fault, fault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_scheduler.type_defs import TargetTypeDef

STATE = "CrHelperData"
"""The key of the event under which crhelper, and so this module, keeps what polling has to remember."""

POLL = "CrHelperPoll"
"""The key by which crhelper tells a poll from CloudFormation's own event."""

RATE = "rate(1 minute)"
"""The shortest rate that EventBridge Scheduler has."""

TICK = 60.0
"""Seconds between two ticks at `RATE`."""

LAST_TICKS = 180.0
"""Seconds that a schedule outlives its request's deadline, so that some tick comes late enough to answer."""


@dataclass(frozen=True)
class PollState:
    """What has to outlive an invocation.

    Attributes:
        started: When the request was first seen, in seconds since the epoch.
        deadline: When the request has to be answered at the latest, likewise.
        job_name: The name of the request's import job; empty until it has been chosen.
    """

    started: float
    deadline: float
    job_name: str = ""


@dataclass(frozen=True)
class OpenPoll:
    """A schedule as found: whose request it is and what is known of it."""

    request_id: str
    response_url: str
    state: PollState


class Polling:
    """The schedules of one logical resource, in the group that its stack owns.

    Args:
        client: Makes the boto3 client, on first use.
        group: The name of the schedule group.
        role_arn: The role that EventBridge Scheduler assumes to invoke the function.
        function_arn: The function to invoke.
    """

    def __init__(
        self,
        client: Callable[[], EventBridgeSchedulerClient],
        *,
        group: str,
        role_arn: str,
        function_arn: str,
    ) -> None:
        self._client = client
        self._group = group
        self._role_arn = role_arn
        self._function_arn = function_arn

    def find(self, name: str) -> OpenPoll | None:
        """The open poll of that name, or None where there is none."""
        try:
            found = self._client().get_schedule(GroupName=self._group, Name=name)
        except AWS_ERRORS as error:
            if fault_of(error) is Fault.NOT_FOUND:
                return None
            raise
        event = json.loads(found["Target"]["Input"])
        return OpenPoll(event["RequestId"], event["ResponseURL"], PollState(**event[STATE]))

    def save(self, name: str, event: Mapping[str, Any], state: PollState, *, first_tick: float) -> None:
        """Make the schedule, or take it over: the function is called again, with the event and the state.

        Args:
            name: The schedule's name.
            event: CloudFormation's event.
            state: What the next invocation has to know.
            first_tick: When to call first, in seconds since the epoch. Without a start a new schedule calls
                at once, while the invocation that made it is still watching.
        """
        target: TargetTypeDef = {
            "Arn": self._function_arn,
            "RoleArn": self._role_arn,
            "Input": json.dumps({**event, POLL: True, STATE: asdict(state)}),
            # A tick that cannot be delivered is not worth retrying: the next one asks the same question.
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        }
        schedule: dict[str, Any] = {
            "GroupName": self._group,
            "Name": name,
            "ScheduleExpression": RATE,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "StartDate": datetime.fromtimestamp(first_tick, UTC),
            "EndDate": datetime.fromtimestamp(state.deadline + LAST_TICKS, UTC),
            "ActionAfterCompletion": "DELETE",
            "Target": target,
        }
        try:
            self._client().create_schedule(**schedule)
        except AWS_ERRORS as error:
            if fault_of(error) is not Fault.EXISTS:
                raise
            self._client().update_schedule(**schedule)

    def stop(self, name: str) -> None:
        """Delete the schedule; one that is not there is fine."""
        try:
            self._client().delete_schedule(GroupName=self._group, Name=name)
        except AWS_ERRORS as error:
            if fault_of(error) is not Fault.NOT_FOUND:
                raise


def schedule_name(event: Mapping[str, Any]) -> str:
    """The name of the schedule that polls for an event's resource.

    Imports of a resource share one, so that a newer request takes over from an older one; a Delete has its
    own, for the id that it deletes, so that it leaves the polling of the resource's next job alone.
    """
    resource = [event["StackId"], event["LogicalResourceId"]]
    if event["RequestType"] == "Delete":
        return f"delete-{_digest([*resource, event['PhysicalResourceId']])}"
    return f"import-{_digest(resource)}"


def import_schedule_name(event: Mapping[str, Any]) -> str:
    """The name of the schedule that polls for the imports of an event's resource, whatever the event."""
    return schedule_name({**event, "RequestType": "Create"})


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
