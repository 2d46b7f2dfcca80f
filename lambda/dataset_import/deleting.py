# SPDX-License-Identifier: Apache-2.0
"""Delete: wait for the resource's running jobs, and in a rollback restore the data that its job has replaced.

Personalize has no call that deletes an import job or undoes an import, so nothing is deleted. The Delete
waits because Personalize refuses to delete a dataset while an import into it is running.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataset_import import jobs, messages
from dataset_import.errors import PROPAGATION, ErrorKind, PollingError, RequestFailedError, ServiceError
from dataset_import.jobs import Job, JobDescription
from dataset_import.open_request import OpenRequest
from dataset_import.poll_loop import LOOK_PAUSE, NEXT_TICK, DeadlineError
from dataset_import.record import with_job
from dataset_import.request import prefix_of, text_of
from dataset_import.restoring import next_to_restore
from dataset_import.stack import ROLLBACKS

if TYPE_CHECKING:
    from dataset_import.personalize import Personalize
    from dataset_import.stack import Stack

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Deleting:
    """One invocation's work on a Delete.

    Attributes:
        open: The request.
        personalize: The calls to Personalize.
        own_jobs: The names of the jobs that the resource has started or adopted; None where not known.
        stack: The stack of the resource.
        has_seen_end: Whether no job runs that may read copies of the resource's files.
    """

    open: OpenRequest
    personalize: Personalize
    own_jobs: Collection[str] | None
    stack: Stack
    has_seen_end: bool = False

    def run(self) -> str | None:
        """Work until nothing is left to do or this invocation's time is over.

        Returns:
            The physical id, as a sign that the Delete is done; None when the next tick has to go on.

        Raises:
            RequestFailedError: The polling for the resource could not be stopped, so it might still import.
        """
        try:
            return self.open.poll(self._look)
        except DeadlineError:
            logger.warning(
                "The time for the Delete is over. %s holds the data of the job that ran last.",
                self._dataset_arn,
            )
            return self._physical_id
        except PollingError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                logger.warning("The stack's table or schedule group is gone, and all that polled with it.")
                return self._physical_id
            raise RequestFailedError(messages.not_stopped(self._physical_id, error)) from error

    @property
    def _physical_id(self) -> str:
        return self.open.record.request.physical_id

    @property
    def _properties(self) -> object:
        return (self.open.record.event or {}).get("ResourceProperties")

    @property
    def _dataset_arn(self) -> str:
        return text_of(self._properties, "DatasetArn")

    def _look(self) -> str | float:
        if not self._dataset_arn:
            return self._physical_id
        try:
            found = self._wait_for_jobs()
        except ServiceError as error:
            if self._is_retried(error):
                return NEXT_TICK if error.kind is ErrorKind.BUSY else LOOK_PAUSE
            logger.warning("%s is left as it is: %s", self._dataset_arn, error)
            return self._physical_id
        self.open.note(refused_since=0.0)
        return found

    def _is_retried(self, error: ServiceError) -> bool:
        """Whether the next look tries again. A refusal may be one until a policy has propagated."""
        if error.kind is not ErrorKind.REFUSED:
            return error.kind in (ErrorKind.TEMPORARY, ErrorKind.BUSY, ErrorKind.EXISTS)
        now = self.open.clock.time()
        self.open.note(refused_since=self.open.record.refused_since or now)
        return now - self.open.record.refused_since < PROPAGATION

    def _wait_for_jobs(self) -> str | float:
        named = self.open.record.job_name or jobs.job_name(self._physical_id)
        own = dict.fromkeys(name for name in (*self.open.record.latest_jobs, named) if name)
        found = self.personalize.jobs(self._dataset_arn, also=own)
        if any(job.name == self.open.record.job_name for job in found):
            self.open.note(starting_until=0.0)
        if self.open.clock.time() < self.open.record.starting_until:
            return LOOK_PAUSE  # a call that restores the data may still take effect
        listed = [job for job in found if job.dataset_arn in ("", self._dataset_arn)]
        if any((job.name == named or self._owns(job)) and not job.has_ended for job in listed):
            return LOOK_PAUSE
        # A Create that has failed does not know the jobs of the Create before it.
        prefix = prefix_of(self._properties)
        self.has_seen_end = all(job.has_ended or not jobs.has_prefix(job, prefix) for job in listed)
        stored = [JobDescription.from_json(job) for job in self.open.record.replaced]
        replaced = [job for job in stored if job.dataset_arn == self._dataset_arn]
        status = self._stack_status() if replaced else ""
        if status in ROLLBACKS:
            return self._restore(replaced, listed)
        # A nested stack is deleted by its user or by a rollback of its parent, which look alike.
        if status == "DELETE_IN_PROGRESS" and self.stack.is_nested:
            logger.warning(
                "%s keeps the data of %s, which has replaced %s. If a rollback of the parent stack deletes "
                "this nested stack, import the old data with a new `revision`.",
                *(self._dataset_arn, self._physical_id, replaced[0].data_location),
            )
        return self._physical_id

    def _owns(self, job: Job) -> bool:
        if self.own_jobs is not None:
            return job.name in {*self.own_jobs, self.open.record.job_name}
        prefix = prefix_of(self._properties)
        return bool(prefix) and jobs.has_prefix(job, prefix)

    def _stack_status(self) -> str:
        """Return the status of the stack; empty if it cannot be read."""
        try:
            return self.stack.status
        except ServiceError as error:
            if self._is_retried(error):
                raise
            logger.warning(
                "%s keeps its data, even in a rollback: the status of the stack could not be read. %s",
                *(self._dataset_arn, error),
            )
            return ""

    def _restore(self, replaced: list[JobDescription], listed: list[Job]) -> str | float:
        """Run the next job again of those that the resource's own full import has replaced.

        CloudFormation sends nothing to the resource whose data they are, because the deployment had not come
        to its removal yet.
        """
        try:
            dataset = self.personalize.dataset(self._dataset_arn)
        except ServiceError as error:
            if self._is_retried(error):
                raise
            return self._give_up(replaced[0], error.message.rstrip("."))
        running = [job.name for job in listed if not job.has_ended]
        if any(jobs.repeats(name, each.name) for name in running for each in replaced):
            return LOOK_PAUSE  # another invocation has started it
        own = {job.name for job in listed if self._owns(job)}
        lost = next_to_restore(replaced, jobs.current_jobs(dataset, listed), own)
        if dataset.status != jobs.ACTIVE or lost is None:
            return self._physical_id
        if any(job.has_failed and job.name in own and jobs.repeats(job.name, lost.name) for job in listed):
            return self._give_up(lost, "the job that imports it again has failed")
        names = [job.name for job in listed]
        while self.personalize.job(
            self._dataset_arn, name := jobs.next_name(jobs.restored_base(lost.name), names)
        ):
            if name == self.open.record.job_name:
                return LOOK_PAUSE  # the own job, which could not be described a moment ago
            names.append(name)  # the list leaves out jobs of other datasets
        return self._start(lost, name)

    def _start(self, job: JobDescription, name: str) -> str | float:
        try:
            is_made = self.open.start(
                with_job(self.open.record, name), lambda: self.personalize.start(job, name)
            )
        except ServiceError as error:
            if self._is_retried(error):
                raise
            return self._give_up(job, error.message.rstrip("."))
        if is_made:
            logger.warning(
                "The deployment is rolled back: %s is imported again as %s.", job.data_location, name
            )
        return LOOK_PAUSE

    def _give_up(self, job: JobDescription, reason: str) -> str:
        logger.warning(
            "%s holds the data of a deployment that was rolled back. The old data, %s, could not be "
            "imported again: %s. Import it with a new `revision`.",
            *(job.dataset_arn, job.data_location, reason),
        )
        return self._physical_id
