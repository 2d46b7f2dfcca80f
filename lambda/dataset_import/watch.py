# SPDX-License-Identifier: Apache-2.0
"""One invocation's share of the waiting: look, pause, look again, and leave the rest to the next tick."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from dataset_import.faults import AWS_ERRORS, Fault, fault_of, words_of
from dataset_import.polling import POLL, STATE, TICK, Polling, PollState, schedule_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_import.services import Clock

logger = logging.getLogger(__name__)

WATCH_PAUSE = 3.0
"""Seconds between two looks at a running job."""

RETRY_PAUSE = 10.0
"""Seconds between two tries of a call that was refused, perhaps because a policy has not propagated yet."""

NEXT_TICK = math.inf
"""The pause of a request that waits for its turn: it is looked at once a tick."""

MARGIN = 5.0
"""Seconds before the next tick, or the end of the invocation, at which watching stops."""

SERVICE_TIMEOUT = 3600.0
"""Seconds after which CloudFormation gives a custom resource up, at the latest.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
"""

ANSWER_BEFORE = 120.0
"""Seconds before CloudFormation gives up that the answer is due: a tick may come a minute late."""

T = TypeVar("T")


@dataclass
class Watch:
    """Watches over one request during one invocation.

    Attributes:
        event: CloudFormation's event, or a schedule's copy of it.
        polling: The schedules of the resource.
        clock: Tells and passes time.
        ends: When the invocation has to stop, in seconds since the epoch.
        state: What is known of the request; saved with the schedule.
    """

    event: Mapping[str, Any]
    polling: Polling
    clock: Clock
    ends: float
    state: PollState
    _saved: PollState | None = field(default=None)

    @classmethod
    def begin(
        cls, event: Mapping[str, Any], polling: Polling, clock: Clock, *, timeout: float, time_left: float
    ) -> Watch | None:
        """Take up a request: a new one, or an open one where an earlier invocation left it.

        Args:
            event: CloudFormation's event, or a schedule's copy of it.
            polling: The schedules of the resource.
            clock: Tells and passes time.
            timeout: Seconds that a new request may take.
            time_left: Seconds that the invocation may take.

        Returns:
            None for a tick whose request has been answered, or superseded by a newer one.
        """
        now = clock.time()
        saved = _saved_state(event, polling)
        if saved is None and POLL in event:
            return None
        deadline = now + min(timeout, SERVICE_TIMEOUT - ANSWER_BEFORE)
        state = saved or PollState(started=now, deadline=deadline)
        return cls(event, polling, clock, now + min(TICK, time_left) - MARGIN, state, saved)

    @property
    def age(self) -> float:
        """Seconds since the request was first seen."""
        return self.clock.time() - self.state.started

    def run(self, look: Callable[[], T | float | None]) -> T | None:
        """Look until there is a result, the request is no longer open, or the invocation's time is over.

        Args:
            look: Answers a result, or for how many seconds to pause before looking again (`NEXT_TICK` leaves
                it to the next tick), or None when the request is no longer open.

        Raises:
            TimeoutError: The request's deadline has passed without a result.
            ClientError, BotoCoreError: No schedule could be made that would go on with the request.
        """
        while True:
            found = look()
            if not isinstance(found, (int, float)):
                return found
            now = self.clock.time()
            if now >= self.state.deadline:
                raise TimeoutError
            pause = min(found, self._pause_to_keep_open(now))
            if self.state.deadline <= self.ends:
                pause = min(pause, self.state.deadline - now)
            if now + pause > self.ends:
                return None
            self.clock.sleep(pause)

    def keep_open(self) -> None:
        """Have the function called again, knowing what is known now."""
        if self._saved != self.state:
            first_tick = self.clock.time() + TICK
            self.polling.save(schedule_name(self.event), self.event, self.state, first_tick=first_tick)
            self._saved = self.state

    def is_open(self) -> bool:
        """Whether the request still is the one that the schedule polls for."""
        found = self.polling.find(schedule_name(self.event))
        return found is not None and found.request_id == self.event["RequestId"]

    def _pause_to_keep_open(self, now: float) -> float:
        """Keep the request open, or tell how long to pause before trying again."""
        try:
            self.keep_open()
        except AWS_ERRORS as error:
            last_try = self._saved is None and now + RETRY_PAUSE > self.ends
            if last_try or fault_of(error) is Fault.FINAL:
                raise
            logger.warning("The schedule could not be saved: %s", words_of(error))
            return RETRY_PAUSE
        return NEXT_TICK


def _saved_state(event: Mapping[str, Any], polling: Polling) -> PollState | None:
    """What an earlier invocation has saved about the event's request; None where there is no open one."""
    try:
        found = polling.find(schedule_name(event))
    except AWS_ERRORS as error:
        # Who cannot look takes the event at its word: a tick comes from a schedule, all else is new.
        logger.warning("The schedule could not be read: %s", words_of(error))
        return PollState(**event[STATE]) if POLL in event else None
    request = (event["RequestId"], event["ResponseURL"])
    return found.state if found and (found.request_id, found.response_url) == request else None
