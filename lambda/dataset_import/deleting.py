# SPDX-License-Identifier: Apache-2.0
"""Delete: stop what polls for the resource, and wait for its running job.

Personalize has no call that removes imported data or a job, so nothing is removed. The wait is for the sake
of the dataset: Personalize refuses to delete one while an import into it is running.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dataset_import import jobs, messages
from dataset_import.faults import AWS_ERRORS, Fault, fault_of, words_of
from dataset_import.messages import ImportFailedError
from dataset_import.polling import import_schedule_name
from dataset_import.watch import RETRY_PAUSE, WATCH_PAUSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.personalize import Personalize
    from dataset_import.watch import Watch

logger = logging.getLogger(__name__)


@dataclass
class Deleting:
    """One invocation's work on a Delete."""

    dataset_arn: str
    event: Mapping[str, Any]
    personalize: Personalize
    watch: Watch

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
            logger.warning("The import job is still running; it ends by itself.")
            return self._physical_id
        except AWS_ERRORS as error:
            raise ImportFailedError(messages.not_stopped(self._physical_id, words_of(error))) from error

    @property
    def _physical_id(self) -> str:
        return str(self.event["PhysicalResourceId"])

    def _look(self) -> str | float:
        try:
            name = self.watch.state.job_name or self._stop_importing()
        except AWS_ERRORS as error:
            logger.warning("The polling could not be stopped: %s", words_of(error))
            return RETRY_PAUSE
        if not name:
            return self._physical_id
        self.watch.state = replace(self.watch.state, job_name=name)
        try:
            job = self.personalize.job(jobs.job_arn(self.dataset_arn, name))
        except AWS_ERRORS as error:
            if fault_of(error) is Fault.TRANSIENT:
                return WATCH_PAUSE
            logger.info("Nothing to wait for: %s", words_of(error))
            return self._physical_id
        return self._physical_id if job.has_ended else WATCH_PAUSE

    def _stop_importing(self) -> str:
        """Stop the polling of a Create or Update that this Delete ends.

        An id that is no job's was made up by CloudFormation, for a Create that it has given up: whatever the
        resource polls for is to stop. Otherwise only the polling for the deleted job is: the resource may by
        now be importing something else.

        Returns:
            The name of the job to wait for; empty where there is none.
        """
        name = jobs.job_name(self._physical_id)
        schedule = import_schedule_name(self.event)
        open_import = self.watch.polling.find(schedule)
        if open_import and (not name or open_import.state.job_name == name):
            self.watch.polling.stop(schedule)
            return open_import.state.job_name
        return name
