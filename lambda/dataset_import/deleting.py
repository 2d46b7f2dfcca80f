# SPDX-License-Identifier: Apache-2.0
"""Delete: stop what polls for the resource, and wait for its running job.

Personalize has no call that removes imported data or a job, so nothing is removed. The wait is for the sake
of the dataset: Personalize refuses to delete one while an import into it is running.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataset_import import jobs, messages
from dataset_import.claim import SETTLING
from dataset_import.faults import AWS_ERRORS, Fault, ImportFailedError, fault_of, words_of
from dataset_import.ledger import Ledger
from dataset_import.polling import PollingError, UnseenEntryError, import_ledger_name
from dataset_import.watch import WATCH_PAUSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.personalize import Personalize
    from dataset_import.watch import Watch

logger = logging.getLogger(__name__)


@dataclass(repr=False, eq=False)
class Deleting:
    """One invocation's work on a Delete.

    `stem` is that of the names of the resource's jobs.
    """

    dataset_arn: str
    stem: str
    event: Mapping[str, Any]
    personalize: Personalize
    watch: Watch
    _is_stopped: bool = False
    _left_behind: str = ""

    def run(self) -> str | None:
        """Work until no import runs any more or this invocation's time is over.

        Returns:
            The physical id, as a sign that the Delete is done; None when the next tick has to go on.

        Raises:
            ImportFailedError: What polls for the resource could not be stopped, so it might yet import.
        """
        try:
            return self.watch.run(self._look)
        except TimeoutError:
            # The Delete has a schedule of its own once a look, which stops the other, has gone through.
            if not self.watch.claim.is_made:
                raise ImportFailedError(
                    messages.not_stopped(self._physical_id, self.watch.last_words)
                ) from None
            logger.warning("The import job is still running; it ends by itself.")
            return self._physical_id
        except PollingError as error:
            if error.fault is Fault.NOT_FOUND:
                logger.warning("The schedule group is gone, and all that polled with it.")
                return self._physical_id
            raise ImportFailedError(messages.not_stopped(self._physical_id, error.words)) from error

    @property
    def _physical_id(self) -> str:
        return str(self.event["PhysicalResourceId"])

    def _look(self) -> str | float:
        if not self._is_stopped:
            stopped = self._stop_importing()
            if stopped is not None:
                # A call that was under way may yet start the job: look again once it has to be over.
                self.watch.claim.make(job_name=stopped, settles=self.watch.clock.time() + SETTLING)
                return WATCH_PAUSE
            self._is_stopped = True
        name = self.watch.state.job_name or self._left_behind or jobs.job_name(self._physical_id)
        try:
            has_ended = self._has_ended(name) and self._have_ended()
        except AWS_ERRORS as error:
            if fault_of(error) in (Fault.TRANSIENT, Fault.BUSY):
                return WATCH_PAUSE
            logger.info("Nothing to wait for: %s", words_of(error))
            return self._physical_id
        return self._physical_id if has_ended else WATCH_PAUSE

    def _has_ended(self, name: str) -> bool:
        """Whether the job of the name is over, or was never started; the list may not show it yet."""
        try:
            return not name or self.personalize.job(jobs.job_arn(self.dataset_arn, name)).has_ended
        except AWS_ERRORS as error:
            if fault_of(error) is Fault.NOT_FOUND:
                return True
            raise

    def _have_ended(self) -> bool:
        """Whether all jobs of the resource are over: an Update that failed may have left one running."""
        listed = self.personalize.jobs(self.dataset_arn) if self.dataset_arn and self.stem else []
        return all(job.has_ended for job in listed if jobs.has_stem(job, self.stem))

    def _stop_importing(self) -> str | None:
        """Stop the polling of a Create or Update that this Delete ends.

        An id that is no job's was made up, for a Create that CloudFormation has given up: whatever the
        resource polls for is to stop, even what has not begun yet. Otherwise only the import of what is
        deleted is: the resource may have been given other data since.

        Returns:
            The name of the job that was polled for, if any; None once there is nothing to stop.
        """
        claim = self.watch.claim
        ledger = Ledger(claim.polling, import_ledger_name(self.event))
        entries = list(ledger.news())
        last = entries[-1] if entries else None
        job_name = jobs.job_name(self._physical_id)
        if last and last.request == claim.state.request:
            # Its job may have been chosen while this Delete was taking over.
            before = entries[-2] if len(entries) > 1 else None
            self._left_behind = before.job_name if before else ""
            # What was under way then has yet to settle, if the reply to the entry was lost.
            return last.job_name if before and not claim.state.settles else None
        is_ours = not job_name or bool(last and last.fingerprint == claim.state.fingerprint)
        if not is_ours or (last and last.issued > claim.state.issued):
            return None
        self._left_behind = last.job_name if last else ""
        if job_name and last and last.closed:
            return None  # nothing polls
        # The same Delete may come again as another request, and has the job to wait for then as well.
        entry = claim.state._replace(closed=True, job_name=self._left_behind)
        if ledger.append(self.event, entry, self.watch.clock.time()):
            return self._left_behind if last else None
        if not list(ledger.news()):
            raise UnseenEntryError
        return self._stop_importing()
