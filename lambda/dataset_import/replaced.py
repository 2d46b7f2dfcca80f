# SPDX-License-Identifier: Apache-2.0
"""What a full import replaces: described before it, and restored by the rollback of the Update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_import.jobs import JobDescription, current_jobs
from dataset_import.request import INCREMENTAL
from dataset_import.restoring import left_to_restore
from dataset_import.stack import is_rollback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataset_import.jobs import Dataset, Job
    from dataset_import.open_request import OpenRequest
    from dataset_import.personalize import Personalize
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
        if not is_rollback(self._open, self._stack):
            # A change by the user adds to the full data.
            self._open.note(switched_from=(), switched_by="")
            return ()
        replaced = [JobDescription.from_json(stored) for stored in record.switched_from]
        return left_to_restore(replaced, current_jobs(dataset, jobs), record.switched_by)
