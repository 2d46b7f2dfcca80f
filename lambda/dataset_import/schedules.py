# SPDX-License-Identifier: Apache-2.0
"""Schedules of EventBridge Scheduler that invoke the function every minute until they are stopped.

A schedule only ticks: its input is the key of a record, and it holds no state. Its end date removes it if the
function is gone.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dataset_import.errors import ErrorKind, PollingError, service_errors
from dataset_import.event import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy_boto3_scheduler import EventBridgeSchedulerClient

logger = logging.getLogger(__name__)

RECORD_KEY = "RecordKey"
"""The only member of a tick: the key of the record to go on with."""

RATE = "rate(1 minute)"
"""The shortest rate: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"""

TICK = 60.0
"""Seconds between two ticks at `RATE`."""

FIRST_TICK = 10.0
"""Seconds before which a new schedule does not tick."""

LIFE = 14 * 3600.0
"""Seconds after which a schedule ends: twelve hours of a wait condition, and the life of a response URL."""

_SERVICE = "EventBridge Scheduler"


class Schedules:
    """The schedules in the group of a stack.

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

    def start(self, name: str, key: str, now: float) -> None:
        """Make a schedule that ticks for a record, if it does not exist yet.

        Raises:
            PollingError: EventBridge Scheduler did not answer as expected.
        """
        first = now + seconds_to_first_tick(name, now)
        try:
            with service_errors(_SERVICE, PollingError):
                self._client().create_schedule(
                    GroupName=self._group,
                    Name=name,
                    ScheduleExpression=RATE,
                    FlexibleTimeWindow={"Mode": "OFF"},
                    StartDate=datetime.fromtimestamp(first, UTC),
                    EndDate=datetime.fromtimestamp(now + LIFE, UTC),
                    ActionAfterCompletion="DELETE",
                    Target={
                        "Arn": self._function_arn,
                        "RoleArn": self._role_arn,
                        "Input": json.dumps({RECORD_KEY: key}),
                        # A tick that cannot be delivered is not retried: the next one does the same.
                        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
                    },
                )
        except PollingError as error:
            if error.kind is not ErrorKind.EXISTS:
                raise

    def stop(self, key: str, request_ids: Iterable[str]) -> None:
        """Delete the schedules of requests, if they exist. One that stays is deleted at its next tick."""
        for request_id in request_ids:
            name = schedule_name(key, request_id)
            try:
                with service_errors(_SERVICE, PollingError):
                    self._client().delete_schedule(GroupName=self._group, Name=name)
            except PollingError as error:
                if error.kind is not ErrorKind.NOT_FOUND:
                    logger.warning("The schedule %s could not be deleted: %s", name, error)


def schedule_name(key: str, request_id: str) -> str:
    """Return the name of the schedule of a request.

    Each request has its own, so that a late delete for one request cannot stop the polling of the next.
    """
    return f"{digest(key)[:31]}-{request_id}"


def seconds_to_first_tick(name: str, now: float) -> float:
    """Return the seconds from now to the first tick of a new schedule: `FIRST_TICK` to `FIRST_TICK` + `TICK`.

    Schedules of one moment tick at different seconds, so that a request that waits for its turn notices a
    free place early.
    """
    own_second = int(digest(name), 16) % int(TICK)
    return FIRST_TICK + (own_second - now - FIRST_TICK) % TICK
