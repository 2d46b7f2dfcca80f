# SPDX-License-Identifier: Apache-2.0
"""What must hold whatever goes wrong: checked as things happen and when everything is over."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING

from tests.fakes.observer import Observer
from tests.fakes.stacks import content_of
from tests.simulation.answer_form import MAX_BYTES, SIGNAL_KEYS, wrong_parts
from tests.simulation.causes import LATE_NEWS, has_cause
from tests.simulation.dataset_contents import DatasetContents
from tests.simulation.deployed_data import DeployedData
from tests.simulation.leftovers import SECRET, Leftovers
from tests.simulation.staged_copies import StagedCopies

if TYPE_CHECKING:
    from local_aws.personalize.state import ImportJob
    from tests.fakes.account import Account
    from tests.fakes.cloudformation import Request
    from tests.fakes.deployments import Deployment
    from tests.fakes.scheduler import Schedule
    from tests.fakes.wait_conditions import WaitCondition

IN_FLIGHT = 30.0
"""Seconds that a call may still be under way when a newer request takes over."""

QUEUED_AFTER = 3300.0
"""Seconds before which no request is answered for being queued."""

RECENTLY = 300.0
"""Seconds before the end of CloudFormation's patience in which a fault excuses silence: no code could run."""

ROLLBACKS = ("ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
"""The statuses of a stack in which a Delete is part of a rollback."""


class Invariants(Observer):
    """Checks the invariants. `violations` lists what broke them: the invariant's name, and a sentence."""

    account: Account

    def __init__(self) -> None:
        self.violations: list[tuple[str, str]] = []
        self.denials = False
        """Whether the handler lacks a permission: then a request may fail, and a Delete too."""
        self._contents: DatasetContents | None = None
        self._deployed: DeployedData | None = None
        self._copies: StagedCopies | None = None

    @property
    def contents(self) -> DatasetContents:
        """What datasets hold."""
        self._contents = self._contents or DatasetContents(self.account)
        return self._contents

    @property
    def deployed(self) -> DeployedData:
        """What deployments promise."""
        self._deployed = self._deployed or DeployedData(self.account, self.contents, self.violate)
        return self._deployed

    @property
    def copies(self) -> StagedCopies:
        """What becomes of the copies of staged files."""
        self._copies = self._copies or StagedCopies(self.account, self.violate)
        return self._copies

    def violate(self, invariant: str, what: str) -> None:
        """Record a violation."""
        self.account.journal.note("invariant", f"{invariant} VIOLATED: {what}")
        self.violations.append((invariant, what))

    # As things happen

    def job_started(self, request: Request, arn: str) -> None:
        """A job was started for a request: needed, only once, and while the request is open."""
        now = self.account.kernel.now
        content = self.contents.add(request, arn)
        if not may_restore(request):
            if request.started:
                self.violate("I2", f"{request.id} started {request.started[0]} and {arn}")
            if content != content_of(request.properties):
                self.violate("I1", f"{request.id} started {arn}, which brings {content}")
        else:
            started = [*request.started, arn]
            dataset = self.account.personalize.jobs[arn].dataset_arn
            times = sum(self.contents.by_job[each] == content for each in started)
            if times > max(1, self.contents.most_often(dataset, content, without=started)):
                self.violate("I2", f"{request.id} started {arn}, which is once too often")
        self._check_need(request, arn)
        if (request.answered and not is_queued(request)) or now > ends_of(request):
            self.violate("I2", f"{request.id} started {arn} after its end")
        for other in self.account.cloudformation.requests.values():
            is_newer = other.resource == request.resource and other.issued > request.issued
            if is_newer and ends_imports(other, request):
                if now > self.account.taken_over(other) + IN_FLIGHT:
                    self.violate("I2", f"{request.id} started {arn} after {other.id} had taken its place")
                break
        request.started.append(arn)
        self.deployed.touched(request, arn)
        self.copies.started(request, arn)

    def object_removed(self, bucket: str, key: str) -> None:
        """A copy was removed: no job reads it."""
        self.copies.removed(bucket, key)

    def schedule_made(self, schedule: Schedule) -> None:
        """A schedule holds no secret."""
        if SECRET in str(schedule.params):
            self.violate("I6", f"the schedule {schedule.name} has a secret")

    def answered(self, request: Request, body: bytes, *, counts: bool) -> None:
        """An answer was stored: right in form, true, and never another one than before."""
        answer, first = request.answers[-1], request.answers[0]
        self.copies.answered(request)
        wrong = wrong_parts(request, answer, body, stays=keeps_dataset(request))
        if wrong:
            self.violate("I4", f"{request.id} was answered with a wrong {', '.join(wrong)}")
        differs = any(answer[key] != first[key] for key in ("Status", "PhysicalResourceId"))
        # The record of a request is deleted with its stack, and then nobody waits for an answer.
        if differs and not self.account.is_gone(request.resource[0]):
            self.violate("I4", f"{request.id} was answered {first['Status']}, then {answer['Status']}")
        if not counts:
            return
        if answer["Status"] == "FAILED":
            self._check_failure(request, answer["Reason"])
        elif request.type != "Delete":
            self._check_success(request)

    def signalled(self, request: Request, condition: WaitCondition, body: bytes) -> None:
        """A wait condition got a signal: after the answer, true, and never another one than before."""
        signal, first = condition.signals[-1], condition.signals[0]
        named = signal["Data"].endswith(f":dataset-import-job/{signal['UniqueId']}") and signal["UniqueId"]
        if not named or set(signal) != SIGNAL_KEYS or len(body) > MAX_BYTES:
            self.violate("I4", f"{request.id} signalled {body.decode()}")
        if signal["Status"] != first["Status"] and not condition.is_over:
            self.violate("I4", f"{request.id} signalled {first['Status']}, then {signal['Status']}")
        if not request.answered and not request.closed:
            self.violate("I4", f"{request.id} signalled before its answer")
        job = self.account.personalize.jobs.get(signal["Data"])
        if signal["Status"] == "SUCCESS":
            is_active = job and job.status(self.account.kernel.now) == "ACTIVE"
            if not is_active or self.contents.by_job.get(signal["Data"]) != content_of(request.properties):
                self.violate("I1", f"{request.id} signalled that {signal['Data']} is ACTIVE")
        elif not has_cause(self.account, request, signal["Reason"], longest=float("inf")):
            self.violate("I1", f"{request.id} signalled a failure without a cause: {signal['Reason']}")

    def unsignalled(self, request: Request) -> None:
        """A wait condition gave up."""
        last = self.account.journal.last_fault.get(request.id, float("-inf"))
        if last < self.account.kernel.now - RECENTLY:
            self.violate("I5", f"{request.id} was not signalled in time")

    def unanswered(self, request: Request) -> None:
        """CloudFormation gave up."""
        last = self.account.journal.last_fault.get(request.id, float("-inf"))
        # Faults to the end of each delivery: there is no schedule, and AWS Lambda tries no more.
        had_no_chance = last > 0 and self.account.taken_over(request) == float("inf")
        is_excused = had_no_chance or self._may_be_the_earlier(request)
        if last < request.patience_ends - RECENTLY and not is_excused:
            self.violate("I5", f"{request.id} was not answered in time")

    def _may_be_the_earlier(self, request: Request) -> bool:
        """Whether nothing says that a rollback came after the update of its second.

        That update repeats one whose rollback was skipped. So the resource may be in the state that either of
        the two starts from.
        """
        *_, before, undone = [None, None] + [
            each
            for each in itertools.takewhile(
                lambda each: each is not request, self.account.cloudformation.requests.values()
            )
            if each.resource_life == request.resource_life
        ]
        return bool(
            before
            and undone
            and int(undone.issued) == int(request.issued)
            and _change(undone) == _change(request)[::-1] == _change(before)
        )

    def deployment_began(self, deployment: Deployment) -> None:
        """A user deploys."""
        self.deployed.began(deployment)

    def deployment_ended(self, deployment: Deployment) -> None:
        """The dataset holds what the deployed template says, or the deployment said that it does not."""
        self.deployed.ended(deployment)

    def logged(self, level: int, message: str) -> None:
        """A line was logged."""
        if SECRET in message:
            self.violate("I6", f"the log has {message}")
        if level >= logging.WARNING:
            self.deployed.warned(message)
            self.copies.warned(message)

    # When everything is over

    def check_quiet(self) -> None:
        """Minutes after the last request. Without a permission, schedules may be left."""
        self._leftovers.check_quiet(with_schedules=not self.denials)

    def check_end(self) -> None:
        """Hours after the last request."""
        self.deployed.check_rest()
        self.copies.check_end()
        self._leftovers.check_end()

    @property
    def _leftovers(self) -> Leftovers:
        return Leftovers(self.account, self.violate)

    # What they share

    def _check_need(self, request: Request, arn: str) -> None:
        """A job is needed if the dataset does not hold its content, and will not without it."""
        now, content = self.account.kernel.now, self.contents.by_job[arn]
        jobs = self.contents.current(self.account.personalize.jobs[arn].dataset_arn, before=arn)
        holder = self._holder(request, content, jobs)
        # The job of another resource may not be listed yet, and the reply with the list may be late.
        unlisted = IN_FLIGHT + self.account.personalize.list_lag
        is_known = holder and (
            self.contents.starters.get(holder.arn) == request.resource_life or now > holder.created + unlisted
        )
        if holder and is_known and self.contents.of(holder) == content:
            self.violate("I2", f"{request.id} started {arn}, but {holder.arn} had the same data")

    def _holder(self, request: Request, content: object, jobs: list[ImportJob]) -> ImportJob | None:
        """The job whose content is in the dataset: the newest, or an earlier one that has only been added to.

        What others have added is no reason to replace the data. What the resource itself has added is one.
        """
        for job in reversed(jobs):
            if self.contents.of(job) == content:
                return job
            is_undone = self.contents.of(job) == content_of(request.old_properties)
            is_others = self.contents.starters.get(job.arn) != request.resource_life and not is_undone
            stays = request.properties.get("ImportMode") == "INCREMENTAL" or is_others
            if job.import_mode != "INCREMENTAL" or not stays:
                break
        return jobs[-1] if jobs else None

    def _check_success(self, request: Request) -> None:
        answer, now, properties = request.answers[0], self.account.kernel.now, request.properties
        arn = answer["Data"].get("DatasetImportJobArn")
        job = self.account.personalize.jobs.get(arn)
        if not keeps_dataset(request) and answer["PhysicalResourceId"] != arn:
            self.violate("I4", f"{request.id}: the id of a new resource is {answer['PhysicalResourceId']}")
        if job is None and is_queued(request) and now >= request.issued + QUEUED_AFTER:
            return
        if job is None:
            # A rollback with an unchanged fingerprint succeeds, even if the dataset is gone.
            is_gone = properties.get("DatasetArn") not in self.account.personalize.datasets
            if not (is_gone and request.type == "Update"):
                self.violate("I1", f"{request.id}: there is no job {arn}")
            return
        waits = properties.get("Wait", "true") == "true" and not request.has_new_wait
        # A rollback that cannot wait any longer may succeed with the job running: failing would get it stuck.
        # So may an Update whose wait condition has been signalled before, as after one without rollback.
        is_spent = request.goes_back or bool(properties.get("WaitConditionHandle"))
        is_late = is_spent and now >= request.issued + min(float(properties["Timeout"]), 3480.0) - 1
        # Where the dataset is gone, a rollback imports nothing, whatever became of its job.
        is_gone = request.type == "Update" and job.dataset_arn not in self.account.personalize.datasets
        if waits and job.status(now) != "ACTIVE" and not is_late and not is_gone:
            self.violate("I1", f"{request.id}: {job.arn} is {job.status(now)}")
        if self.contents.by_job.get(job.arn) != content_of(properties):
            self.violate("I1", f"{request.id}: {job.arn} holds something else")
        dataset = self.account.personalize.datasets.get(job.dataset_arn)
        if dataset and job.created < dataset.created < now - LATE_NEWS:
            self.violate("I1", f"{request.id}: {job.arn} is older than its dataset")
        newest = self.contents.newest(job.dataset_arn)
        is_ours = newest and self.contents.starters.get(newest.arn) == request.resource_life
        holder = self._holder(request, content_of(properties), self.contents.current(job.dataset_arn))
        is_added_to = holder == job or request.type == "Create"
        is_newer = newest and is_ours and newest.created > job.created and not is_added_to
        if newest and is_newer and self.contents.of(newest) != content_of(properties):
            self.violate("I1", f"{request.id}: {newest.arn} came after {job.arn}")
        data = answer["Data"]
        if data.get("DatasetImportJobArn") != job.arn or data.get("DatasetArn") != job.dataset_arn:
            self.violate("I4", f"{request.id}: the attributes are {data}")

    def _check_failure(self, request: Request, reason: str) -> None:
        if self.denials:
            return
        if request.type == "Delete":
            self.violate("I5", f"{request.id}: a Delete failed: {reason}")
            return
        if not has_cause(self.account, request, reason):
            self.violate("I1", f"{request.id} failed without a cause: {reason}")
        source = request.properties.get("DataSource")
        location = source.get("DataLocation") if isinstance(source, dict) else None
        named = (request.properties.get("DatasetArn"), location)
        if all(named) and not (reason.startswith("The ") and all(str(name) in reason for name in named)):
            self.violate("I4", f"{request.id}: the reason names no import: {reason}")


def _change(request: Request) -> tuple[object, object]:
    return request.old_properties, request.properties


def may_restore(request: Request) -> bool:
    """Whether a request may run earlier jobs again: it goes back to what the dataset held before."""
    if request.type == "Delete":
        return request.stack_status in ROLLBACKS
    return request.stack_status == "UPDATE_ROLLBACK_IN_PROGRESS"


def keeps_dataset(request: Request) -> bool:
    """Whether an Update imports into the dataset of before, so that the resource stays what it is."""
    old = request.event.get("OldResourceProperties")
    return bool(old and old.get("DatasetArn") == request.properties.get("DatasetArn"))


def is_queued(request: Request) -> bool:
    """Whether a request was answered before Personalize had its job, even if the answer came too late."""
    answer = next(iter(request.answers), None)
    may_be = request.has_new_wait or request.goes_back or is_rollback_without_waiting(request)
    return bool(answer and may_be and answer["Data"].get("Status") == "QUEUED")


def is_rollback_without_waiting(request: Request) -> bool:
    """Whether a rollback goes back to an import that is not waited for: failing would get it stuck."""
    is_rollback = request.stack_status == "UPDATE_ROLLBACK_IN_PROGRESS"
    return is_rollback and request.properties.get("Wait") == "false"


def ends_of(request: Request) -> float:
    """Until when a request may start its job."""
    if is_queued(request):
        longest = 12 * 3600 if is_rollback_without_waiting(request) else float(request.properties["Timeout"])
        return request.issued + longest
    return request.patience_ends


def ends_imports(newer: Request, older: Request) -> bool:
    """Whether a request takes the place of an earlier import: it is one, or the end of it."""
    if newer.type != "Delete" or ":dataset-import-job/" not in newer.event["PhysicalResourceId"]:
        return True
    return content_of(newer.properties) == content_of(older.properties)
