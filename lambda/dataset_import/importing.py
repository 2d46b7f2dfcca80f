# SPDX-License-Identifier: Apache-2.0
"""Create and Update: bring the dataset to hold what the request asks for, and say when it does."""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dataset_import import jobs
from dataset_import.claim import PROMPT, SETTLING
from dataset_import.faults import AWS_ERRORS, Fault, ImportFailedError, fault_of, words_of
from dataset_import.polling import PollingError
from dataset_import.request import fingerprint_of
from dataset_import.wait_condition import DUE, OVER
from dataset_import.watch import NEXT_TICK, PROPAGATION, RETRY_PAUSE, WATCH_PAUSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.jobs import Job
    from dataset_import.personalize import Personalize
    from dataset_import.request import ImportRequest
    from dataset_import.watch import Watch

logger = logging.getLogger(__name__)

LONGEST_QUEUE = 3360.0
"""Seconds after which a request that waits for its turn counts as accepted, if it has a wait condition.

That is two ticks before CloudFormation has to have an answer. There may be hours of imports before it.
"""


class Until(enum.Enum):
    """How far an import has to get."""

    ACTIVE = enum.auto()
    """The data is in the dataset."""
    ACCEPTED = enum.auto()
    """Personalize has taken the job."""
    QUEUED = enum.auto()
    """The same, or its turn does not come within the time that CloudFormation waits."""
    ACTIVE_IF_IN_TIME = enum.auto()
    """The data is in the dataset, or its job is running or its turn has not come when the time is over.

    A rollback to an import of hours has no wait condition that would wait for it again. It waits as long as a
    custom resource may, and then succeeds: failing would leave the stack in UPDATE_ROLLBACK_FAILED. The job
    whose turn has not come is started when it does.
    """


