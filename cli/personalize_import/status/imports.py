# SPDX-License-Identifier: Apache-2.0
"""Pure functions: the state of an import, derived from its evidence."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from personalize_import.status.contents import replacing_job
from personalize_import.status.handler_code import ACTIVE, Dataset, Job, job_name

MOST_UNFINISHED = 5
"""Pending or in-progress import jobs per account and region.

https://docs.aws.amazon.com/personalize/latest/dg/limits.html
"""

_DATASET = re.compile(r"arn:[a-z\d-]+:personalize:[^:\s]*:[^:\s]*:dataset/[\w/-]+")


class ImportState(enum.StrEnum):
    """The state of an import."""

    NOT_BEGUN = "not begun"
    STARTING = "starting"
    WAITING_FOR_DATASET = "waiting for the dataset"
    WAITING_FOR_OTHER_IMPORT = "waiting for another import"
    QUEUED = "queued for the quota"
    WAITING_FOR_ACCESS = "waiting for access"
    COPYING = "copying the data"
    IMPORTING = "importing"
    DELETING = "deleting"
    ACTIVE = "active"
    REPLACED = "replaced"
    DATASET_NEWER = "dataset newer"
    DATASET_GONE = "dataset gone"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"

    @property
    def has_ended(self) -> bool:
        """Whether the state stays until the next deployment or import."""
        return self in _ENDED

    @property
    def has_failed(self) -> bool:
        """Whether the deployment of the import has failed."""
        return self in (ImportState.FAILED, ImportState.ROLLED_BACK)

    @property
    def is_outdated(self) -> bool:
        """Whether the import has succeeded, but the dataset no longer holds its data."""
        return self in _OUTDATED


_OUTDATED = (ImportState.REPLACED, ImportState.DATASET_NEWER, ImportState.DATASET_GONE)
_ENDED = (ImportState.ACTIVE, ImportState.FAILED, ImportState.ROLLED_BACK, *_OUTDATED)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The information in AWS about one import.

    Attributes:
        stack: The name of its stack.
        logical_id: Its logical id.
        path: Its construct path; its logical id if the path is not known.
        resource_status: Its status in CloudFormation; empty before CloudFormation has started with it.
        resource_reason: The reason of that status.
        physical_id: Its physical id: the ARN of a job, which Personalize may have refused, or an id that
            CloudFormation has generated.
        began: When the current or last operation began.
        updated: When the resource reached its status.
        is_reached: Whether the current deployment has reached it.
        is_rolled_back: Whether it was created in a deployment that is rolled back.
        is_open: Whether the handler's request is still open. It may have been answered.
        is_copying: Whether the handler is copying its files.
        is_refused: Whether Personalize has refused the last call to start its job.
        waiting_reason: The service's reason why its job has not started.
        dataset_arn: Its dataset, if it is known.
        job_arn: Its own job, if the name is chosen. The job may not exist.
        job: Its own job, if it exists.
        dataset: The dataset, if it exists and may be read.
        is_dataset_gone: Whether the dataset does not exist.
        jobs: The import jobs of the dataset.
        jobs_of_account: The number of unfinished import jobs in account and region. It is read only if
            nothing else delays the import.
    """

    stack: str
    logical_id: str
    path: str
    resource_status: str
    began: datetime
    updated: datetime
    resource_reason: str = ""
    physical_id: str = ""
    is_reached: bool = True
    is_rolled_back: bool = False
    is_open: bool = False
    is_copying: bool = False
    is_refused: bool = False
    waiting_reason: str = ""
    dataset_arn: str = ""
    job_arn: str = ""
    job: Job | None = None
    dataset: Dataset | None = None
    is_dataset_gone: bool = False
    jobs: Sequence[Job] = ()
    jobs_of_account: int = 0


@dataclass(frozen=True, kw_only=True)
class ImportStatus:
    """The status of one import.

    Attributes:
        stack: The name of the stack.
        logical_id: The import's logical id.
        path: The path of its construct; its logical id if the path is not known.
        dataset: The dataset as GROUP/TYPE; empty if it is not known.
        job: The job's name; empty before it has one.
        job_arn: The job's ARN.
        state: The state.
        elapsed: The time that it has waited or run; if it has ended, its duration.
        reason: Why it failed or waits, or what has replaced its data.
        link: The page of the dataset group in the console.
    """

    stack: str
    logical_id: str
    path: str
    state: ImportState
    elapsed: timedelta
    dataset: str = ""
    job: str = ""
    job_arn: str = ""
    reason: str = ""
    link: str = ""


