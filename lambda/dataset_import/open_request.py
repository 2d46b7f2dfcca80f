# SPDX-License-Identifier: Apache-2.0
"""An open request in one invocation: its record, its schedule, and the writes to the record."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from dataset_import.errors import PROPAGATION, ErrorKind, PollingError, ServiceError
from dataset_import.poll_loop import Clock, poll
from dataset_import.record import CALL_WITHIN, IN_FLIGHT, delivered
from dataset_import.schedules import TICK, schedule_name, seconds_to_first_tick
from dataset_import.table import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_import.record import Record
    from dataset_import.schedules import Schedules
    from dataset_import.table import Table

logger = logging.getLogger(__name__)

RETRY_PAUSE = 10.0
"""Seconds before a call that was refused is tried again."""

CONFLICT_PAUSE = 0.5
"""Seconds before a decision is repeated because another invocation has written the record."""

MARGIN = 2.0
"""Seconds before the next tick at which an invocation stops to poll."""

TIME_TO_ANSWER = 20.0
"""Seconds before the end of the invocation at which it stops to poll, to decide and send an answer."""

TIME_TO_SEND = 10.0
"""Seconds before the end of the invocation at which it stops to write down what it has decided."""

LONGEST_OVERLAP = 45.0
"""An invocation ends if the lease of another one lasts for more than so many seconds.

