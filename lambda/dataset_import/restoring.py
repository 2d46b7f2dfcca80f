# SPDX-License-Identifier: Apache-2.0
"""Which jobs run again when a rollback restores what a full import has replaced. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_import.jobs import fingerprint_in, name_has_fingerprint, repeats
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
    rest = left_to_restore(replaced, current, full[-1])
    return rest[0] if rest else None


def left_to_restore(
    replaced: Sequence[JobDescription], current: Sequence[Job], replacing: str
) -> Sequence[JobDescription]:
    """Return the jobs that have yet to run again, so that a full import is undone.

    Args:
        replaced: What the dataset held before, the full import first.
        current: The jobs of the dataset.
        replacing: The name of the full import that has replaced it.

    Returns:
        The rest of them, the next one first; none in the cases in which `jobs_to_restore` returns None.
    """
    if name_has_fingerprint(replaced[0].name, fingerprint_in(replacing)):
        replaced = replaced[1:]  # the same full data
    return jobs_to_restore(replaced, current, replacing) or ()
