# SPDX-License-Identifier: Apache-2.0
"""Waiting for a turn: another job fills the dataset, or the account may run no more jobs."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dataset_import import jobs, messages
from dataset_import.errors import ErrorKind, ServiceError
from dataset_import.open_request import RETRY_PAUSE
from dataset_import.poll_loop import NEXT_TICK
from dataset_import.request import SERVICE_TIMEOUT, deadline_of, text_of
from dataset_import.stack import is_rollback
from dataset_import.wait_condition import Goal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from dataset_import.jobs import Job
    from dataset_import.open_request import OpenRequest
    from dataset_import.personalize import Personalize
    from dataset_import.request import ImportRequest
    from dataset_import.stack import Stack

logger = logging.getLogger(__name__)

LONGEST_QUEUE = SERVICE_TIMEOUT - 240.0
"""Seconds after which a waiting request with a wait condition is accepted: two ticks before its end."""


@dataclass(frozen=True)
class Turn:
    """The turn of a request's job."""

    request: ImportRequest
    open: OpenRequest
    personalize: Personalize
    stack: Stack

    @property
    def _event(self) -> Mapping[str, Any]:
        return self.open.record.event or {}

    def wait(self, reason: str, goal: Goal) -> Job | float:
        """Return the seconds to pause; the job, not started yet, where CloudFormation must wait no longer.

        Args:
            reason: Why the job has to wait.
            goal: How far the import has to get.
        """
        self.open.note(waiting_reason=reason[: messages.LONGEST_QUOTE], refused_since=0.0)
        if self.open.age < LONGEST_QUEUE:
            return NEXT_TICK
        try:
            return self._queued() if self._may_be_queued(goal) else NEXT_TICK
        except ServiceError as error:
            logger.warning("No name could be chosen for the job: %s", error)
            return RETRY_PAUSE

    def begin(self) -> None:
        """Count the request's timeout from now on: a job of the resource's own kept it from beginning."""
        record, now = self.open.record, self.open.clock.time()
        later = deadline_of(self._event.get("ResourceProperties"), issued=record.request.issued, begun=now)
        self.open.note(deadline=max(later, record.deadline))

    def job_elsewhere(self) -> Job | None:
        """Return the running job of an undone move to another dataset, which CloudFormation deletes next.

        Raises:
            ServiceError: A temporary error.
        """
        arn = text_of(self._event.get("OldResourceProperties"), "DatasetArn")
        is_moved_back = self.open.record.is_rollback and arn not in ("", self.request.dataset_arn)
        if not is_moved_back or self.open.age >= LONGEST_QUEUE:
            return None
        try:
            found = [self.personalize.job(arn, name) for name in self.open.record.latest_jobs]
        except ServiceError as error:
            if error.kind is ErrorKind.TEMPORARY:
                raise
            return None  # that dataset is not worth a failure
        running = next((job for job in found if job and job.dataset_arn == arn and not job.has_ended), None)
        if not running:
            self._warn_of_lost(arn, [job for job in found if job])
        return running

    def _warn_of_lost(self, dataset_arn: str, found: Sequence[Job]) -> None:
        """Warn once if the undone move has replaced what its dataset held, which no request will restore."""
        record = self.open.record
        lost = [job for job in record.replaced if job["dataset_arn"] == dataset_arn]
        if lost and any(job.name == record.replaced_by and not job.has_failed for job in found):
            logger.warning(
                "%s holds the data of a move that is rolled back. It held %s before: import that with a new "
                "`revision`.",
                *(dataset_arn, lost[0]["data_location"]),
            )
            self.open.note(replaced=(), replaced_by="")

    def _may_be_queued(self, goal: Goal) -> bool:
        if goal in (Goal.ACCEPTED_OR_QUEUED, Goal.ACTIVE_IF_IN_TIME):
            return True
        is_unwaited = not self.request.wait and not self.open.record.answered
        return is_unwaited and is_rollback(self.open, self.stack)

    def _queued(self) -> Job:
        """Return the job as it will be called; it is started when its turn has come."""
        record, arn = self.open.record, self.request.dataset_arn
        name = record.job_name
        if not name:
            base = f"{self.request.job_name_prefix}-{self.request.fingerprint}"
            names = [job.name for job in self.personalize.jobs(arn, also=record.latest_jobs)]
            while self.personalize.job(arn, name := jobs.next_name(base, names)):
                names.append(name)  # the list leaves out jobs of an earlier dataset
            self.open.write(replace(record, job_name=name))
        return jobs.undescribed(jobs.job_arn(arn, name), jobs.QUEUED, self.open.clock.time())