A late tick overlaps with the next one, which then continues. Ticks that AWS Lambda has held back for lack of
concurrency arrive together, and one of them is enough.
"""

T = TypeVar("T")


class SupersededError(Exception):
    """The request is done or decided, or CloudFormation has sent a newer one for the resource."""


class NotPolledError(Exception):
    """Nothing continues the request after this invocation, unless its event is delivered again."""


@dataclass(eq=False)
class OpenRequest:
    """The request that this invocation works on.

    Attributes:
        record: The record, with changes that are not written yet.
        clock: Measures and passes time.
        invocation_ends: When AWS Lambda ends the invocation, in seconds since the epoch.
        is_tick: Whether a schedule has invoked the function.
    """

    record: Record
    table: Table
    schedules: Schedules
    clock: Clock
    invocation_ends: float
    is_tick: bool
    _stored: Record | None = None
    _polling_ends: float = 0.0

    def __post_init__(self) -> None:
        self._stored = self._stored or self.record

    @property
    def age(self) -> float:
        """Seconds since CloudFormation sent the request."""
        return self.clock.time() - self.record.request.issued

    def has_time(self) -> bool:
        """Whether this invocation has time to begin another step."""
        return self.clock.time() < self._polling_ends

    def note(self, **changes: Any) -> None:
        """Change the record in memory. The next write stores it."""
        self.record = replace(self.record, **changes)

    def write(self, record: Record | None = None) -> None:
        """Store a record; without one, what was noted.

        Raises:
            SupersededError: The request is not open any more.
            ConflictError: Another invocation of the request has written. `record` is what it wrote.
            PollingError: The write may not have been done.
        """
        try:
            self.record = self._stored = self.table.write(record or self.record)
        except ConflictError:
            self.read_again()
            raise

    def start(self, record: Record, call: Callable[[], None]) -> bool:
        """Store a record, and make the call that starts its job.

        Returns:
            Whether the call was made. After a write that took long it is not, because a newer request may
            count by now: the next look finds out.

        Raises:
            ServiceError: The call did not succeed.
            SupersededError, ConflictError, PollingError: As `write`.
        """
        asked, others_until = self.clock.time(), record.starting_until
        self.write(replace(record, starting_until=asked + IN_FLIGHT))
        if self.clock.time() - asked > CALL_WITHIN:
            self.note(starting_until=others_until)
            return False
        try:
            call()
        except ServiceError as error:
            if error.kind not in (ErrorKind.TEMPORARY, ErrorKind.EXISTS):
                self.note(starting_until=others_until)
            raise
        return True

    def read_again(self) -> None:
        """Read what other invocations have written. What was noted is lost.

        Raises:
            SupersededError: The request is not open any more.
            PollingError: The record cannot be read.
        """
        known = self.table.read(self.record.key)
        if known is None or known.request.id != self.record.request.id or not known.is_open:
            raise SupersededError
        self.record = self._stored = known

    def poll(self, look: Callable[[], T | float]) -> T | None:
        """Look until there is a result or this invocation's time is over.

        The record and the schedule exist before the first look.

        Args:
            look: Returns a result, or the seconds to pause before the next look.

        Returns:
            The result; None where the next tick goes on.

        Raises:
            DeadlineError: The request's deadline has passed.
            SupersededError: The request is not open any more.
            PollingError: No schedule could be made that goes on with the request.
            NotPolledError: The same, but there is still time for another try.
        """
        self._polling_ends = self._next_tick() - MARGIN
        return poll(
            lambda: self._look(look),
            clock=self.clock,
            ends=lambda: self._polling_ends,
            deadline=lambda: self.record.deadline,
            may_wait=self._may_wait,
        )

    def _next_tick(self) -> float:
        """When the next tick is due, or this invocation has to stop to poll, if that is earlier."""
        now = self.clock.time()
        latest = self.invocation_ends - TIME_TO_ANSWER + MARGIN
        if not self.record.has_schedule:
            return latest  # nothing ticks yet
        name = schedule_name(self.record.key, self.record.request.id)
        return min(now + (TICK if self.is_tick else seconds_to_first_tick(name, now)), latest)

    def _look(self, look: Callable[[], T | float]) -> T | float:
        if self.record.decided is not None:
            raise SupersededError  # another invocation has decided, and it or the next tick delivers that
        try:
            if not self.record.has_schedule:
                name = schedule_name(self.record.key, self.record.request.id)
                self.schedules.start(name, self.record.key, self.clock.time())
                self.note(has_schedule=True)
                self._polling_ends = self._next_tick() - MARGIN
            in_flight = self.record.in_flight_until - self.clock.time()
            found = in_flight if in_flight > 0 else look()
            if isinstance(found, (int, float)) and self.record != self._stored:
                self.write()
            return found
        except ConflictError:
            return CONFLICT_PAUSE
        except PollingError as error:
            return self._pause_after(error)

    def _pause_after(self, error: PollingError) -> float:
        logger.warning("The request has no record or no schedule yet: %s", error)
        if self.record.has_schedule:
            return RETRY_PAUSE  # the schedule continues the request, whatever the error
        is_late = error.kind is not ErrorKind.TEMPORARY and self.age >= PROPAGATION
        if error.kind is ErrorKind.FINAL or is_late:
            raise error
        if self.clock.time() + RETRY_PAUSE > self._polling_ends:
            if self.age < PROPAGATION:
                raise NotPolledError from error
            raise error
        return RETRY_PAUSE

    def _may_wait(self) -> bool:
        """Take the lease, unless another invocation has a fresh one and waits."""
        now = self.clock.time()
        if self.record.has_schedule and self.record.leased_until - now > LONGEST_OVERLAP:
            return False
        try:
            self.write(replace(self.record, leased_until=self._polling_ends))
        except ConflictError:
            return self._may_wait()
        except PollingError as error:
            logger.warning("The lease could not be written: %s", error)
        return True

    def decide(self, content: Mapping[str, Any], *, is_signal: bool) -> Mapping[str, Any] | None:
        """Write what is to be delivered to the record, so that a second delivery is the same.

        Args:
            content: The answer, or the signal that follows it.
            is_signal: Whether it is the signal.

        Returns:
            What to deliver, which is what was decided first; None where nothing is to be delivered now, or
            where another invocation has delivered the answer.
        """
        while self.record.answered == is_signal:
            if self.record.decided is not None:
                return self.record.decided
            try:
                self.write(replace(self.record, decided=content))
            except SupersededError:
                return None
            except ConflictError:
                continue
            except PollingError as error:
                logger.warning("The answer could not be recorded: %s", error)
                if self.clock.time() + CONFLICT_PAUSE >= self.invocation_ends - TIME_TO_SEND:
                    return content if self._is_last_chance() else None
                self.clock.sleep(CONFLICT_PAUSE * 4)
        return None

    def _is_last_chance(self) -> bool:
        """Whether no later invocation can deliver in time, so that it has to be now, even if unrecorded."""
        return not self.record.has_schedule or self.clock.time() + 1.5 * TICK >= self.record.deadline

    def conclude(self, *, goes_on: bool, deadline: float) -> None:
        """Write that the answer, or the signal, has been delivered, and delete the schedules after the last.

        Another invocation may have written so already, and have decided the signal that follows the answer.

        Args:
            goes_on: Whether the request has more to do: a signal to send, or a job to start.
            deadline: The deadline of that, in seconds since the epoch.
        """
        is_signal = self.record.answered
        while self.record.decided is not None and self.record.answered == is_signal:
            now = self.clock.time()
            try:
                self.write(delivered(self.record, goes_on=goes_on, deadline=deadline, now=now))
            except ConflictError:
                continue
            except SupersededError:
                return
            except PollingError as error:
                logger.warning("The next tick closes the request: %s", error)
                return
        if not self.record.is_open:
            self.schedules.stop(self.record.key, (*self.record.superseded, self.record.request.id))