def derive_status(evidence: Evidence, now: datetime) -> ImportStatus:
    """Derive the status of an import from its evidence."""
    state = _state(evidence)
    is_known = state is not ImportState.NOT_BEGUN  # the previous job is not part of this deployment
    dataset_arn = evidence.dataset_arn or _dataset_named_in(evidence.resource_reason)
    job_arn = evidence.job_arn if is_known else ""
    return ImportStatus(
        stack=evidence.stack,
        logical_id=evidence.logical_id,
        path=evidence.path,
        dataset=dataset_arn.partition(":dataset/")[2],
        job=job_name(job_arn),
        job_arn=job_arn,
        state=state,
        elapsed=_elapsed(evidence, state, now),
        reason=_reason(evidence, state),
        link=console_link(dataset_arn),
    )


def _state(evidence: Evidence) -> ImportState:
    state = _own_state(evidence)
    return state if evidence.is_reached or not state.has_ended else ImportState.NOT_BEGUN


def _own_state(evidence: Evidence) -> ImportState:
    status, job = evidence.resource_status, evidence.job
    if not status:
        return ImportState.NOT_BEGUN
    if status.endswith("_FAILED"):
        return ImportState.FAILED
    if evidence.is_rolled_back:
        return ImportState.ROLLED_BACK
    if status.startswith("DELETE"):
        return ImportState.DELETING
    if job:
        if job.has_failed:
            return ImportState.FAILED
        return _state_of_data(evidence, job) if job.has_ended else ImportState.IMPORTING
    if evidence.is_open or status.endswith("_IN_PROGRESS"):
        return _waiting_state(evidence)
    return ImportState.DATASET_GONE if evidence.is_dataset_gone else ImportState.FAILED


def _state_of_data(evidence: Evidence, job: Job) -> ImportState:
    """Return the state of the data of a job that has succeeded."""
    if evidence.is_dataset_gone:
        return ImportState.DATASET_GONE
    if evidence.dataset and job.created < evidence.dataset.created:
        return ImportState.DATASET_NEWER
    if evidence.dataset and replacing_job(job, evidence.dataset, evidence.jobs):
        return ImportState.REPLACED
    return ImportState.ACTIVE


def _waiting_state(evidence: Evidence) -> ImportState:
    if evidence.is_copying:
        return ImportState.COPYING
    if evidence.is_refused:
        return ImportState.WAITING_FOR_ACCESS
    if not evidence.is_open or not evidence.dataset:
        return ImportState.STARTING
    if evidence.dataset.status != ACTIVE:
        return ImportState.WAITING_FOR_DATASET
    if any(not job.has_ended for job in evidence.jobs):
        return ImportState.WAITING_FOR_OTHER_IMPORT
    return ImportState.QUEUED if evidence.jobs_of_account >= MOST_UNFINISHED else ImportState.STARTING


def _elapsed(evidence: Evidence, state: ImportState, now: datetime) -> timedelta:
    job = evidence.job
    if job and state not in (ImportState.NOT_BEGUN, ImportState.DELETING):
        has_failed_before = evidence.resource_status.endswith("_FAILED") and not job.has_ended
        ended = evidence.updated if has_failed_before else job.updated
        return max((ended if state.has_ended else now) - job.created, timedelta())
    return max((evidence.updated if state.has_ended else now) - evidence.began, timedelta())


def _reason(evidence: Evidence, state: ImportState) -> str:
    job = evidence.job
    if state is ImportState.FAILED:
        if evidence.resource_status.endswith("_FAILED") and evidence.resource_reason:
            return evidence.resource_reason
        if job:
            return job.failure_reason or f"Its status is {job.status}."
        return "Personalize has no such job."
    if state is ImportState.REPLACED and job and evidence.dataset:
        by = replacing_job(job, evidence.dataset, evidence.jobs)
        return f"replaced since by {by.name}" if by else ""
    if state is ImportState.DATASET_NEWER:
        return "the dataset is newer than the job"
    if state is ImportState.DATASET_GONE:
        return "the dataset does not exist"
    if state is ImportState.NOT_BEGUN or state.has_ended or job:
        return ""
    return evidence.waiting_reason


def _dataset_named_in(reason: str) -> str:
    """Return the dataset that the reason of a failure names. The handler's reasons name it first."""
    found = _DATASET.search(reason)
    return found[0] if found else ""


def console_link(dataset_arn: str) -> str:
    """Return the console page of the dataset's group; empty if the ARN is not that of a dataset."""
    if not _DATASET.fullmatch(dataset_arn):
        return ""
    _, partition, _, region, account, resource = dataset_arn.split(":")
    group = resource.split("/")[1]
    domains = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
    host = domains.get(partition, "console.aws.amazon.com")
    fragment = f"arn:{partition}:personalize:{region}:{account}:dataset-group${group}/setup"
    return f"https://{region}.{host}/personalize/home?region={region}#{fragment}"
