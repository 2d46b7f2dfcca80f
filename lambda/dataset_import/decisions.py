# SPDX-License-Identifier: Apache-2.0
"""The next step towards a dataset with the wanted data: adopt a job, start one, wait or refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dataset_import.jobs import (
    ACTIVE,
    Dataset,
    Job,
    JobDescription,
    base_and_increments,
    current_jobs,
    has_fingerprint,
    has_prefix,
    next_name,
    repeats,
    restored_base,
    running_job,
)
from dataset_import.request import INCREMENTAL, fingerprint_of, mode_of, prefix_of, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dataset_import.request import ImportRequest


class Wanted(NamedTuple):
    """The data of a request, and what is known of the resource.

    Attributes:
        fingerprint: The fingerprint of the data.
        import_mode: Whether the data replaces what the dataset holds, or is added to it.
        prefix: The prefix of the job's name.
        old_fingerprint: The fingerprint of the data before an Update; empty for a Create.
        old_prefix: The prefix before an Update.
        own_jobs: The names of the jobs that the resource has started or adopted; None where the record does
            not say, so that the prefixes in the names decide.
        is_update: Whether the request is an Update of the data in the same dataset.
        is_switch: Whether it replaces by full data what the same import has added so far, and is no rollback.
        undoes_addition: Whether it is a rollback from what the same import has added to its full data.
        has_copies: Whether its data is, or was, in copies that are removed when their job has ended.
    """

    fingerprint: str
    import_mode: str
    prefix: str
    old_fingerprint: str = ""
    old_prefix: str = ""
    own_jobs: Collection[str] | None = ()
    is_update: bool = False
    is_switch: bool = False
    undoes_addition: bool = False
    has_copies: bool = False

    @property
    def replaces_others(self) -> bool:
        """Whether CloudFormation would not restore, by an Update, what a full import replaces.

        What looks like a rollback may be a late Update, whose own rollback is still to come.
        """
        is_to_full = self.is_switch or self.undoes_addition
        return self.import_mode != INCREMENTAL and (is_to_full or not self.is_update)

    def owns(self, job: Job) -> bool:
        """Whether a job is one of the resource's own."""
        if self.own_jobs is not None:
            return job.name in self.own_jobs
        return any(has_prefix(job, prefix) for prefix in (self.prefix, self.old_prefix) if prefix)


def wanted_by(
    request: ImportRequest,
    old: object,
    *,
    own_jobs: Collection[str] | None,
    is_rollback: bool,
    has_copies: bool = False,
) -> Wanted:
    """Return the data of a request. `old` are the properties before an Update, None for a Create."""
    is_update = old is not None and text_of(old, "DatasetArn") == request.dataset_arn
    is_switch = is_update and is_to_full(request, old)
    return Wanted(
        fingerprint=request.fingerprint,
        import_mode=request.import_mode,
        prefix=request.job_name_prefix,
        old_fingerprint=fingerprint_of(old) if old is not None else "",
        old_prefix=prefix_of(old),
        own_jobs=own_jobs,
        is_update=is_update,
        is_switch=is_switch and not is_rollback,
        undoes_addition=is_switch and is_rollback,
        has_copies=has_copies,
    )


def is_to_full(request: ImportRequest, old: object) -> bool:
    """Whether an Update changes the import mode from INCREMENTAL to FULL."""
    return mode_of(old) == INCREMENTAL != request.import_mode


def job_to_adopt(wanted: Wanted, current: Sequence[Job]) -> Job | None:
    """Return the job that has put the wanted data into the dataset, or is about to; None for no such job.

    The data is there unless a full import has replaced it since. Additions of others do not count: another
    import would delete them. Own additions count if the wanted data is full.
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
    has imported something else since, in an Update whose rollback was skipped. An addition stays where only
    other additions came after it, and a second one would double it.
    """
    has_added_since = False
    for job in reversed(current):
        if has_fingerprint(job, wanted.fingerprint):
            return job
        if wanted.owns(job):
            if {job.import_mode, wanted.import_mode} != {INCREMENTAL}:
                return None
            has_added_since = True
        elif has_added_since and job.import_mode != INCREMENTAL:
            return None
    return None


def can_restore(wanted: Wanted, current: Sequence[Job]) -> bool:
    """Whether what the dataset holds could be restored after a full import, for the rollback of a switch.

    Only what the resource has imported itself can be: of other jobs the handler may not pass the role. What
    it has imported from copies cannot be, for they are gone.
    """
    own = wanted.own_jobs or ()
    return not wanted.has_copies and all(
        # The rollback of another import may have run an own job again.
        wanted.owns(job) or any(repeats(job.name, name) for name in own)
        for job in base_and_increments(current)
    )


class Adopt(NamedTuple):
    """Follow an existing job with the wanted data."""

    job: Job


class Start(NamedTuple):
    """Start a job of this name; `again` is the earlier job that it repeats, if any."""

    name: str
    again: JobDescription | None = None


class WaitForTurn(NamedTuple):
    """Look again when the dataset may be free; `is_own` if it is a job of the resource that keeps it busy."""

    reason: str
    is_own: bool = False


class Refuse(NamedTuple):
    """Fail: `reason` is a clause, and `advice` a sentence."""

    reason: str
    advice: str


Step = Adopt | Start | WaitForTurn | Refuse

REFUSED_SWITCH = Refuse(
    "ImportMode cannot change from INCREMENTAL to FULL here, because a rollback could not restore what the "
    "dataset holds",
    "Use two imports into the dataset, one FULL and one INCREMENTAL that depends on it.",
)


def is_unreadable_after_rollback(
    wanted: Wanted, replaced: Sequence[JobDescription], old_location: str
) -> bool:
    """Whether a rollback of a switch could not read again what the switch replaces.

    The role of an import can read the location of the import and no other, so not the data that the same
    import has brought from an earlier location.
    """
    return wanted.is_switch and any(job.data_location != old_location for job in replaced)


def next_step(
    wanted: Wanted, dataset: Dataset, jobs: Sequence[Job], to_restore: Sequence[JobDescription] = ()
) -> Step:
    """Decide the next step towards a dataset with the wanted data.

    Args:
        wanted: The data, and what the resource has done before.
        dataset: The dataset.
        jobs: Its import jobs, and others whose names are taken.
        to_restore: What has yet to run again, because this request undoes the full import that replaced it.
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
    if adopted and not to_restore:
        return Adopt(adopted)
    running = running_job(current)
    if running:
        return WaitForTurn(f"{running.arn} is {running.status}.", wanted.is_update and wanted.owns(running))
    names = [job.name for job in jobs]
    if to_restore:
        return Start(next_name(restored_base(to_restore[0].name), names), again=to_restore[0])
    if wanted.is_switch and not can_restore(wanted, current):
        return REFUSED_SWITCH
    return Start(next_name(f"{wanted.prefix}-{wanted.fingerprint}", names))
