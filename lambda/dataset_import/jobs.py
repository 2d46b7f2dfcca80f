# SPDX-License-Identifier: Apache-2.0
"""Import jobs as plain data, and the decisions about them. Nothing here has an effect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dataset_import.request import FINGERPRINT_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dataset_import.request import ImportRequest

ACTIVE = "ACTIVE"
CREATE_FAILED = "CREATE FAILED"
INCREMENTAL = "INCREMENTAL"
QUEUED = "QUEUED"
"""Of a job that Personalize does not have yet: other imports have to end first."""


class Job(NamedTuple):
    """An import job as Personalize lists or describes it."""

    arn: str
    status: str
    created: datetime
    updated: datetime
    failure_reason: str = ""
    import_mode: str = "FULL"

    @property
    def name(self) -> str:
        """The job's name, which its ARN ends in."""
        return job_name(self.arn)

    @property
    def has_failed(self) -> bool:
        """Whether Personalize has given up on the job; nothing has been imported then."""
        return self.status == CREATE_FAILED

    @property
    def has_ended(self) -> bool:
        """Whether the status is final. A status that is not known here counts as running."""
        return self.status in (ACTIVE, CREATE_FAILED)


class Dataset(NamedTuple):
    """The dataset that receives the data."""

    arn: str
    status: str
    created: datetime


def job_arn(dataset_arn: str, name: str) -> str:
    """The ARN that an import job of this name has, whether or not it exists yet."""
    return ":".join([*dataset_arn.split(":")[:5], f"dataset-import-job/{name}"])


def job_name(arn: str) -> str:
    """The name in an import job's ARN, or an empty string where `arn` is something else."""
    _, separator, name = arn.partition(":dataset-import-job/")
    return name if separator and arn.startswith("arn:") else ""


def holds_now(request: ImportRequest, dataset: Dataset, jobs: Iterable[Job]) -> Job | None:
    """The job that has put the requested data into the dataset, or is about to.

    That is the newest job that has not failed, if it carries the request's fingerprint. What an INCREMENTAL
    job has added is there for as long as all later jobs are INCREMENTAL, too: it would be there twice.
    """
    for job in reversed(_alive(dataset, jobs)):
        if brings(request.fingerprint, job):
            return job
        if {request.import_mode, job.import_mode} != {INCREMENTAL}:
            return None  # it has replaced what was there, or would have to be replaced
    return None


def still_holds(request: ImportRequest, dataset: Dataset, jobs: Iterable[Job], undone: str) -> Job | None:
    """The job whose data an Update goes back to, if the one that it undoes has brought nothing.

    What others have only added since then is no reason to replace the data, and would be lost.

    Args:
        request: The request.
        dataset: The dataset.
        jobs: Its jobs.
        undone: The fingerprint of the Update that is undone.
    """
    for job in reversed(_alive(dataset, jobs)):
        if brings(request.fingerprint, job):
            return job
        if job.import_mode != INCREMENTAL or brings(undone, job) or has_stem(job, request.job_name):
            return None
    return None


def brings(fingerprint: str, job: Job) -> bool:
    """Whether a job brings the data that a fingerprint stands for, by its name."""
    return bool(re.fullmatch(rf".+-{fingerprint}-\d+", job.name))


def running(dataset: Dataset, jobs: Iterable[Job]) -> Job | None:
    """The job that is filling the dataset at present: only its end tells what the dataset holds."""
    last = newest(dataset, jobs)
    return last if last and not last.has_ended else None


def has_stem(job: Job, stem: str) -> bool:
    """Whether a job's name was made from a stem."""
    return bool(re.fullmatch(rf"{re.escape(stem)}-[0-9a-f]{{{FINGERPRINT_LENGTH}}}-\d+", job.name))


def next_name(request: ImportRequest, taken: Iterable[str], stem: str = "") -> str:
    """The name of the next attempt: stem, fingerprint, and the attempt's number, counted from 1.

    Args:
        request: The request.
        taken: The names that are taken.
        stem: The stem of the name; left out, it is the request's.
    """
    name = f"{stem or request.job_name}-{request.fingerprint}-"
    attempt = re.compile(rf"{re.escape(name)}(\d+)")
    numbers = [int(match[1]) for match in map(attempt.fullmatch, taken) if match]
    return f"{name}{max(numbers, default=0) + 1}"


def newest(dataset: Dataset, jobs: Iterable[Job]) -> Job | None:
    """The newest job that has not failed. A job older than the dataset filled an earlier one of its name."""
    alive = _alive(dataset, jobs)
    return alive[-1] if alive else None


def _alive(dataset: Dataset, jobs: Iterable[Job]) -> list[Job]:
    """The jobs whose data has been in this dataset, or is to be, the newest last."""
    alive = [job for job in jobs if not job.has_failed and job.created >= dataset.created]
    return sorted(alive, key=lambda job: (job.created, job.name))
