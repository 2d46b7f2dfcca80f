# SPDX-License-Identifier: Apache-2.0
"""What must hold whatever goes wrong, checked as things happen and when everything is over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_aws.personalize.state import ImportJob
    from tests.simulation.cloudformation import Request
    from tests.simulation.simulation import Simulation
    from tests.simulation.wait_condition import WaitCondition

MAX_BYTES = 4096
IN_FLIGHT = 30.0
"""Seconds that a call may still be under way when a newer request takes over."""

SIGNAL = {"Status", "Reason", "UniqueId", "Data"}
QUEUED_AFTER = 3300.0
"""Seconds before which no request is answered for being queued."""

RECENTLY = 300.0
"""Seconds before the end of CloudFormation's patience in which a fault excuses silence: no code could run."""


class Invariants:
    """Notices what must not be. `violations` lists it: the invariant, and what broke it."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.violations: list[tuple[str, str]] = []
        self.contents: dict[str, Content] = {}
        self.starters: dict[str, tuple[str, str]] = {}
        self.denials = False
        """Whether the handler lacks a permission: then a request may fail, and a Delete too."""

    # As things happen

    def started(self, request: Request, arn: str) -> None:
        """A job was started for a request: the first one, needed, and while the request is open."""
        now = self._simulation.kernel.now
        content = content_of(request.properties)
        newest = self._holder(request, before=arn)
        if request.started:
            self._violate("I2", f"{request.id} started {request.started[0]} and {arn}")
        # Somebody else's job that has just been started need not be listed yet.
        known = newest and (
            self.starters.get(newest.arn) == request.resource or now > newest.created + IN_FLIGHT
        )
        if newest and known and self.contents.get(newest.arn) == content:
            self._violate("I2", f"{request.id} started {arn}, but {newest.arn} had the same data")
        if (request.answered and not is_queued(request)) or now > ends_of(request):
            self._violate("I2", f"{request.id} started {arn} after its end")
        newer = [
            other
            for other in self._simulation.cloudformation.requests.values()
            if other.resource == request.resource
            and other.issued > request.issued
            and ends_imports(other, request)
        ]
        if newer and now > self._simulation.taken_over(newer[0]) + IN_FLIGHT:
            self._violate("I2", f"{request.id} started {arn} after {newer[0].id} had taken its place")
        request.started.append(arn)
        self.contents[arn] = content
        self.starters[arn] = request.resource

    def answered(self, request: Request, body: bytes, *, counts: bool) -> None:
        """An answer was stored."""
        answer = request.answers[-1]
        self._check_form(request, answer, body)
        first = request.answers[0]
        differs = any(answer[key] != first[key] for key in ("Status", "PhysicalResourceId"))
        # What is remembered of a request goes with its stack, and so does everybody who would listen.
        is_gone = request.resource[0].split("/")[1] not in self._simulation.scheduler.groups
        if differs and not is_gone:
            self._violate("I4", f"{request.id} was answered {first['Status']}, then {answer['Status']}")
        if not counts:
            return
        if answer["Status"] == "FAILED":
            self._check_failure(request, answer)
        elif request.type != "Delete":
            self._check_success(request, answer)

    def signalled(self, request: Request, condition: WaitCondition, body: bytes) -> None:
        """A wait condition was told how the import ended."""
        signal, first = condition.signals[-1], condition.signals[0]
        named = signal["Data"].endswith(f":dataset-import-job/{signal['UniqueId']}") and signal["UniqueId"]
        if not named or set(signal) != SIGNAL or len(body) > MAX_BYTES:
            self._violate("I4", f"{request.id} signalled {body.decode()}")
        if signal["Status"] != first["Status"] and not condition.is_over:
            self._violate("I4", f"{request.id} signalled {first['Status']}, then {signal['Status']}")
        if not request.answered and not request.closed:
            self._violate("I4", f"{request.id} signalled before its answer")
        job = self._simulation.personalize.model.state.jobs.get(signal["Data"])
        is_active = job and job.status(self._simulation.kernel.now) == "ACTIVE"
        if signal["Status"] == "SUCCESS":
            if not is_active or self.contents.get(signal["Data"]) != content_of(request.properties):
                self._violate("I1", f"{request.id} signalled that {signal['Data']} is ACTIVE")
        elif not self._has_cause(request, signal["Reason"], longest=float("inf")):
            self._violate("I1", f"{request.id} signalled a failure without a cause: {signal['Reason']}")

    def unsignalled(self, request: Request) -> None:
        """A wait condition lost its patience."""
        last = self._simulation.journal.last_fault.get(request.id, float("-inf"))
        if last < self._simulation.kernel.now - RECENTLY:
            self._violate("I5", f"{request.id} was not signalled in time")

    def unanswered(self, request: Request) -> None:
        """CloudFormation lost its patience."""
        last = self._simulation.journal.last_fault.get(request.id, float("-inf"))
        # Faults to the end of each delivery: there is no schedule, and AWS Lambda tries no more.
        had_no_chance = last > 0 and self._simulation.taken_over(request) == float("inf")
        if last < request.patience_ends - RECENTLY and not had_no_chance:
            self._violate("I5", f"{request.id} was not answered in time")

    def logged(self, message: str) -> None:
        """Something was written to the log."""
        if "X-Amz-Signature" in message:
            self._violate("I6", f"the log has {message}")

    # When everything is over

    def settled(self) -> None:
        """Minutes after the last request: nothing polls any more, but where a call failed to stop it."""
        now = self._simulation.kernel.now
        for schedule in self._simulation.scheduler.schedules():
            if schedule.starts < now < schedule.ends and not self._simulation.journal.faults:
                self._violate("I3", f"the schedule of {schedule.event['RequestId']} still ticks")

    def over(self) -> None:
        """Hours after the last request: nothing is left."""
        for schedule in self._simulation.scheduler.schedules():
            self._violate("I3", f"the schedule of {schedule.event['RequestId']} is left")

    # What they share

    def _violate(self, invariant: str, what: str) -> None:
        self._simulation.journal.tell("invariant", f"{invariant} VIOLATED: {what}")
        self.violations.append((invariant, what))

    def _check_form(self, request: Request, answer: dict[str, Any], body: bytes) -> None:
        copied = ("RequestId", "StackId", "LogicalResourceId")
        wrong = [key for key in copied if answer[key] != request.event[key]]
        if answer["Status"] not in ("SUCCESS", "FAILED"):
            wrong.append("Status")
        physical_id = answer["PhysicalResourceId"]
        if not isinstance(physical_id, str) or not 0 < len(physical_id) <= 1024 or physical_id == "True":
            wrong.append("PhysicalResourceId")
        old = request.event.get("PhysicalResourceId")
        stays = answer["Status"] == "FAILED" or request.type == "Delete" or keeps_dataset(request)
        if old and old != physical_id and stays:
            wrong.append("PhysicalResourceId of a resource that stays")
        if answer["Status"] == "FAILED" and not answer["Reason"]:
            wrong.append("Reason")
        if answer["Status"] == "FAILED" and answer["Data"]:
            wrong.append("Data")
        if len(body) > MAX_BYTES or json.loads(body.decode()) != answer:
            wrong.append("body")
        if wrong:
            self._violate("I4", f"{request.id} was answered with a wrong {', '.join(wrong)}")

    def _check_success(self, request: Request, answer: dict[str, Any]) -> None:
        now = self._simulation.kernel.now
        state = self._simulation.personalize.model.state
        arn = answer["Data"].get("DatasetImportJobArn")
        job = state.jobs.get(arn)
        properties = request.properties
        if not keeps_dataset(request) and answer["PhysicalResourceId"] != arn:
            self._violate("I4", f"{request.id}: the id of a new resource is {answer['PhysicalResourceId']}")
        if job is None and is_queued(request) and now >= request.issued + QUEUED_AFTER:
            return
        if job is None:
            self._violate("I1", f"{request.id}: there is no job {arn}")
            return
        waits = properties.get("Wait", "true") == "true" and not request.has_new_wait
        # A rollback that cannot wait any longer may succeed with the job running: failing would get it stuck.
        is_late = request.goes_back and now >= request.issued + min(float(properties["Timeout"]), 3480.0) - 1
        if waits and job.status(now) != "ACTIVE" and not is_late:
            self._violate("I1", f"{request.id}: {job.arn} is {job.status(now)}")
        if self.contents.get(job.arn) != content_of(properties):
            self._violate("I1", f"{request.id}: {job.arn} holds something else")
        dataset = state.datasets.get(job.dataset_arn)
        if dataset and job.created < dataset.created:
            self._violate("I1", f"{request.id}: {job.arn} is older than its dataset")
        newest = self._newest(job.dataset_arn)
        ours = newest and self.starters.get(newest.arn) == request.resource
        later = newest and newest.created > job.created
        added = self._holder(request) == job
        if newest and ours and later and not added and self.contents[newest.arn] != content_of(properties):
            self._violate("I1", f"{request.id}: {newest.arn} came after {job.arn}")
        data = answer["Data"]
        if data.get("DatasetImportJobArn") != job.arn or data.get("DatasetArn") != job.dataset_arn:
            self._violate("I4", f"{request.id}: the attributes are {data}")

    def _check_failure(self, request: Request, answer: dict[str, Any]) -> None:
        reason, properties = answer["Reason"], request.properties
        if request.type == "Delete":
            if not self.denials:
                self._violate("I5", f"{request.id}: a Delete failed: {reason}")
            return
        if not self._has_cause(request, reason) and not self.denials:
            self._violate("I1", f"{request.id} failed without a cause: {reason}")
        named = (properties.get("DatasetArn"), properties.get("DataSource", {}).get("DataLocation"))
        if all(named) and not (
            reason.startswith(("The import of ", "The request for the import of "))
            and all(name in reason for name in named if name)
        ):
            self._violate("I4", f"{request.id}: the reason names no import: {reason}")

    def _has_cause(self, request: Request, reason: str, longest: float = 3480.0) -> bool:
        """Whether Personalize said no, the job failed, or the time was over."""
        now = self._simulation.kernel.now
        jobs = self._simulation.personalize.model.state.jobs.values()
        failed = [job for job in jobs if job.status(now) == "CREATE FAILED" and job.arn in reason]
        timeout = min(float(request.properties.get("Timeout", 3600)), longest)
        # Faults to the end of the last invocation: nobody would have gone on, so nothing was started.
        last = self._simulation.journal.last_fault.get(request.id, float("-inf"))
        not_followed = "could not be followed" in reason and not request.started and now - last < 30
        return bool(failed) or request.refusals > 0 or now >= request.issued + timeout - 1 or not_followed

    def _holder(self, request: Request, before: str = "") -> ImportJob | None:
        """The job whose data is in the dataset: the newest, or the request's if it has only been added to.

        That is so where both are increments. Where the request goes back to a full import, nobody but others
        may have added something: what its own resource has added or taken for its own is to be replaced.
        """
        jobs = self._alive(request.properties["DatasetArn"], before)
        for job in reversed(jobs):
            if self.contents.get(job.arn) == content_of(request.properties):
                return job
            is_undone = self.contents.get(job.arn) == content_of(
                request.event.get("OldResourceProperties", {})
            )
            is_others = self.starters.get(job.arn) != request.resource and not is_undone
            stays = request.properties.get("ImportMode") == "INCREMENTAL" or (
                request.type == "Update" and is_others
            )
            if job.import_mode != "INCREMENTAL" or not stays:
                break
        return jobs[-1] if jobs else None

    def _newest(self, dataset_arn: str) -> ImportJob | None:
        jobs = self._alive(dataset_arn)
        return jobs[-1] if jobs else None

    def _alive(self, dataset_arn: str, before: str = "") -> list[ImportJob]:
        """The jobs in the present dataset that have not failed, the newest last."""
        now = self._simulation.kernel.now
        state = self._simulation.personalize.model.state
        dataset = state.datasets.get(dataset_arn)
        jobs = [
            job
            for job in state.jobs.values()
            if job.dataset_arn == dataset_arn
            and job.arn != before
            and job.status(now) != "CREATE FAILED"
            and dataset
            and job.created >= dataset.created
        ]
        return sorted(jobs, key=lambda job: job.created)


Content = tuple[object, ...]


def content_of(properties: dict[str, Any]) -> Content:
    """What a dataset holds after an import of these properties."""
    return (
        properties.get("DatasetArn"),
        properties.get("DataSource", {}).get("DataLocation"),
        properties.get("ImportMode"),
        properties.get("PublishAttributionMetricsToS3"),
        properties.get("Revision"),
    )


def keeps_dataset(request: Request) -> bool:
    """Whether an Update imports into the dataset of before, so that the resource stays what it is."""
    old = request.event.get("OldResourceProperties")
    return bool(old and old.get("DatasetArn") == request.properties.get("DatasetArn"))


def is_queued(request: Request) -> bool:
    """Whether a request has been answered before Personalize had its job."""
    answer = request.answer
    may_be = request.has_new_wait or request.goes_back
    return bool(answer and may_be and answer["Data"].get("Status") == "QUEUED")


def ends_of(request: Request) -> float:
    """Until when a request may start its job."""
    if is_queued(request):
        return request.issued + float(request.properties["Timeout"])
    return request.patience_ends


def ends_imports(newer: Request, older: Request) -> bool:
    """Whether a request takes the place of an earlier import: it is one, or the end of it."""
    if newer.type != "Delete" or ":dataset-import-job/" not in newer.event["PhysicalResourceId"]:
        return True
    return content_of(newer.properties) == content_of(older.properties)
