# SPDX-License-Identifier: Apache-2.0
"""One invocation's share of the waiting: look, pause, look again, and leave the rest to the next tick."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from dataset_import.faults import Fault
from dataset_import.polling import TICK, PollingError, is_stale
from dataset_import.state import is_dated

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_import.claim import Claim
    from dataset_import.services import Clock
    from dataset_import.state import RequestState

logger = logging.getLogger(__name__)

WATCH_PAUSE = 2.5
"""Seconds between two looks at a running job."""

RETRY_PAUSE = 10.0
"""Seconds between two tries of a call that was refused, perhaps because a policy has not propagated yet."""

NEXT_TICK = math.inf
"""The pause of a request that waits for its turn: it is looked at once a tick."""

MARGIN = 2.0
"""Seconds before the next tick at which watching stops."""

TIME_TO_ANSWER = 20.0
"""Seconds before the end of the invocation at which watching stops, for an answer to be decided and sent."""

TIME_TO_SEND = 10.0
"""Seconds before the end of the invocation at which an answer is sent, even if it is not written down."""

PROPAGATION = 180.0
"""Seconds that a refusal is taken for a role or policy that has not propagated yet; two minutes are usual."""

LONGEST_WORDS = 1000
"""Characters of what a service said that are remembered."""

T = TypeVar("T")


class NotFollowedError(Exception):
    """Nothing will go on with the request when this invocation ends, unless AWS Lambda tries it again."""


@dataclass(repr=False, eq=False)
class Watch:
    """Watches over one request during one invocation.

    Attributes:
        claim: What the request has to remember.
        clock: Tells and passes time.
        ends: When the invocation has to stop, in seconds since the epoch.
        last_words: What EventBridge Scheduler said when it last did not do as asked.
    """

    claim: Claim
    clock: Clock
    ends: float
    last_words: str = ""

    @classmethod
    def begin(cls, claim: Claim, clock: Clock, time_left: float) -> Watch:
        """Begin to watch, for as long as there is no other tick and the invocation may take.

        A tick that AWS Lambda has held back, for want of concurrency, looks once: what came after it watches.
        """
        now = clock.time()
        claim.send_by = now + time_left - TIME_TO_SEND
        longest = 0.0 if is_stale(claim.event, now) else TICK - MARGIN
        return cls(claim, clock, now + min(longest, time_left - TIME_TO_ANSWER))

    @property
    def state(self) -> RequestState:
        """What is known of the request."""
        return self.claim.state

    @property
    def age(self) -> float:
        """Seconds since CloudFormation sent the request."""
        return self.clock.time() - self.state.issued

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
                if not self.claim.is_saved:
                    self.claim.make()
            except PollingError as error:
                found = self._pause_after(error)
            now = self.clock.time()
            if now >= self.state.deadline:
                raise TimeoutError
            if self.state.deadline <= self.ends:
                found = min(found, self.state.deadline - now)
            if now + found > self.ends:
                return None
            if found:
                self.clock.sleep(found)

    def note(self, last_words: str, *, queued: bool = False) -> None:
        """Remember, beyond this invocation, why the request has to wait."""
        words = last_words[:LONGEST_WORDS]
        self.claim.state = self.state._replace(last_words=words, queued=queued)

    def begin_now(self, timeout: float) -> None:
        """Count the seconds that the request may take from now on: it could not begin before."""
        now = self.clock.time()
        self.claim.state = self.state.beginning_now(self.claim.event, now, timeout)

    def _pause_after(self, error: PollingError) -> float:
        logger.warning("The schedule could not be used: %s", error.words)
        self.last_words = error.words
        if self.claim.is_made:
            return RETRY_PAUSE  # whatever it is, the request has a schedule that goes on with it
        too_late = error.fault is not Fault.TRANSIENT and self.age >= PROPAGATION
        if error.fault is Fault.FINAL or too_late:
            raise error
        if self.clock.time() + RETRY_PAUSE > self.ends:
            if is_dated(self.claim.event) and self.age < PROPAGATION:
                raise NotFollowedError from error
            raise error
        return RETRY_PAUSE
