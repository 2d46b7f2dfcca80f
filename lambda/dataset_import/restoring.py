# SPDX-License-Identifier: Apache-2.0
"""Which jobs run again when a rollback restores what a full import has replaced. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_import.jobs import fingerprint_in, has_fingerprint, name_has_fingerprint, repeats
from dataset_import.request import INCREMENTAL

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dataset_import.jobs import Job, JobDescription


def jobs_to_restore(
    replaced: Sequence[JobDescription], current: Sequence[Job], replacing: str
) -> Sequence[JobDescription] | None:
    """Return the jobs that have yet to run again, so that the dataset holds what a full import has replaced.

    Args:
        replaced: What the dataset held before, the full import first.
        current: The jobs of the dataset.
        replacing: The name of the full import that has replaced it.

    Returns:
        The rest of them, the next one first; None where another full import has come since, or if that
        full import has failed.
    """
    names = [job.name for job in current]
    if replacing not in names:
        return None
    rest = list(replaced)
    for job in current[names.index(replacing) + 1 :]:
        if rest and repeats(job.name, rest[0].name):
            rest.pop(0)
        elif job.import_mode != INCREMENTAL:
            return None
    return rest


def next_to_restore(
    replaced: Sequence[JobDescription], current: Sequence[Job], own: Collection[str]
) -> JobDescription | None:
    """Return the job to run again next, so that a rollback restores what a new resource has replaced.

    Args:
        replaced: What the dataset held before, the full import first.
        current: The jobs of the dataset.
        own: The names of the resource's own jobs.

    Returns:
        The job; None if nothing is left to restore, or if another full import has come since.
    """
    full = [
        job.name
        for job in current
        if job.import_mode != INCREMENTAL
        # The Delete of an import that has replaced an own job may have run that one again.
        and any(job.name == name or repeats(job.name, name) for name in own)
        and not any(repeats(job.name, lost.name) for lost in replaced)
    ]
    if not full:
        return None
    if name_has_fingerprint(full[-1], fingerprint_in(replaced[0].name)):
        replaced = replaced[1:]  # the same full data
    rest = jobs_to_restore(replaced, current, full[-1])
    return rest[0] if rest else None


def left_to_restore(
    undone_fingerprint: str, current: Sequence[Job], replaced: Sequence[JobDescription]
) -> Sequence[JobDescription] | None:
    """Return the jobs that have yet to run again, so that an Update from INCREMENTAL to FULL is undone.

    Args:
        undone_fingerprint: The fingerprint of the full data that the Update has imported.
        current: The jobs of the dataset.
        replaced: What the dataset held before, the full import first.

    Returns:
        The rest of them, the next one first; None as for `jobs_to_restore`.
    """
    undone = [job.name for job in current if has_fingerprint(job, undone_fingerprint)]
    if not undone or not replaced:
        return None
    if name_has_fingerprint(replaced[0].name, undone_fingerprint):
        replaced = replaced[1:]  # the full data that the Update has imported is that of before
    return jobs_to_restore(replaced, current, undone[-1])
