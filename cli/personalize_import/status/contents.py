# SPDX-License-Identifier: Apache-2.0
"""Pure functions: which job is a resource's own, and whether the dataset still holds its data.

The decisions about jobs are those of the handler.
"""

from __future__ import annotations

from collections.abc import Sequence

from personalize_import.status.handler_code import (
    FINGERPRINT_LENGTH,
    Dataset,
    Job,
    Record,
    base_and_increments,
    current_jobs,
    has_fingerprint,
    has_prefix,
    job_name,
    restored_base,
)


def own_job_name(record: Record | None, physical_id: str) -> str:
    """Return the name of the resource's last job; empty before it has chosen one.

    Args:
        record: The resource's record; None if there is none, as in a stack of an earlier handler, or if it
            may not be read.
        physical_id: The resource's physical id. If it is the ARN of a job, it is the first job of the
            resource in its dataset.
    """
    # If the resource still exists, the Delete was that of a replacement that was rolled back.
    if record is None or record.request.type == "Delete":
        return job_name(physical_id)
    if record.job_name or record.is_open:
        return record.job_name
    return record.jobs[-1] if record.jobs else job_name(record.physical_id or physical_id)


def own_job(record: Record | None, chosen: Job, jobs: Sequence[Job]) -> Job:
    """Return the resource's own job.

    If the record does not name the last job, it is the newest job in the record's list, or the newest one
    with the prefix of the chosen job.

    Args:
        record: The resource's record, if there is one.
        chosen: The job with the name of `own_job_name`.
        jobs: The jobs of its dataset.
    """
    if record and record.request.type != "Delete":
        return chosen
    own = [job for job in jobs if _is_own(job, record, chosen) and job.created >= chosen.created]
    return max([chosen, *own], key=lambda job: (not job.has_failed, job.created))


def _is_own(job: Job, record: Record | None, first: Job) -> bool:
    if record and record.jobs is not None:
        return job.name in record.jobs
    prefix, _ = _parts(first)
    return bool(prefix) and has_prefix(job, prefix)


def _parts(job: Job) -> tuple[str, str]:
    """Return prefix and fingerprint of a job's name; empty if the handler has not generated the name."""
    base = restored_base(job.name)
    prefix, fingerprint = base[: -FINGERPRINT_LENGTH - 1], base[-FINGERPRINT_LENGTH:]
    return (prefix, fingerprint) if prefix and has_prefix(job, prefix) else ("", "")


def job_with_data(own: Job, dataset: Dataset, jobs: Sequence[Job]) -> Job | None:
    """Return the job that has imported the resource's data into the dataset.

    It is the resource's own job, or one with the same data, because the rollback of another resource has
    imported the data again. None if the dataset does not hold the data.
    """
    held = _held(own, dataset, jobs)
    if own in held:
        return own
    _, fingerprint = _parts(own)
    again = [job for job in held if has_fingerprint(job, fingerprint)]
    return again[-1] if again else None


def replacing_job(own: Job, dataset: Dataset, jobs: Sequence[Job]) -> Job | None:
    """Return the full import that has replaced the data of the resource's own job; None if there is none."""
    if job_with_data(own, dataset, jobs):
        return None
    return next(iter(_held(own, dataset, jobs)), None)


def _held(own: Job, dataset: Dataset, jobs: Sequence[Job]) -> Sequence[Job]:
    """Return the jobs whose data is in the dataset. A running job has not replaced anything yet."""
    known = {job.arn: job for job in jobs} | {own.arn: own}  # the list may be outdated
    return base_and_increments(current_jobs(dataset, [job for job in known.values() if job.has_ended]))
