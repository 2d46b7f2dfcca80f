# SPDX-License-Identifier: Apache-2.0
"""Import jobs and datasets as plain data, and what is in their names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dataset_import.request import FINGERPRINT_LENGTH, FULL, INCREMENTAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dataset_import.request import ImportRequest

ACTIVE = "ACTIVE"
RUNNING = ("CREATE PENDING", "CREATE IN_PROGRESS")
CREATE_FAILED = "CREATE FAILED"
QUEUED = "QUEUED"
"""The status of a job that does not exist yet, because other imports have to end first."""


class Job(NamedTuple):
    """An import job as Personalize lists or describes it; the list of a dataset leaves its ARN out."""

    arn: str
    status: str
    created: datetime
    updated: datetime
    failure_reason: str = ""
    import_mode: str = FULL
    dataset_arn: str = ""

    @property
    def name(self) -> str:
        """The job's name, which its ARN ends in."""
        return job_name(self.arn)

    @property
    def has_failed(self) -> bool:
        """Whether the job has ended without importing its data, for any reason."""
        return self.status.endswith(("FAILED", "STOPPED"))

    @property
    def has_ended(self) -> bool:
        """Whether the status is final. An unknown status counts as running."""
        return self.status == ACTIVE or self.has_failed


def undescribed(arn: str, status: str, now: float) -> Job:
    """Return a job that Personalize does not describe: it is queued, or was deleted with its dataset."""
    when = datetime.fromtimestamp(now, UTC)
    return Job(arn=arn, status=status, created=when, updated=when)


class Dataset(NamedTuple):
    """The dataset that receives the data."""

    arn: str
    status: str
    created: datetime

    @property
    def is_lost(self) -> bool:
        """Whether the dataset will never become ACTIVE."""
        return self.status.endswith("FAILED") or self.status.startswith("DELETE")


class JobDescription(NamedTuple):
    """What is needed to run a job: as a request asks for it, or as an earlier job was run."""

    dataset_arn: str
    data_location: str
    role_arn: str
    import_mode: str
    publish_attribution_metrics_to_s3: bool
    tags: tuple[tuple[str, str], ...] = ()
    name: str = ""

    @classmethod
    def of(cls, request: ImportRequest) -> JobDescription:
        """Return what a request asks for."""
        return cls(
            dataset_arn=request.dataset_arn,
            data_location=request.data_location,
            role_arn=request.role_arn,
            import_mode=request.import_mode,
            publish_attribution_metrics_to_s3=request.publish_attribution_metrics_to_s3,
            tags=request.tags,
        )

    def to_json(self) -> Mapping[str, Any]:
        """Return the description as a record stores it."""
        return self._asdict()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> JobDescription:
        """Read a description that a record has stored."""
        return cls(**{**stored, "tags": tuple((key, value) for key, value in stored["tags"])})


def job_arn(dataset_arn: str, name: str) -> str:
    """Return the ARN that an import job of this name has, whether or not it exists yet."""
    return ":".join([*dataset_arn.split(":")[:5], f"dataset-import-job/{name}"])


def job_name(arn: str) -> str:
    """Return the name in an import job's ARN, or an empty string where `arn` is something else."""
    _, separator, name = arn.partition(":dataset-import-job/")
    return name if separator and arn.startswith("arn:") else ""


def has_fingerprint(job: Job, fingerprint: str) -> bool:
    """Whether a job imports the data of a fingerprint, by its name."""
    return name_has_fingerprint(job.name, fingerprint)


def name_has_fingerprint(name: str, fingerprint: str) -> bool:
    """Whether the job of a name imports the data of a fingerprint."""
    return bool(fingerprint) and bool(re.fullmatch(rf".+-{fingerprint}-\d+", name))


def fingerprint_in(name: str) -> str:
    """Return the fingerprint in the name of a job; empty for a job that no import has started."""
    match = re.fullmatch(rf".+-([0-9a-f]{{{FINGERPRINT_LENGTH}}})-\d+", name)
    return match[1] if match else ""


def has_prefix(job: Job, prefix: str) -> bool:
    """Whether a job's name was made from a prefix."""
    return bool(re.fullmatch(rf"{re.escape(prefix)}-[0-9a-f]{{{FINGERPRINT_LENGTH}}}-\d+", job.name))


def next_name(base: str, taken: Iterable[str]) -> str:
    """Return the next free name: the base, and the number of the attempt, counted from 1."""
    attempt = re.compile(rf"{re.escape(base)}-(\d+)")
    numbers = [int(match[1]) for match in map(attempt.fullmatch, taken) if match]
    return f"{base}-{max(numbers, default=0) + 1}"


def restored_base(name: str) -> str:
    """Return the base of the names under which an earlier job is run again."""
    match = re.fullmatch(rf"(.+-[0-9a-f]{{{FINGERPRINT_LENGTH}}})-\d+", name)
    return match[1] if match else f"{name[:45]}-restored"


def repeats(name: str, earlier: str) -> bool:
    """Whether a name was made for a job that runs an earlier one again."""
    return bool(re.fullmatch(rf"{re.escape(restored_base(earlier))}-\d+", name))


def current_jobs(dataset: Dataset, jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs whose data is in the dataset, or is about to be, the newest last.

    A job older than the dataset filled an earlier one of its name. One that was looked up by its name may
    have filled another dataset, of which the resource was before.
    """
    kept = [
        job
        for job in jobs
        if not job.has_failed and job.created >= dataset.created and job.dataset_arn in ("", dataset.arn)
    ]
    return sorted(kept, key=lambda job: (job.created, job.name))


def running_job(current: Sequence[Job]) -> Job | None:
    """Return the job that is filling the dataset; only its end decides what the dataset holds."""
    return current[-1] if current and not current[-1].has_ended else None


def base_and_increments(current: Sequence[Job]) -> Sequence[Job]:
    """Return the jobs that make up what the dataset holds: the last full import, and what was added since."""
    full = [number for number, job in enumerate(current) if job.import_mode != INCREMENTAL]
    return current[full[-1] :] if full else current


def held_before(current: Sequence[Job], issued: float) -> Sequence[Job]:
    """Return the jobs that made up what the dataset held when a request was issued.

    A full import that began later belongs to the same deployment, and a rollback takes it back as well.
    """
    held = base_and_increments(current)
    if held and held[0].import_mode != INCREMENTAL and held[0].created.timestamp() >= issued:
        return base_and_increments([job for job in current if job.created.timestamp() < issued])
    return held
