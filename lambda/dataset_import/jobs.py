# SPDX-License-Identifier: Apache-2.0
"""Import jobs as plain data, and the decisions about them: adopt one, start one, or wait."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dataset_import.request import FINGERPRINT_LENGTH, FULL, INCREMENTAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

ACTIVE = "ACTIVE"
CREATE_FAILED = "CREATE FAILED"
QUEUED = "QUEUED"
"""Of a job that Personalize does not have yet, because other imports have to end first."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """An import job as Personalize lists or describes it."""

    arn: str
    status: str
    created: datetime
    updated: datetime
    failure_reason: str = ""
    import_mode: str = FULL

    @property
    def name(self) -> str:
        """The job's name, which its ARN ends in."""
        return job_name(self.arn)

    @property
    def has_failed(self) -> bool:
        """Whether the job has ended without bringing its data, for whatever reason."""
        return self.status.endswith(("FAILED", "STOPPED"))

    @property
    def has_ended(self) -> bool:
        """Whether the status is final. A status that is not known counts as running."""
        return self.status == ACTIVE or self.has_failed


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """The dataset that receives the data."""

    arn: str
    status: str
    created: datetime

    @property
    def is_lost(self) -> bool:
        """Whether the dataset will never become ACTIVE."""
        return self.status.endswith("FAILED") or self.status.startswith("DELETE")


@dataclass(frozen=True, kw_only=True)
class JobDescription:
    """What is needed to run a job: as a request asks for it, or as an earlier job was run."""

    dataset_arn: str
    data_location: str
    role_arn: str
    import_mode: str
    publish_attribution_metrics_to_s3: bool
    tags: tuple[tuple[str, str], ...] = ()
    name: str = ""

    def to_json(self) -> Mapping[str, Any]:
        """Return the description as a record stores it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> JobDescription:
        """Read a description that a record has stored."""
        return cls(**{**stored, "tags": tuple((key, value) for key, value in stored["tags"])})


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The data that a request wants in the dataset, and what the resource has done before.

    Attributes:
        fingerprint: The fingerprint of the data.
        import_mode: Whether the data replaces what the dataset holds, or is added to it.
        prefix: The prefix of the job's name.
        old_fingerprint: The fingerprint of the data before an Update; empty for a Create.
        old_prefix: The prefix before an Update.
        own_jobs: The names of the jobs that the resource has started or adopted; None where the record does
            not say, so that the prefixes in the names decide.
        is_update: Whether the request is an Update of the data in the same dataset.
        is_switch: Whether it replaces by full data what the same import has added so far.
    """

    fingerprint: str
    import_mode: str
    prefix: str
    old_fingerprint: str = ""
    old_prefix: str = ""
    own_jobs: Collection[str] | None = ()
    is_update: bool = False
    is_switch: bool = False

    def owns(self, job: Job) -> bool:
        """Whether a job is one of the resource's own."""
        if self.own_jobs is not None:
            return job.name in self.own_jobs
        return any(has_prefix(job, prefix) for prefix in (self.prefix, self.old_prefix) if prefix)


def job_arn(dataset_arn: str, name: str) -> str:
    """Return the ARN that an import job of this name has, whether or not it exists yet."""
    return ":".join([*dataset_arn.split(":")[:5], f"dataset-import-job/{name}"])


def job_name(arn: str) -> str:
    """Return the name in an import job's ARN, or an empty string where `arn` is something else."""
    _, separator, name = arn.partition(":dataset-import-job/")
    return name if separator and arn.startswith("arn:") else ""


def has_fingerprint(job: Job, fingerprint: str) -> bool:
    """Whether a job brings the data that a fingerprint stands for, by its name."""
    return bool(fingerprint) and bool(re.fullmatch(rf".+-{fingerprint}-\d+", job.name))


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


