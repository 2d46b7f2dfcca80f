# SPDX-License-Identifier: Apache-2.0
"""What a full import replaces: described before it, and restored by the rollback of the Update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_import.jobs import JobDescription, current_jobs, repeats
from dataset_import.request import INCREMENTAL
from dataset_import.restoring import left_to_restore
from dataset_import.stack import is_rollback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataset_import.jobs import Dataset, Job
    from dataset_import.open_request import OpenRequest
    from dataset_import.personalize import Personalize
    from dataset_import.record import Record
    from dataset_import.request import ImportRequest
    from dataset_import.stack import Stack


class Replaced:
    """The jobs of a dataset that an Update replaces, or has replaced.

    Args:
        request: What the Update asks for.
        open_request: The request.
        personalize: Describes jobs.
        stack: The stack of the request.
    """

    def __init__(
        self, request: ImportRequest, open_request: OpenRequest, personalize: Personalize, stack: Stack
    ) -> None:
        self._request = request
        self._open = open_request
        self._personalize = personalize
        self._stack = stack
        self._described: tuple[list[str], list[JobDescription]] = ([], [])

    def describe(self, dataset_arn: str, jobs: Sequence[Job]) -> list[JobDescription]:
        """Describe jobs once in an invocation: to describe many takes longer than a list stays fresh."""
        names = [job.name for job in jobs]
        if self._described[0] != names:
            self._described = names, self._personalize.descriptions(dataset_arn, jobs)
        return self._described[1]

    def left(self, dataset: Dataset, jobs: Sequence[Job]) -> Sequence[JobDescription]:
        """Return what has yet to run again to undo a switch to full data, the next job first.

        Args:
            dataset: The dataset.
            jobs: Its import jobs.
        """
        record = self._open.record
        if not record.switched_from or self._request.import_mode != INCREMENTAL:
            return ()
        state, states = record.request.properties, record.switched_states
        if state not in states:
            return ()
        if not is_rollback(self._open, self._stack):
            # A change by the user adds to the full data, and what follows may be rolled back to it.
            self._open.note(switched_states=tuple(each for each in states if each != state))
            return ()
        replaced = [JobDescription.from_json(stored) for stored in record.switched_from]
        current = current_jobs(dataset, jobs)
        return left_to_restore(replaced, current, _last_own(record, replaced, current))


def _last_own(record: Record, replaced: Sequence[JobDescription], current: Sequence[Job]) -> str:
    """Return the last full job of the resource: Updates without a rollback may have come after the switch."""
    names = [job.name for job in current]
    before = [names.index(lost.name) for lost in replaced if lost.name in names]
    # A switch whose job has failed has replaced nothing, but an Update after it may have.
    first = names.index(record.switched_by) if record.switched_by in names else max(before, default=-1) + 1
    own = [
        job.name
        for job in current[first:]
        if job.import_mode != INCREMENTAL
        and job.name in (record.jobs or ())
        and not any(repeats(job.name, lost.name) for lost in replaced)
    ]
    return own[-1] if own else record.switched_by
