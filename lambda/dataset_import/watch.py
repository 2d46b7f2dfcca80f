# SPDX-License-Identifier: Apache-2.0
"""One invocation's share of the waiting: look, pause, look again, and leave the rest to the next tick."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from dataset_import.faults import Fault
from dataset_import.polling import POLL, STATE, TICK, Polling, PollingError, schedule_name
from dataset_import.state import RequestState, is_dated

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

PROPAGATION = 180.0
"""Seconds that a refusal is taken for a role or policy that has not propagated yet; two minutes are usual."""

SETTLING = 20.0
"""Seconds that a call of a request may still be under way after another one has taken over from it."""

SLOW = 2.0
"""Seconds within which reading a schedule and writing to it leave no time for a third to come between."""

LONGEST_WORDS = 1000
"""Characters of what a service said that are remembered."""

ATTEMPTS = 3
"""Tries of what is done without even if all fail."""

T = TypeVar("T")


class SupersededError(Exception):
    """The request has been answered, or CloudFormation has sent a newer one for the resource."""


class NotFollowedError(Exception):
    """Nothing will go on with the request when this invocation ends, unless AWS Lambda tries it again."""


@dataclass
class Watch:
    """Watches over one request during one invocation.

    Attributes:
        event: CloudFormation's event, or a schedule's copy of it.
        polling: The schedules of the resource.
        clock: Tells and passes time.
        ends: When the invocation has to stop, in seconds since the epoch.
        state: What is known of the request.
        last_words: What EventBridge Scheduler said when it last did not do as asked.
    """

    event: Mapping[str, Any]
    polling: Polling
    clock: Clock
    ends: float
    state: RequestState
    last_words: str = ""
    _saved: RequestState | None = None

    @classmethod
    def begin(
        cls, event: Mapping[str, Any], polling: Polling, clock: Clock, *, timeout: float, time_left: float
    ) -> Watch:
        """Take up a request: a new one, or an open one where an earlier invocation left it.

        Args:
            event: CloudFormation's event, or a schedule's copy of it.
            polling: The schedules of the resource.
            clock: Tells and passes time.
            timeout: Seconds that a new request may take.
            time_left: Seconds that the invocation may take.

        Raises:
            SupersededError: The request is no longer open.
        """
        now = clock.time()
        state = RequestState.read(event[STATE]) if POLL in event else RequestState.new(event, now, timeout)
        if now > state.expires:
            raise SupersededError
        watch = cls(event, polling, clock, now + min(TICK, time_left) - MARGIN, state)
        try:
            found = polling.find(schedule_name(event))
        except PollingError as error:
            # Who cannot look takes the event at its word, and asks again before it does anything.
            logger.warning("The schedule could not be read: %s", error.words)
            return watch
        if found:
            watch._take_up(found)
        elif POLL in event:
            raise SupersededError
        return watch

    @property
    def age(self) -> float:
        """Seconds since CloudFormation sent the request."""
        return self.clock.time() - self.state.issued

    @property
    def has_schedule(self) -> bool:
        """Whether there is a schedule that goes on with the request."""
        return self._saved is not None

    @property
    def is_late(self) -> bool:
        """Whether the request's deadline has passed."""
        return self.clock.time() >= self.state.deadline

    def run(self, look: Callable[[], T | float]) -> T | None:
        """Look until there is a result or the invocation's time is over.

        Args:
            look: Answers a result, or for how many seconds to pause before looking again (`NEXT_TICK` leaves
                it to the next tick).

        Raises:
            TimeoutError: The request's deadline has passed without a result.
            SupersededError: The request is no longer open.
            PollingError: No schedule could be made that would go on with the request.
            NotFollowedError: The same, but there is still time to try.
        """
        while True:
            try:
                found = max(self.state.settles - self.clock.time(), 0.0) or look()
                if not isinstance(found, (int, float)):
                    return found
                if self._saved != self.state:
                    self.claim()
            except PollingError as error:
                found = self._pause_after(error)
            now = self.clock.time()
            if now >= self.state.deadline:
                raise TimeoutError
            if self.state.deadline <= self.ends:
                found = min(found, self.state.deadline - now)
            if now + found > self.ends:
                self._leave()
                return None
            if found:
                self.clock.sleep(found)

    def note(self, last_words: str) -> None:
        """Remember, beyond this invocation, why the request has to wait."""
        self.state = replace(self.state, last_words=last_words[:LONGEST_WORDS])

    def claim(self, **changes: Any) -> bool:
        """Make sure that the request is the one that the schedule polls for, and write down what changes.

        Returns:
            Whether the changes have been written. They have not where another invocation for the same request
            wrote something first, or an older request had to be taken over from: `state` tells which.

        Raises:
            SupersededError: The request is no longer open.
            PollingError: The scheduler did not do as asked.
        """
        name, wanted = schedule_name(self.event), replace(self.state, **changes)
        now = self.clock.time()
        if self._saved is None and self.polling.create(name, self.event, wanted, now):
            self.state = self._saved = wanted
            return True
        found = self.polling.find(name)
        if found is None:  # expired, or gone with its group
            raise SupersededError
        took_up = found != self._saved
        if took_up:
            self._take_up(found)
            wanted = self.state
        if wanted != self._saved:
            self.polling.update(name, self.event, wanted, now)
        self.state = self._saved = wanted
        if took_up and self.clock.time() > now + SLOW:
            # Meanwhile yet another request may have come, and been overwritten unseen.
            self.state = replace(wanted, settles=self.clock.time() + SETTLING)
        return not (took_up and changes)

    def decide(self, answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Write the answer down before it is sent, so that what is sent again is the same.

        Returns:
            The answer to send, which is an earlier one if there is one; None if nobody waits for it.
        """
        for _ in range(ATTEMPTS):
            try:
                if not self.state.answer and self.claim(answer=answer):
                    # Another invocation may decide at this very moment: both send what stands in the end.
                    self.clock.sleep(SLOW)
                    self.claim()
                if self.state.answer:
                    return self.state.answer
            except SupersededError:
                return None
            except PollingError as error:
                logger.warning("The answer could not be written down: %s", error.words)
                if error.fault is not Fault.TRANSIENT:
                    break
        return answer

    def _take_up(self, found: RequestState) -> None:
        """Go on with what the schedule knows of the request, or take over from an older one.

        Raises:
            SupersededError: The schedule has a newer request, or knows that this one has been answered.
        """
        if found.request == self.state.request:
            if found.closed:
                raise SupersededError
            self.state = self._saved = found
            return
        # Equal times are rare: a request that arrives then counts as newer, a tick as older.
        if found.issued > self.state.issued or (found.issued == self.state.issued and POLL in self.event):
            raise SupersededError
        settles = 0.0 if found.closed else self.clock.time() + SETTLING
        self.state = replace(self.state, settles=settles, previous_job=found.job_name)
        self._saved = None

    def _pause_after(self, error: PollingError) -> float:
        logger.warning("The schedule could not be used: %s", error.words)
        self.last_words = error.words
        too_late = error.fault is not Fault.TRANSIENT and self.age >= PROPAGATION
        if error.fault is Fault.FINAL or too_late:
            raise error
        if self._saved is None and self.clock.time() + RETRY_PAUSE > self.ends:
            if is_dated(self.event) and self.age < PROPAGATION:
                raise NotFollowedError from error
            raise error
        return RETRY_PAUSE

    def _leave(self) -> None:
        """Make sure that there is a next tick for this request."""
        for _ in range(ATTEMPTS):
            try:
                self.claim()
                break
            except PollingError as error:
                logger.warning("The schedule could not be looked after: %s", error.words)
