# SPDX-License-Identifier: Apache-2.0
"""Whether the dataset holds the wanted data already, and by which job."""

from typing import Any

import pytest

from dataset_import.decisions import job_to_adopt
from dataset_import.jobs import Job
from tests.handler.jobs import ADDED, FULL, NEW, OTHERS, job, job_of, name_of, wanted

OLD_PREFIX = {**FULL, "JobNamePrefix": "before"}


@pytest.mark.parametrize(
    ("current", "adopted"),
    [
        ([], None),
        ([job_of(FULL, 1)], 0),
        ([job_of(FULL, 1, prefix="other")], 0),
        ([job_of(FULL, 1, "CREATE PENDING")], 0),
        ([job_of(NEW, 1)], None),
        ([job_of(FULL, 1), job_of(NEW, 2)], None),
        ([job_of(NEW, 1), job_of(FULL, 2)], 1),
        ([job_of(FULL, 1), OTHERS], 0),
        ([job_of(FULL, 1), job_of(FULL, 2, number=2)], 1),
    ],
)
def test_a_create_adopts_the_job_whose_data_is_there(current: list[Job], adopted: int | None) -> None:
    """Whatever its prefix. A full import since has replaced it; an addition of others has not."""
    assert job_to_adopt(wanted(FULL), current) == (None if adopted is None else current[adopted])


@pytest.mark.parametrize(
    ("later", "is_there"),
    [
        ([], True),
        ([OTHERS], True),
        ([job_of({**ADDED, "Revision": "9"}, 3)], True),
        ([job("other", 3)], False),
        ([job("other", 3), OTHERS], False),
    ],
    ids=["nothing", "others added", "the resource added", "replaced", "replaced, then added to"],
)
def test_an_addition_is_there_until_a_full_import_replaces_it(later: list[Job], is_there: bool) -> None:
    """To add it again would double it, even where the resource has added more since."""
    added = job_of(ADDED, 2)
    own = {each.name for each in later}

    assert job_to_adopt(wanted(ADDED, own=own), [job_of(NEW, 1), added, *later]) == (
        added if is_there else None
    )


@pytest.mark.parametrize(
    ("later", "own", "is_there"),
    [
        ([OTHERS], (), True),
        ([job_of(ADDED, 3)], (name_of(ADDED),), False),
        ([job_of(ADDED, 3)], (), False),
        ([job_of({**ADDED, "Revision": "9"}, 3)], (), True),
    ],
    ids=["others added", "the resource added", "the undone update added", "another resource added"],
)
def test_full_data_replaces_what_the_resource_itself_has_added(
    later: list[Job], own: tuple[str, ...], is_there: bool
) -> None:
    """A rollback from an addition to full data restores the full data."""
    first = job_of(FULL, 1)

    assert job_to_adopt(wanted(FULL, ADDED, own=own), [first, *later]) == (first if is_there else None)


@pytest.mark.parametrize(
    ("later", "own", "is_kept"),
    [
        ([], (), True),
        ([job("other", 3)], (), True),
        ([job_of(NEW, 3)], (name_of(NEW),), False),
        ([job_of(NEW, 3)], (), True),
        ([job_of(NEW, 3)], None, False),
        ([job_of(NEW, 3, prefix="before")], None, False),
        ([job_of(NEW, 3, prefix="other")], None, True),
    ],
    ids=[
        "nothing",
        "others imported",
        "it imported",
        "not its own",
        "by prefix",
        "old prefix",
        "other prefix",
    ],
)
def test_an_update_that_leaves_the_data_alone_keeps_the_resources_job(
    later: list[Job], own: Any, is_kept: bool
) -> None:
    """Even if others have imported since; not if the resource itself has, before a skipped rollback."""
    first = job_of(FULL, 1)

    found = job_to_adopt(wanted(FULL, OLD_PREFIX, own=own), [first, *later])

    assert found == (first if is_kept else None)


def test_a_replaced_addition_is_added_again_if_the_resource_has_added_something_else_since() -> None:
    """An Update whose rollback was skipped has added that. Its rollback would add the old data again."""
    changed = {**ADDED, "Revision": "9"}
    own = (name_of(ADDED), name_of(changed))
    jobs = [job_of(FULL, 1), job_of(ADDED, 2), job_of(NEW, 3, prefix="other"), job_of(changed, 4)]

    assert job_to_adopt(wanted(ADDED, ADDED, own=own), jobs) is None


@pytest.mark.parametrize("later", [[], [job_of({**ADDED, "Revision": "9"}, 3)]], ids=["alone", "more added"])
def test_an_update_that_leaves_an_addition_alone_adds_nothing(later: list[Job]) -> None:
    """The addition of an update that was rolled back stays, and is no reason to add the first one again."""
    added = job_of(ADDED, 2)
    own = (name_of(ADDED), name_of({**ADDED, "Revision": "9"}))

    assert job_to_adopt(wanted(ADDED, ADDED, own=own), [job_of(FULL, 1), added, *later]) == added
