# SPDX-License-Identifier: Apache-2.0
"""What a rollback imports again, and whether it could."""

from typing import Any

import pytest

from dataset_import.decisions import can_restore
from dataset_import.jobs import Job
from dataset_import.restoring import jobs_to_restore, next_to_restore
from tests.handler.jobs import ADDED, FULL, NEW, OTHERS, description, job, job_of, name_of, wanted


@pytest.mark.parametrize(
    ("later", "left"),
    [
        ([], 2),
        ([job_of(FULL, 4, number=2)], 1),
        ([job_of(FULL, 4, number=2), OTHERS], 1),
        ([OTHERS], 2),
        ([job("other", 4)], None),
        ([job_of(FULL, 4, number=2), job("other", 5)], None),
    ],
    ids=["nothing yet", "the full data", "others added", "others added first", "replaced", "replaced after"],
)
def test_what_is_left_to_restore_follows_from_the_jobs(later: list[Job], left: int | None) -> None:
    """Nothing is, where another full import has come since."""
    replaced = [description(FULL), description(ADDED)]

    rest = jobs_to_restore(
        replaced, [job_of(FULL, 1), job_of(ADDED, 2), job_of(NEW, 3), *later], name_of(NEW)
    )

    assert rest == (None if left is None else replaced[2 - left :])


def test_nothing_is_restored_where_nothing_was_replaced() -> None:
    """The full import has failed."""
    assert jobs_to_restore([description(FULL)], [job_of(FULL, 1)], name_of(NEW)) is None


def test_what_others_have_brought_cannot_be_restored() -> None:
    """Of the last full import and of what was added since."""
    mine = wanted(NEW, ADDED, own=(name_of(FULL),))

    assert can_restore(mine, [])
    assert can_restore(mine, [job_of(FULL, 1)])
    assert can_restore(mine, [job("other", 0), job_of(FULL, 1)])
    assert not can_restore(mine, [job_of(FULL, 1), OTHERS])


THIRD = {**FULL, "Revision": "3"}


@pytest.mark.parametrize(
    ("replaced", "jobs", "restored"),
    [
        ([FULL], [job_of(FULL, 1)], None),
        ([FULL], [job_of(FULL, 1), job_of(NEW, 2)], 0),
        ([FULL], [job_of(FULL, 1), job_of(NEW, 2), job_of(FULL, 3, number=2)], None),
        ([FULL, ADDED], [job_of(FULL, 1), job_of(ADDED, 2), job_of(NEW, 3), job_of(FULL, 4, number=2)], 1),
        ([FULL], [job_of(FULL, 1), job_of(THIRD, 2), job_of(FULL, 3, prefix="renamed")], None),
        ([FULL, ADDED], [job_of(FULL, 1), job_of(ADDED, 2), job_of(FULL, 3, prefix="renamed")], 1),
        ([FULL], [job_of(FULL, 1), job_of(NEW, 2), job_of(THIRD, 3)], None),
        ([FULL], [job_of(FULL, 1), job_of(NEW, 2), job_of(THIRD, 3), job_of(NEW, 4, number=2)], 0),
    ],
    ids=[
        "nothing was replaced",
        "the full data",
        "everything is restored",
        "the addition after the full data",
        "the same full data",
        "the addition to the same full data",
        "another full import came since",
        "the own data was restored by the Delete of a later import",
    ],
)
def test_a_rollback_that_deletes_a_resource_restores_what_it_has_replaced(
    replaced: list[dict[str, Any]], jobs: list[Job], restored: int | None
) -> None:
    """The resource has imported the new data, whose job may have been run again since."""
    before = [description(properties) for properties in replaced]
    own = {name_of(NEW), name_of(FULL, prefix="renamed")}

    found = next_to_restore(before, jobs, own)

    assert found == (None if restored is None else before[restored])
