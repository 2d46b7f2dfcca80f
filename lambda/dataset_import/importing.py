# SPDX-License-Identifier: Apache-2.0
"""Create and Update: import the data of the request."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dataset_import import decisions, jobs, messages
from dataset_import.decisions import Adopt, Refuse, Start, WaitForTurn, Wanted, wanted_by
from dataset_import.errors import (
    PROPAGATION,
    ErrorKind,
    PollingError,
    RequestFailedError,
    ServiceError,
    StagingError,
)
from dataset_import.event import SignalState
from dataset_import.jobs import JobDescription, name_has_fingerprint
from dataset_import.open_request import CONFLICT_PAUSE, RETRY_PAUSE, OpenRequest
from dataset_import.poll_loop import LOOK_PAUSE, DeadlineError
from dataset_import.record import FRESH, with_job
from dataset_import.request import ImportRequest, location_of
from dataset_import.stack import is_rollback
from dataset_import.wait_condition import Goal, goal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataset_import.jobs import Job
    from dataset_import.personalize import Personalize
    from dataset_import.replaced import Replaced
    from dataset_import.stack import Stack
    from dataset_import.staging import StagedData
    from dataset_import.turn import Turn

logger = logging.getLogger(__name__)

CANCELLATION = 30.0
"""Seconds within which a change back that was cancelled at once, and looks like a rollback, gets its own."""


@dataclass(eq=False)
class Importing:
    """One invocation's work on a Create or an Update.

    Each invocation reads the state from Personalize and takes the next step from there. So a repeated event
    and a killed process do no harm.
    """

    request: ImportRequest
    open: OpenRequest
    personalize: Personalize
    staged: StagedData
    stack: Stack
    replaced: Replaced
    turn: Turn
    _seen: Job | None = None
    _unreadable: str = ""
    """The error of the last look, if the job could not be described."""

    def run(self) -> Job | None:
        """Work until the goal is reached or this invocation's time is over.

        Returns:
            The job; None when the next tick has to go on.

        Raises:
            RequestFailedError: The import has failed, or has not ended in time.
        """
        try:
            return self.open.poll(self._look)
        except DeadlineError:
            record = self.open.record
            is_unwaited = record.is_rollback and not self.request.wait and not record.answered
            if self._seen and (is_unwaited or self._goal is Goal.ACTIVE_IF_IN_TIME):
                if not record.is_restoring:
                    return self._seen
                return jobs.undescribed(self._seen.arn, jobs.QUEUED, self.open.clock.time())
            raise self._late() from None
        except PollingError as error:
            if self.open.record.answered:
                return None
            raise self._failed(messages.not_polled(self._properties, error)) from error

    @property
    def _goal(self) -> Goal:
        return goal(self.open.record, wait=self.request.wait, is_staged=self.staged.is_staged)

    @property
    def _arn(self) -> str:
        name = self.open.record.job_name
        return jobs.job_arn(self.request.dataset_arn, name) if name else ""

    def _look(self) -> Job | float:
        """Take one step, and return the finished job or the seconds to pause."""
        name = self.open.record.job_name
        try:
            self._seen = self.personalize.job(self.request.dataset_arn, name) if name else None
            self._unreadable = ""
            if self._seen:
                self.open.note(starting_until=0.0)
        except ServiceError as error:
            # The job may well be running: only the deadline decides otherwise.
            self._unreadable = error.message
            logger.warning("The job could not be described: %s", error)
            return LOOK_PAUSE
        try:
            found = self._follow(self._seen) if self._seen else self._adopt_or_start()
        except ServiceError as error:
            return self._pause_after(error)
        self.open.note(refused_since=0.0)
        return found

    def _follow(self, job: Job) -> Job | float:
        """Look at the request's job."""
        if job.has_failed:
            has_wait_condition = self.open.record.signal is SignalState.DUE
            raise self._failed(messages.job_failed(self.request, job, has_wait_condition))
        self.open.note(waiting_reason="")
        if self.open.record.is_restoring:
            # A job that restores what the dataset held before: others, and the request's own, come after it.
            if job.has_ended:
                self.open.note(job_name="", is_restoring=False)
            return LOOK_PAUSE
        is_enough = self._goal in (Goal.ACCEPTED, Goal.ACCEPTED_OR_QUEUED)
        return job if job.has_ended or is_enough else LOOK_PAUSE

    def _adopt_or_start(self) -> Job | float:
        """Take the next step: adopt a job, start one, or wait for its turn."""
        if self.open.clock.time() >= self.open.record.deadline:
            raise DeadlineError
        if running := self.turn.job_elsewhere():
            self.turn.begin()
            return self.turn.wait(f"{running.arn} is {running.status}.", self._goal)
        arn = self.request.dataset_arn
        try:
            dataset = self.personalize.dataset(arn)
        except ServiceError as error:
            return self._without_dataset(error)
        listed = self._jobs()
        if self.open.record.job_name in {job.name for job in listed}:
            return LOOK_PAUSE  # the description lags behind the list
        step = decisions.next_step(self._wanted, dataset, listed, self.replaced.left(dataset, listed))
        while isinstance(step, Start) and (found := self.personalize.job(arn, step.name)):
            if found.name == self.open.record.job_name:
                return CONFLICT_PAUSE  # the request's own job, which could not be described a moment ago
            listed.append(found)  # the list may be behind, and may leave out an earlier dataset's jobs
            step = decisions.next_step(self._wanted, dataset, listed, self.replaced.left(dataset, listed))
        return self._take(step, dataset, listed)

    def _take(self, step: decisions.Step, dataset: jobs.Dataset, listed: Sequence[Job]) -> Job | float:
        if isinstance(step, Refuse):
            raise self._refused(step)
        if isinstance(step, WaitForTurn):
            if step.is_own:
                self.turn.begin()
            return self.turn.wait(step.reason, self._goal)
        if isinstance(step, Adopt):
            self._adopt(step.job.name)
            return CONFLICT_PAUSE
        return self._start(step, dataset, listed)

    def _adopt(self, name: str) -> None:
        # A call that starts a job of the name that was chosen before may still take effect.
        record = self.open.record
        record = replace(record, in_flight_until=max(record.in_flight_until, record.starting_until))
        if record.request.type == "Create" and name != record.replaced_by:
            # What an earlier Create has replaced is of no concern: the data is that of another import.
            record = replace(record, replaced=(), replaced_by="")
        self.open.write(replace(with_job(record, name), is_restoring=False))

    def _start(self, step: Start, dataset: jobs.Dataset, listed: Sequence[Job]) -> Job | float:
        if self._wanted.undoes_addition and self.open.age < CANCELLATION:
            return LOOK_PAUSE
        if not step.again and (pause := self.staged.copy(self.open)):
            return pause
        record = replace(with_job(self.open.record, step.name), is_restoring=bool(step.again))
        if not step.again and self._wanted.replaces_others:
            held_jobs = jobs.held_before(jobs.current_jobs(dataset, listed), record.request.issued)
            replaced = self.replaced.describe(dataset.arn, held_jobs)
            if decisions.is_unreadable_after_rollback(self._wanted, replaced, location_of(self._old)):
                raise self._refused(decisions.REFUSED_SWITCH)
            held = tuple(job.to_json() for job in replaced)
            if self._wanted.is_update:
                states = (record.request.old_properties, *record.earlier_states)
                record = replace(record, switched_from=held, switched_by=step.name, switched_states=states)
            else:
                record = replace(record, replaced=held, replaced_by=step.name)
        wanted = JobDescription.of(self.request)
        # The role of an earlier job may be gone. The location is the same, so that this one can read it.
        again = step.again and step.again._replace(role_arn=wanted.role_arn)
        if self.open.clock.time() - self.personalize.listed_at > FRESH:
            return CONFLICT_PAUSE  # the next look reads the list again
        if self.open.start(record, lambda: self.personalize.start(again or wanted, step.name)):
            logger.info("Started the import job %s.", self._arn)
        return LOOK_PAUSE

    @property
    def _properties(self) -> object:
        return (self.open.record.event or {}).get("ResourceProperties")

    @property
    def _old(self) -> object:
        return (self.open.record.event or {}).get("OldResourceProperties")

    @property
    def _wanted(self) -> Wanted:
        is_to_full = decisions.is_to_full(self.request, self._old)
        return wanted_by(
            self.request,
            self._old,
            own_jobs=self.open.record.jobs,
            is_rollback=is_to_full and is_rollback(self.open, self.stack),
            has_copies=self.staged.has_copies,
        )

    def _jobs(self) -> list[Job]:
        """Return the dataset's jobs, with own ones that the list may not show yet.

        A name whose job was never started is forgotten: the job of another import may get it.
        """
        record = self.open.record
        found = self.personalize.jobs(self.request.dataset_arn, also=record.latest_jobs)
        known = {record.job_name, *(job.name for job in found)}
        unused = {name for name in record.latest_jobs if name not in known}
        if unused and record.jobs:
            self.open.note(jobs=tuple(name for name in record.jobs if name not in unused))
        return found

    def _without_dataset(self, error: ServiceError) -> Job | float:
        """Fail or wait. Only the rollback of a failed Update of the same data needs no dataset."""
        wanted = self._wanted
        is_unchanged = wanted.is_update and wanted.old_fingerprint == wanted.fingerprint
        if error.kind is not ErrorKind.NOT_FOUND or not is_unchanged:
            raise error
        if not self.open.record.undoes_failure:
            raise self._failed(messages.refused(self.request, self._arn, error.message)) from error
        logger.warning("%s does not exist. The rollback imports nothing.", self.request.dataset_arn)
        known = self.open.record.jobs or (jobs.job_name(self.open.record.physical_id),)
        own = next((job for job in known[::-1] if name_has_fingerprint(job, wanted.fingerprint)), known[-1])
        arn = jobs.job_arn(self.request.dataset_arn, own)
        found = self.personalize.job(self.request.dataset_arn, own)
        return found or jobs.undescribed(arn, jobs.ACTIVE, self.open.clock.time())

    def _pause_after(self, error: ServiceError) -> Job | float:
        logger.info("A call did not succeed (%s): %s", error.kind.name, error)
        if error.kind is ErrorKind.BUSY:
            return self.turn.wait(error.message, self._goal)
        now, record = self.open.clock.time(), self.open.record
        self.open.note(waiting_reason=error.message[: messages.LONGEST_QUOTE])
        if error.kind in (ErrorKind.TEMPORARY, ErrorKind.EXISTS):
            return LOOK_PAUSE
        self.open.note(refused_since=record.refused_since or now)
        # The time counts from the refusal, not from the request, which may have waited for its turn first.
        if error.kind is not ErrorKind.FINAL and now - self.open.record.refused_since < PROPAGATION:
            return RETRY_PAUSE
        if isinstance(error, StagingError):
            raise self._failed(messages.not_staged(self.request, error)) from error
        raise self._failed(messages.refused(self.request, self._arn, error.message)) from error

    def _late(self) -> RequestFailedError:
        record = self.open.record
        seconds = max(record.deadline - record.request.issued, 0.0)
        if record.waiting_reason or not self._arn:
            return self._failed(messages.not_begun(self.request, seconds, record.waiting_reason))
        how, is_update = (seconds, self._seen, self._unreadable), self._old is not None
        return self._failed(messages.not_ended(self.request, self._arn, *how, is_update=is_update))

    def _refused(self, step: Refuse) -> RequestFailedError:
        return self._failed(messages.refused_by_handler(self.request, step.reason, step.advice))

    def _failed(self, reason: str) -> RequestFailedError:
        return RequestFailedError(reason, self._arn)
