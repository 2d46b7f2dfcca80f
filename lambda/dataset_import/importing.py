# SPDX-License-Identifier: Apache-2.0
"""Create and Update: bring the dataset to hold what the request asks for, and say when it does."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dataset_import import jobs, messages
from dataset_import.faults import AWS_ERRORS, Fault, fault_of, words_of
from dataset_import.messages import ImportFailedError
from dataset_import.request import ImportRequest
from dataset_import.watch import NEXT_TICK, RETRY_PAUSE, WATCH_PAUSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.jobs import Job
    from dataset_import.personalize import Personalize
    from dataset_import.watch import Watch

logger = logging.getLogger(__name__)

PROPAGATION = 180.0
"""Seconds that a refusal is taken for a role or policy that has not propagated yet; two minutes are usual."""


@dataclass
class Importing:
    """One invocation's work on a Create or an Update.

    Every invocation, first or thousandth, asks Personalize what the state of the requested job is and takes
    the next step from there, so that an event that comes twice or a process that dies changes nothing.
    """

    request: ImportRequest
    event: Mapping[str, Any]
    personalize: Personalize
    watch: Watch
    last_words: str = ""

    @property
    def arn(self) -> str:
        """The ARN of the request's job; empty until its name has been chosen."""
        name = self.watch.state.job_name
        return jobs.job_arn(self.request.dataset_arn, name) if name else ""

    def run(self) -> Job | None:
        """Work until the request is done or this invocation's time is over.

        Returns:
            The job that has put the data into the dataset; None when the next tick has to go on.

        Raises:
            ImportFailedError: The import has failed, or has not ended in time.
        """
        try:
            return self.watch.run(self._look)
        except TimeoutError:
            raise self._failed(messages.timed_out(self.request, self.arn, self.last_words)) from None
        except AWS_ERRORS as error:  # nothing but the schedule's calls gets here
            raise self._failed(messages.not_polled(self.request, words_of(error))) from error

    def _look(self) -> Job | float | None:
        """Take one step: the finished job, seconds to pause, or None where the request is no longer open."""
        try:
            if not self.watch.state.job_name and not self._choose_job():
                return NEXT_TICK
            job = self._find(self.arn)
            if job is None:
                return self._start()
            if job.has_failed:
                raise self._failed(messages.job_failed(self.request, job.arn, job.failure_reason))
            self.last_words = ""
            return job if job.has_ended or not self.request.wait else WATCH_PAUSE
        except AWS_ERRORS as error:
            return self._pause_after(error)

    def _choose_job(self) -> bool:
        """Choose the name of the request's job, once for all its invocations.

        Returns:
            False while the dataset itself is still being made.
        """
        dataset = self.personalize.dataset(self.request.dataset_arn)
        if dataset.status != jobs.ACTIVE:
            self.last_words = f"the dataset is {dataset.status}."
            return False
        listed = self.personalize.jobs(self.request.dataset_arn)
        job = self._kept_job(dataset) or jobs.holds_now(self.request, dataset, listed)
        names = {job.name for job in listed}
        while job is None:
            name = jobs.next_name(self.request, names)
            found = self._find(jobs.job_arn(self.request.dataset_arn, name))
            if found is None:
                break
            # A name is taken for good. The list may be behind, or may leave out an earlier dataset's jobs.
            job = jobs.holds_now(self.request, dataset, [found])
            names.add(name)
        self.watch.state = replace(self.watch.state, job_name=job.name if job else name)
        return True

    def _kept_job(self, dataset: jobs.Dataset) -> Job | None:
        """The resource's own job, if an Update leaves alone what decides the data.

        It is kept even where other jobs have imported into the dataset since: role, tags or timeout are no
        reason to replace their data.
        """
        old = self.event.get("OldResourceProperties")
        if not old or ImportRequest.from_properties(old).fingerprint != self.request.fingerprint:
            return None
        arn = self.event["PhysicalResourceId"]
        job = self._find(arn) if jobs.job_name(arn) else None
        return job if job and not job.has_failed and job.created >= dataset.created else None

    def _find(self, arn: str) -> Job | None:
        try:
            return self.personalize.job(arn)
        except AWS_ERRORS as error:
            if fault_of(error) is Fault.NOT_FOUND:
                return None
            raise

    def _start(self) -> float | None:
        """Start the job, unless the request has been superseded meanwhile."""
        self.watch.keep_open()
        if not self.watch.is_open():
            return None
        self.personalize.start(self.request, self.watch.state.job_name)
        logger.info("Started the import job.", extra={"datasetImportJobArn": self.arn})
        return WATCH_PAUSE

    def _pause_after(self, error: Exception) -> float:
        fault = fault_of(error)
        logger.info("A call did not succeed: %s", words_of(error), extra={"fault": fault.name})
        if fault in (Fault.TRANSIENT, Fault.EXISTS):
            return WATCH_PAUSE
        self.last_words = words_of(error)
        if fault is Fault.BUSY:
            return NEXT_TICK
        if fault is not Fault.FINAL and self.watch.age < PROPAGATION:
            return RETRY_PAUSE
        raise self._failed(messages.refused(self.request, self.arn, self.last_words)) from error

    def _failed(self, reason: str) -> ImportFailedError:
        return ImportFailedError(reason, self.arn)
