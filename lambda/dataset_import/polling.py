# SPDX-License-Identifier: Apache-2.0
"""The schedule that calls the function again while a request is open.

A logical resource has one schedule for its imports and one for each delete. Its input has CloudFormation's
event and what is known of the request: the request's only state. A newer request of the resource takes the
schedule over, which ends the older one's polling. Once a request has been answered, its schedule stays,
without polling, until the response URL expires: what is delivered late finds there that it is too late.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dataset_import.faults import AWS_ERRORS, Fault, fault_of, words_of
from dataset_import.state import RequestState

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

NOT_NEEDED_WHEN_CLOSED = ("ResponseURL", "ResourceProperties", "OldResourceProperties")


class PollingError(Exception):
    """A call of EventBridge Scheduler did not succeed.

    Attributes:
        fault: What the error means.
        words: What the service said.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.fault = fault_of(error)
        self.words = words_of(error)


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

    def find(self, name: str) -> RequestState | None:
        """The request that has the schedule, and how far it has got; None where there is none."""
        try:
            found = self._client().get_schedule(GroupName=self._group, Name=name)
        except AWS_ERRORS as error:
            if fault_of(error) is Fault.NOT_FOUND:
                return None
            raise PollingError(error) from error
        return RequestState.read(json.loads(found["Target"]["Input"])[STATE])

    def create(self, name: str, event: Mapping[str, Any], state: RequestState, now: float) -> bool:
        """Make the schedule, and tell whether it was not there before.

        Args:
            name: The schedule's name.
            event: CloudFormation's event.
            state: What the next invocation has to know.
            now: Seconds since the epoch.
        """
        try:
            self._client().create_schedule(**self._schedule(name, event, state, now))
        except AWS_ERRORS as error:
            if fault_of(error) is Fault.EXISTS:
                return False
            raise PollingError(error) from error
        return True

    def update(self, name: str, event: Mapping[str, Any], state: RequestState, now: float) -> None:
        """Write to a schedule that is there what `create` would write to a new one."""
        try:
            self._client().update_schedule(**self._schedule(name, event, state, now))
        except AWS_ERRORS as error:
            raise PollingError(error) from error

    def _schedule(
        self, name: str, event: Mapping[str, Any], state: RequestState, now: float
    ) -> dict[str, Any]:
        if state.closed:
            # No polling any more: one tick, which does nothing, and the end.
            first_tick, end = max(state.expires - TICK, now + TICK), state.expires
            event = {key: value for key, value in event.items() if key not in NOT_NEEDED_WHEN_CLOSED}
            state = replace(state, answer=None)
        else:
            # Without a start a new schedule calls at once, while its maker is still watching.
            first_tick, end = now + TICK, state.deadline + LAST_TICKS
        target: TargetTypeDef = {
            "Arn": self._function_arn,
            "RoleArn": self._role_arn,
            "Input": json.dumps({**event, POLL: True, STATE: vars(state)}),
            # A tick that cannot be delivered is not worth retrying: the next one asks the same question.
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        }
        return {
            "GroupName": self._group,
            "Name": name,
            "ScheduleExpression": RATE,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "StartDate": datetime.fromtimestamp(first_tick, UTC),
            "EndDate": datetime.fromtimestamp(max(end, first_tick + TICK), UTC),
            "ActionAfterCompletion": "DELETE",
            "Target": target,
        }


def is_closed(event: Mapping[str, Any]) -> bool:
    """Whether an event is the last tick of a request that has been answered."""
    return POLL in event and bool(event[STATE].get("closed"))


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
