# SPDX-License-Identifier: Apache-2.0
"""Schedules of EventBridge Scheduler, which remember a request and call the function again for it.

A schedule's input has CloudFormation's event and what is known of its request. Creating one fails where there
is one of its name: the only condition on writing that EventBridge Scheduler knows.
"""

from __future__ import annotations

import hashlib
import json
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

DUE_AT = "DueAt"
"""The key of the event under which a tick tells for when it was due."""

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""What EventBridge Scheduler replaces with that time.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

RATE = "rate(1 minute)"
"""The shortest rate that EventBridge Scheduler has."""

TICK = 60.0
"""Seconds between two ticks at `RATE`."""

LATEST_TICK = 60.0
"""Seconds by which EventBridge Scheduler may call late.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

SOON = 5.0
"""Seconds before which a queued request is not looked at again."""

NOT_NEEDED_WHEN_CLOSED = ("ResponseURL", "ResourceProperties", "OldResourceProperties")


class PollingError(Exception):
    """A call of EventBridge Scheduler did not succeed.

    Attributes:
        fault: What the error means.
        words: What the service said.
    """

    def __init__(self, error: Exception, fault: Fault | None = None) -> None:
        super().__init__(str(error))
        self.fault = fault or fault_of(error)
        self.words = words_of(error)


class UnseenEntryError(PollingError):
    """A schedule cannot be made, because there is one of its name, but it cannot be read yet either."""

    def __init__(self) -> None:
        super().__init__(LookupError("There is such a schedule, but it cannot be read yet."), Fault.TRANSIENT)


class Polling:
    """The schedules in the group that a stack owns.

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
        """What a schedule remembers; None where there is no such schedule."""
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
            # It is there; another write to it is under way, or it cannot be seen yet.
            passes = fault_of(error) in (Fault.EXISTS, Fault.NOT_FOUND)
            raise PollingError(error, Fault.TRANSIENT if passes else None) from error

    def _schedule(
        self, name: str, event: Mapping[str, Any], state: RequestState, now: float
    ) -> dict[str, Any]:
        if state.closed or state.answer:
            event = {key: value for key, value in event.items() if key not in NOT_NEEDED_WHEN_CLOSED}
        target: TargetTypeDef = {
            "Arn": self._function_arn,
            "RoleArn": self._role_arn,
            "Input": json.dumps({**event, POLL: True, DUE_AT: SCHEDULED_TIME, STATE: state._asdict()}),
            # A tick that cannot be delivered is not worth retrying: the next one asks the same question.
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        }
        first_tick = _first_tick(name, state, now)
        return {
            "GroupName": self._group,
            "Name": name,
            "ScheduleExpression": RATE,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "StartDate": datetime.fromtimestamp(first_tick, UTC),
            # Ticks are exact to a minute, and a schedule is deleted after its last.
            "EndDate": datetime.fromtimestamp(max(state.ends, first_tick) + 1.5 * TICK, UTC),
            "ActionAfterCompletion": "DELETE",
            "Target": target,
        }


def _first_tick(name: str, state: RequestState, now: float) -> float:
    """When a schedule is to call for the first time."""
    if state.closed or state.answer:
        # It only remembers: one tick, which does nothing, and the end.
        return max(state.ends, now + TICK)
    if state.queued:
        # Each at its own second, so that somebody looks soon after a place is free.
        own = int(_digest([name]), 16) % TICK
        return now + SOON + (own - now - SOON) % TICK
    # Without a start a new schedule calls at once, while its maker is still watching.
    return now + TICK


def is_closed(event: Mapping[str, Any]) -> bool:
    """Whether an event is the last tick of a schedule that only remembers."""
    return POLL in event and bool(event[STATE].get("closed") or event[STATE].get("answer"))


def is_stale(event: Mapping[str, Any], now: float) -> bool:
    """Whether an event is a tick after which another one has been due, and has had the time to come."""
    try:
        due = datetime.fromisoformat(event[DUE_AT]).timestamp()
    except (KeyError, ValueError):
        return False  # CloudFormation's own event, or a scheduler that does not tell
    return now - due >= TICK + LATEST_TICK


def ledger_name(event: Mapping[str, Any]) -> str:
    """The name of the ledger of an event's resource.

    Imports of a resource share one, so that a newer request takes over from an older one; a Delete has its
    own, for the id that it deletes, so that it leaves the polling of the resource's next job alone.
    """
    resource = [event["StackId"], event["LogicalResourceId"]]
    if event["RequestType"] == "Delete":
        return f"delete-{_digest([*resource, event['PhysicalResourceId']])}"
    return f"import-{_digest(resource)}"


def import_ledger_name(event: Mapping[str, Any]) -> str:
    """The name of the ledger of the imports of an event's resource, whatever the event."""
    return ledger_name({**event, "RequestType": "Create"})


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