def current_jobs(dataset: Dataset, jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs whose data is in the dataset, or is about to be, the newest last.

    A job older than the dataset filled an earlier one of its name.
    """
    kept = [job for job in jobs if not job.has_failed and job.created >= dataset.created]
    return sorted(kept, key=lambda job: (job.created, job.name))


def running_job(current: Sequence[Job]) -> Job | None:
    """Return the job that is filling the dataset; only its end decides what the dataset holds."""
    return current[-1] if current and not current[-1].has_ended else None


def base_and_increments(current: Sequence[Job]) -> Sequence[Job]:
    """Return the jobs that make up what the dataset holds: the last full import, and what was added since."""
    full = [number for number, job in enumerate(current) if job.import_mode != INCREMENTAL]
    return current[full[-1] :] if full else current


def job_to_adopt(wanted: Wanted, current: Sequence[Job]) -> Job | None:
    """Return the job that has put the wanted data into the dataset, or is about to; None for no such job.

    The data is there unless a full import has replaced it since. What others have added is no reason to
    replace it, and would be lost. What the resource itself has added is to be replaced by full data.
    """
    if wanted.old_fingerprint == wanted.fingerprint:
        return _kept_job(wanted, current)
    for job in reversed(current):
        if has_fingerprint(job, wanted.fingerprint):
            return job
        is_own = wanted.owns(job) or has_fingerprint(job, wanted.old_fingerprint)
        if job.import_mode != INCREMENTAL or (is_own and wanted.import_mode != INCREMENTAL):
            return None
    return None


def _kept_job(wanted: Wanted, current: Sequence[Job]) -> Job | None:
    """Return the resource's job where an Update leaves the data alone, such as one of the role only.

    Others may have imported since: that is no reason to replace their data. It is one if the resource itself
    has imported something else since, in an Update whose rollback was skipped.
    """
    for job in reversed(current):
        if has_fingerprint(job, wanted.fingerprint):
            return job
        if wanted.owns(job):
            return None
    return None


def jobs_to_restore(
    replaced: Sequence[JobDescription], current: Sequence[Job], replacing: str
) -> Sequence[JobDescription] | None:
    """Return the jobs that have yet to run again, so that the dataset holds what a full import has replaced.

    Args:
        replaced: What the dataset held before, the full import first.
        current: The jobs of the dataset.
        replacing: The name of the full import that has replaced it.

    Returns:
        The rest of them, the next one first; None where another full import has come since, or where that
        full import has brought nothing.
    """
    names = [job.name for job in current]
    if replacing not in names:
        return None
    rest = list(replaced)
    for job in current[names.index(replacing) + 1 :]:
        if rest and re.fullmatch(rf"{re.escape(restored_base(rest[0].name))}-\d+", job.name):
            rest.pop(0)
        elif job.import_mode != INCREMENTAL:
            return None
    return rest


def can_restore(wanted: Wanted, current: Sequence[Job]) -> bool:
    """Whether what the dataset holds could be restored after a full import, for the rollback of a switch.

    Only what the resource has imported itself can be: of other jobs the handler may not pass the role.
    """
    return all(wanted.owns(job) for job in base_and_increments(current))


@dataclass(frozen=True)
class Adopt:
    """Follow a job that brings the wanted data already."""

    job: Job


@dataclass(frozen=True)
class Start:
    """Start a job of this name; `again` is the earlier job that it repeats, if any."""

    name: str
    again: JobDescription | None = None


@dataclass(frozen=True)
class WaitForTurn:
    """Look again when the dataset may be free; `is_own` if it is a job of the resource that keeps it busy."""

    reason: str
    is_own: bool = False


@dataclass(frozen=True)
class Refuse:
    """Fail: `reason` is a clause, and `advice` a sentence."""

    reason: str
    advice: str


Step = Adopt | Start | WaitForTurn | Refuse


def next_step(
    wanted: Wanted, dataset: Dataset, jobs: Sequence[Job], replaced: Sequence[JobDescription] = ()
) -> Step:
    """Decide what is to be done so that the dataset holds the wanted data.

    Args:
        wanted: The data, and what the resource has done before.
        dataset: The dataset.
        jobs: Its import jobs, and others whose names are taken.
        replaced: What the dataset held before the full import that this request undoes.
    """
    if dataset.is_lost:
        return Refuse(
            f"the dataset is {dataset.status}",
            "Make the dataset again, under another name, and deploy again.",
        )
    if dataset.status != ACTIVE:
        return WaitForTurn(f"the dataset is {dataset.status}.")
    current = current_jobs(dataset, jobs)
    adopted = job_to_adopt(wanted, current)
    if adopted:
        return Adopt(adopted)
    running = running_job(current)
    if running:
        return WaitForTurn(f"{running.arn} is {running.status}.", wanted.is_update and wanted.owns(running))
    names = [job.name for job in jobs]
    undone = [job.name for job in current if has_fingerprint(job, wanted.old_fingerprint)]
    rest = jobs_to_restore(replaced, current, undone[-1]) if undone and replaced else None
    if rest:
        return Start(next_name(restored_base(rest[0].name), names), again=rest[0])
    is_new = not any(has_fingerprint(job, wanted.fingerprint) for job in jobs)
    if wanted.is_switch and is_new and not can_restore(wanted, current):
        return Refuse(
            "ImportMode cannot change from INCREMENTAL to FULL here, because a rollback could not restore "
            "what the dataset holds",
            "Use two imports into the dataset, one FULL and one INCREMENTAL that depends on it.",
        )
    return Start(next_name(f"{wanted.prefix}-{wanted.fingerprint}", names))
