# SPDX-License-Identifier: Apache-2.0
"""The resource's own job, and whether the dataset still holds its data."""

import pytest

from dataset_import.jobs import Job
from dataset_import.record import Record
from personalize_import.status.contents import job_with_data, own_job, own_job_name, replacing_job
from tests.status.facts import DATASET, job, record

FIRST = job("shop-aaaaaaaaaaaa-1", -60)
SECOND = job("shop-bbbbbbbbbbbb-1", -40)


@pytest.mark.parametrize(
    ("known", "name"),
    [
        (None, FIRST.name),
        (record(job_name=SECOND.name, jobs=(FIRST.name, SECOND.name)), SECOND.name),
        (record(job_name="", jobs=(FIRST.name, SECOND.name)), SECOND.name),
        (record(job_name="", jobs=None, physical_id=SECOND.arn), SECOND.name),
        (record(is_open=True, job_name=SECOND.name), SECOND.name),
        (record(is_open=True, job_name="", jobs=(FIRST.name,)), ""),
        (record(kind="Delete", job_name=SECOND.name, physical_id=FIRST.arn), FIRST.name),
    ],
    ids=[
        "no record",
        "the last request's",
        "a request without one",
        "an old resource",
        "under way",
        "not chosen yet",
        "a replacement that was rolled back",
    ],
)
def test_the_record_names_the_resources_own_job(known: Record | None, name: str) -> None:
    """Without a record, the physical id names the first job in the dataset."""
    assert own_job_name(known, FIRST.arn) == name


@pytest.mark.parametrize(
    ("listed", "own"),
    [
        ([], FIRST),
        ([SECOND, FIRST], SECOND),
        ([FIRST, job("shop-bbbbbbbbbbbb-1", -40, "CREATE PENDING")], "shop-bbbbbbbbbbbb-1"),
        ([FIRST, job("shop-bbbbbbbbbbbb-1", -40, "CREATE FAILED")], FIRST),
        ([FIRST, job("shop-bbbbbbbbbbbb-1", -80)], FIRST),
        ([FIRST, job("other-bbbbbbbbbbbb-1", -40)], FIRST),
        ([FIRST, job("shop-more-bbbbbbbbbbbb-1", -40)], FIRST),
        ([FIRST, job("shop-bbbb-1", -40)], FIRST),
    ],
)
def test_without_a_record_the_newest_job_of_the_prefix_is_the_own_one(
    listed: list[Job], own: Job | str
) -> None:
    """Failed jobs, earlier jobs and jobs with another prefix are ignored."""
    found = own_job(None, FIRST, listed)

    assert own in (found, found.name)


def test_a_job_of_a_foreign_name_stands_for_itself() -> None:
    """A name that the handler has not generated has no prefix to compare."""
    foreign = job("mine", -60)

    assert own_job(None, foreign, [foreign, SECOND, job("mine-restored-1", -30)]) == foreign


def test_with_a_record_no_name_decides() -> None:
    """A job with the same prefix may belong to another resource."""
    assert own_job(record(job_name=FIRST.name), FIRST, [FIRST, SECOND]) == FIRST


def test_after_a_replacement_was_rolled_back_the_records_jobs_in_the_dataset_decide() -> None:
    """The last request is the Delete of the replacement, whose job is in another dataset."""
    known = record(kind="Delete", jobs=(FIRST.name, SECOND.name, "in-another-dataset-1"))

    assert own_job(known, FIRST, [FIRST, SECOND, job("shop-cccccccccccc-1", -30)]) == SECOND


@pytest.mark.parametrize(
    ("later", "by"),
    [
        ([], None),
        ([job("by-hand")], "by-hand"),
        ([job("by-hand"), job("more", -10, mode="INCREMENTAL")], "by-hand"),
        ([job("by-hand", -30), job("again", -10)], "again"),
        ([job("more", mode="INCREMENTAL")], None),
        ([job("by-hand", status="CREATE FAILED")], None),
        ([job("by-hand", status="CREATE IN_PROGRESS")], None),
        ([job("other-aaaaaaaaaaaa-1")], None),
        ([job("by-hand", -30), job("shop-aaaaaaaaaaaa-2")], None),
        ([job("shop-aaaaaaaaaaaa-2", -30), job("by-hand")], "by-hand"),
    ],
    ids=[
        "nothing since",
        "a full import",
        "a full import, and what was added to it",
        "the last of two",
        "an addition",
        "one that has failed",
        "one that is running",
        "the same data by another import",
        "restored by a rollback",
        "restored, and replaced again",
    ],
)
def test_a_full_import_since_has_replaced_the_data(later: list[Job], by: str | None) -> None:
    """The handler decides the same way: it adopts a job with the same data."""
    found = replacing_job(FIRST, DATASET, [FIRST, *later])

    assert (found.name if found else None) == by


def test_what_was_added_is_gone_with_what_it_was_added_to() -> None:
    """A full import also replaces earlier increments."""
    added = job("more-bbbbbbbbbbbb-1", -40, mode="INCREMENTAL")

    assert replacing_job(added, DATASET, [FIRST, added]) is None
    assert replacing_job(added, DATASET, [FIRST, added, job("full")]) == job("full")


def test_the_job_that_has_restored_the_data_is_shown() -> None:
    """A rollback has imported the old data again, in a job with the next number."""
    renamed, restored = job("renamed-bbbbbbbbbbbb-1", -30), job("shop-aaaaaaaaaaaa-2", -10)

    assert job_with_data(FIRST, DATASET, [FIRST, renamed, restored]) == restored
    assert replacing_job(FIRST, DATASET, [FIRST, renamed]) == renamed


def test_a_list_that_is_behind_changes_nothing() -> None:
    """The resource's own job counts, even if the list does not show it yet or shows it as running."""
    running = job(FIRST.name, -60, "CREATE IN_PROGRESS")

    assert job_with_data(FIRST, DATASET, []) == FIRST
    assert job_with_data(FIRST, DATASET, [running]) == FIRST