@dataclass(repr=False, eq=False)
class Importing:
    """One invocation's work on a Create or an Update.

    Every invocation, first or thousandth, asks Personalize what the state of the requested job is and takes
    the next step from there, so that an event that comes twice or a process that dies changes nothing.

    `is_answered` tells that CloudFormation has its answer, which the ledger may say only later.
    """

    request: ImportRequest
    event: Mapping[str, Any]
    personalize: Personalize
    watch: Watch
    is_answered: bool = False
    _seen: Job | None = None
    _unseen: str = ""
    """What was said instead of the job's description, when it was looked up last."""

    @property
    def arn(self) -> str:
        """The ARN of the request's job; empty until its name has been chosen."""
        name = self.watch.state.job_name
        return jobs.job_arn(self.request.dataset_arn, name) if name else ""

    @property
    def until(self) -> Until:
        """How far the import has to get, for what waits for it now."""
        signal = self.watch.state.signal
        if self.is_answered:
            return Until.ACTIVE if signal == DUE else Until.ACCEPTED
        if signal == DUE:
            return Until.QUEUED
        if not self.request.wait:
            return Until.ACCEPTED
        return Until.ACTIVE_IF_IN_TIME if signal == OVER else Until.ACTIVE

    def run(self) -> Job | None:
        """Work until the request is done or this invocation's time is over.

        Returns:
            The job, which has got as far as is asked for; None when the next tick has to go on.

        Raises:
            ImportFailedError: The import has failed, or has not ended in time.
        """
        try:
            return self.watch.run(self._look)
        except TimeoutError:
            if self._seen and self.until is Until.ACTIVE_IF_IN_TIME:
                return self._seen
            raise self._late() from None
        except PollingError as error:
            if self.is_answered:
                return None  # the schedule is there, and the next tick has better luck
            from dataset_import import messages

            raise self._failed(messages.not_polled(self.request, error.words)) from error

    def _look(self) -> Job | float:
        """Take one step, and tell the finished job or for how many seconds to pause."""
        try:
            self._seen, self._unseen = (self._find(self.arn) if self.arn else None), ""
        except AWS_ERRORS as error:
            # It may well be running: only the end of the time says otherwise.
            self._unseen = words_of(error)
            logger.warning("The job could not be looked up: %s", self._unseen)
            return WATCH_PAUSE
        try:
            return self._follow(self._seen) if self._seen else self._adopt_or_start()
        except AWS_ERRORS as error:
            return self._pause_after(error)

    def _follow(self, job: Job) -> Job | float:
        """Look how far the request's job has got."""
        if job.has_failed:
            from dataset_import import messages

            raise self._failed(messages.job_failed(self.request, job.arn, job.failure_reason))
        self.watch.note("")
        is_enough = self.until in (Until.ACCEPTED, Until.QUEUED)
        return job if job.has_ended or is_enough else WATCH_PAUSE

    def _adopt_or_start(self) -> Job | float:
        """Follow the job that brings the requested data, or start it when its turn has come."""
        if self.watch.is_late:
            raise TimeoutError
        dataset = self.personalize.dataset(self.request.dataset_arn)
        if dataset.status != jobs.ACTIVE:
            return self._wait_for_turn(f"the dataset is {dataset.status}.")
        listed = self._jobs()
        if self.watch.state.job_name in {job.name for job in listed}:
            return WATCH_PAUSE  # the description lags behind the list
        adopted = self._kept_job(dataset, listed) or jobs.holds_now(self.request, dataset, listed)
        if adopted:
            return self._adopt(adopted)
        running = jobs.running(dataset, listed)
        if running:
            if self._is_own(running):
                self.watch.begin_now(self.request.timeout)
            return self._wait_for_turn(f"{running.arn} is {running.status}.")
        name = jobs.next_name(self.request, {job.name for job in listed})
        # Written down before it is used: whoever goes on from here knows which job is the request's own.
        asked = self.watch.clock.time()
        is_made = self.watch.claim.make(job_name=name)
        # A claim that took long may have been overtaken since: the next look makes sure, and starts.
        if is_made and self.watch.clock.time() - asked <= PROMPT:
            self.personalize.start(self.request, name)
            logger.info("Started the import job.", extra={"datasetImportJobArn": self.arn})
        return 0.0

    def _adopt(self, job: Job) -> float:
        changes: dict[str, Any] = {"job_name": job.name}
        if self.watch.state.job_name:
            # The call that starts a job of the name that was chosen before may still be under way.
            changes["settles"] = self.watch.clock.time() + SETTLING
        self.watch.claim.make(**changes)
        return 0.0

    def _jobs(self) -> list[Job]:
        """The dataset's jobs, with those that the list may not show yet.

        The list may be behind, and may leave out an earlier dataset's jobs; a name is taken for good.
        """
        listed = {job.name: job for job in self.personalize.jobs(self.request.dataset_arn)}
        previous = self.watch.state.previous_job
        if previous and previous not in listed:
            self._look_up(previous, listed)
        old = self.event.get("OldResourceProperties") or {}
        stems = (self.request.job_name, old.get("JobName") or self.request.job_name)
        for stem in dict.fromkeys(stems):
            name = jobs.next_name(self.request, listed, stem)
            # The request's own name has just been looked up.
            while name != self.watch.state.job_name and self._look_up(name, listed):
                name = jobs.next_name(self.request, listed, stem)
        return list(listed.values())

    def _look_up(self, name: str, listed: dict[str, Job]) -> bool:
        job = self._find(jobs.job_arn(self.request.dataset_arn, name))
        if job:
            listed[name] = job
        return job is not None

    def _kept_job(self, dataset: jobs.Dataset, listed: list[Job]) -> Job | None:
        """The resource's own job, if an Update leaves alone what decides the data, or what is in the dataset.

        It is kept even where others have imported into the dataset since: role, tags or timeout are no
        reason to replace their data. It is not where this resource itself did, by its name: an Update that
        CloudFormation no longer knows of, because its rollback was skipped.
        """
        old = self.event.get("OldResourceProperties")
        if not old:
            return None
        fingerprint = fingerprint_of(old)
        if fingerprint != self.request.fingerprint:
            return jobs.still_holds(self.request, dataset, listed, undone=fingerprint)
        # None where the old properties are those of an Update that failed.
        own = jobs.newest(dataset, [job for job in listed if jobs.brings(fingerprint, job)])
        newest = jobs.newest(dataset, listed)
        replaced = newest and newest != own and jobs.has_stem(newest, self.request.job_name)
        return None if replaced else own

    def _is_own(self, job: Job) -> bool:
        """Whether a job is one of this resource's earlier requests: cancelled, or gone beyond its timeout."""
        old = self.event.get("OldResourceProperties") or {}
        stems = (self.request.job_name, old.get("JobName", ""))
        return bool(old) and any(jobs.has_stem(job, stem) for stem in stems)

    def _find(self, arn: str) -> Job | None:
        try:
            return self.personalize.job(arn)
        except AWS_ERRORS as error:
            if fault_of(error) is Fault.NOT_FOUND:
                return None
            raise

    def _wait_for_turn(self, why: str) -> Job | float:
        self.watch.note(why, queued=True)
        may_go_on = self.until in (Until.QUEUED, Until.ACTIVE_IF_IN_TIME)
        is_long = may_go_on and self.watch.age >= LONGEST_QUEUE
        return self._queued() if is_long else NEXT_TICK

    def _queued(self) -> Job | float:
        """The job as it will be called; it is started when its turn has come."""
        if not self.arn:
            name = jobs.next_name(self.request, {job.name for job in self._jobs()})
            if not self.watch.claim.make(job_name=name):
                return 0.0
        now = datetime.fromtimestamp(self.watch.clock.time(), UTC)
        return jobs.Job(self.arn, jobs.QUEUED, created=now, updated=now)

    def _pause_after(self, error: Exception) -> Job | float:
        fault = fault_of(error)
        logger.info("A call did not succeed: %s", words_of(error), extra={"fault": fault.name})
        if fault is Fault.BUSY:
            return self._wait_for_turn(words_of(error))
        self.watch.note(words_of(error))
        if fault in (Fault.TRANSIENT, Fault.EXISTS):
            return WATCH_PAUSE
        if fault is not Fault.FINAL and self.watch.age < PROPAGATION:
            return RETRY_PAUSE
        from dataset_import import messages

        raise self._failed(messages.refused(self.request, self.arn, words_of(error))) from error

    def _late(self) -> ImportFailedError:
        from dataset_import import messages

        state = self.watch.state
        seconds = state.deadline - state.issued
        if state.last_words or not self.arn:
            said = state.last_words or self.watch.last_words or "nothing"
            return self._failed(messages.not_begun(self.request, seconds, said))
        is_update = "OldResourceProperties" in self.event
        not_ended = messages.update_not_ended if is_update else messages.not_ended
        return self._failed(not_ended(self.request, self.arn, seconds, self._unseen))

    def _failed(self, reason: str) -> ImportFailedError:
        return ImportFailedError(reason, self.arn)
