# SPDX-License-Identifier: Apache-2.0
"""A request's claim to be the one of its resource that counts, and what it has to remember meanwhile."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from dataset_import.faults import Fault
from dataset_import.ledger import Ledger
from dataset_import.polling import POLL, STATE, Polling, PollingError, UnseenEntryError, ledger_name
from dataset_import.state import RequestState
from dataset_import.wait_condition import DUE, OVER, goes_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.services import Clock

logger = logging.getLogger(__name__)

SETTLING = 30.0
"""Seconds that a call of a request may still be under way when another one takes over from it.

That is a call that was begun within `PROMPT` of the claim and takes as long as the client lets it, and more.
"""

PROMPT = 5.0
"""Seconds after a claim was asked for in which a job may be started on the strength of it."""

ATTEMPTS = 6
"""Tries to write down what is delivered even if it cannot be written down."""

ATTEMPT_PAUSE = 2.0
"""Seconds from one of them to the next."""


class SupersededError(Exception):
    """The request is over, or CloudFormation has sent a newer one for the resource."""


class Claim:
    """One request's entries in the ledger of its resource.

    Attributes:
        event: CloudFormation's event, or a schedule's copy of it.
        polling: The schedules.
        state: What is known of the request.
        decided: What has been decided to be delivered: the answer, under False, and the signal, under True.
        send_by: When to deliver it, even if it has not been written down.
    """

    def __init__(self, event: Mapping[str, Any], polling: Polling, clock: Clock, state: RequestState) -> None:
        self.event = event
        self.polling = polling
        self.state = state
        self.decided: dict[bool, Mapping[str, Any]] = {}
        self.send_by = float("inf")
        self._clock = clock
        self._ledger = Ledger(polling, ledger_name(event), read=state.number)
        self._saved: RequestState | None = None

    @classmethod
    def begin(cls, event: Mapping[str, Any], polling: Polling, clock: Clock, timeout: float) -> Claim:
        """Take up a request: a new one, or an open one where an earlier invocation left it.

        Args:
            event: CloudFormation's event, or a schedule's copy of it.
            polling: The schedules.
            clock: Tells the time.
            timeout: Seconds that a new request may take.

        Raises:
            SupersededError: The request is no longer open.
        """
        now = clock.time()
        is_tick = POLL in event
        state = RequestState.read(event[STATE]) if is_tick else RequestState.new(event, now, timeout)
        claim = cls(event, polling, clock, state)
        try:
            claim._look()
        except PollingError as error:
            # Who cannot look takes the event at its word, and looks again before anything is done.
            logger.warning("The schedule could not be read: %s", error.words)
        except SupersededError:
            claim._stop_ticking()
            raise
        if now > (claim.state.ends if claim.state.answered else claim.state.expires):
            claim._stop_ticking()
            raise SupersededError
        return claim

    @property
    def is_made(self) -> bool:
        """Whether the request has an entry of its own, whose schedule goes on with it."""
        return self.state.number > 0

    @property
    def is_saved(self) -> bool:
        """Whether all that is known of the request has been written down."""
        return self._saved == self.state

    @property
    def undelivered(self) -> Mapping[str, Any] | None:
        """What was decided, but may not have been delivered: it is delivered again, never thought over."""
        return self.decided.get(self.state.answered)

    def make(self, **changes: Any) -> bool:
        """Make sure that the request is the one that counts, and write down what changes.

        Returns:
            Whether the changes have been written. They have not where somebody else wrote something first:
            `state` has what is known now.

        Raises:
            SupersededError: The request is no longer open.
            PollingError: The scheduler did not do as asked.
        """
        if self.is_made:
            return self._update(changes)
        entry = self._append(self.state._replace(**changes))
        if entry:
            self.state = self._saved = entry
            return True
        if not self.is_made:
            self.make()
        return not changes

    def decide(
        self, content: Mapping[str, Any], *, is_signal: bool = False, goes_on: bool = False
    ) -> Mapping[str, Any] | None:
        """Write down what is to be delivered, so that what is delivered again is the same.

        Args:
            content: The answer, or the signal.
            is_signal: Whether it is the signal.
            goes_on: Whether the request has more to do after that.

        Returns:
            What to deliver, which is what was decided first; None if nobody waits for it.
        """
        for _ in range(ATTEMPTS):
            try:
                if not self.is_made:
                    self.make()
                while is_signal not in self.decided:
                    entry = self.state._replace(answer=content, answered=is_signal, closed=not goes_on)
                    if self._append(entry):
                        self.decided[is_signal] = content
                return self.decided[is_signal]
            except SupersededError:
                return None
            except PollingError as error:
                logger.warning("What is to be delivered could not be written down: %s", error.words)
                is_late = self._clock.time() + ATTEMPT_PAUSE >= self.send_by
                if is_late or error.fault is not Fault.TRANSIENT:
                    break
                self._clock.sleep(ATTEMPT_PAUSE)
        self.decided[is_signal] = content
        return content

    def save(self, **changes: Any) -> None:
        """Write down what changes, without a look; with `closed=True` the polling ends.

        Raises:
            PollingError: The scheduler did not do as asked.
        """
        if self.is_made:
            self.state = self.state._replace(**changes)
            self._ledger.rewrite(self.event, self.state, self._clock.time())
            self._saved = self.state

    def _append(self, entry: RequestState) -> RequestState | None:
        """Write the next entry, or read what came before it.

        Raises:
            SupersededError: The request is no longer open.
            PollingError: The scheduler did not do as asked, or shows nothing of what it says is there.
        """
        written = self._ledger.append(self.event, entry, self._clock.time())
        if written is None:
            known = self._ledger.last_read
            self._look()
            if self._ledger.last_read == known:
                raise UnseenEntryError
        return written

    def _update(self, changes: Mapping[str, Any]) -> bool:
        known, wanted = self._saved, self.state._replace(**changes)
        self._look()
        if self.undelivered:
            raise SupersededError
        if self._saved != known:
            return not changes
        if wanted != known:
            self.state = wanted
            self.save()
        return True

    def _look(self) -> None:
        """Read what has been written since: by this request's other invocations, and by other requests.

        Raises:
            SupersededError: The request is no longer open.
            PollingError: The scheduler did not do as asked.
        """
        if self.is_made:
            own = self._ledger.entry(self.state.number)
            if own is None or own.request != self.state.request or own.closed:
                raise SupersededError
            self.state = self._saved = own
        for entry in self._ledger.news():
            self._meet(entry)

    def _meet(self, entry: RequestState) -> None:
        if entry.request == self.state.request:
            if entry.answer and not self.is_made:
                raise SupersededError  # its own entry lies further back, and goes on with what is left
            if entry.answer:
                self.decided.setdefault(entry.answered, entry.answer)
            elif entry.closed:
                raise SupersededError
            else:
                self.state = self._saved = entry
        elif entry.issued > self.state.issued or (self.is_made and entry.issued == self.state.issued):
            raise SupersededError
        elif not self.is_made:
            settles = 0.0 if entry.closed else self._clock.time() + SETTLING
            self.state = self.state._replace(settles=settles, previous_job=entry.job_name)
            # A handle that was there before a request which had none to signal to: the stack is rolled back.
            if self.state.signal and entry.signal != DUE and goes_back(self.event, entry.issued):
                self.state = self.state._replace(signal=OVER)

    def _stop_ticking(self) -> None:
        """Close the entry of a request that is over, once it has been read and so is known to be its own."""
        if self._saved:
            try:
                self.save(closed=True)
            except PollingError as error:
                logger.warning("The schedule could not be closed: %s", error.words)
