# SPDX-License-Identifier: Apache-2.0
"""The decisions about import jobs, which have no effects."""

from datetime import UTC, datetime, timedelta

import pytest

from dataset_import.jobs import (
    Dataset,
    Job,
    has_stem,
    holds_now,
    job_arn,
    job_name,
    newest,
    next_name,
    running,
    still_holds,
)
from dataset_import.request import ImportRequest

MADE = datetime(2026, 11, 18, tzinfo=UTC)
DATASET = Dataset("arn:aws:personalize:us-east-1:123456789012:dataset/shop/INTERACTIONS", "ACTIVE", MADE)
PREFIX = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/"
REQUEST = ImportRequest.from_properties(
    {
        "DatasetArn": DATASET.arn,
        "DataSource": {"DataLocation": "s3://shop/items.csv"},
        "RoleArn": "role",
        "JobNamePrefix": "shop.data",
    }
)
OURS = f"other-stem-{REQUEST.fingerprint}-1"
THEIRS = "other-stem-0a1b2c3d4e5f-1"


def job(name: str, minute: int, status: str = "ACTIVE", mode: str = "FULL") -> Job:
    """Make a job that was created some minutes after the dataset."""
    created = MADE + timedelta(minutes=minute)
    return Job(PREFIX + name, status, created, created, import_mode=mode)


@pytest.mark.parametrize(
    ("known_as", "name"),
    [
        (PREFIX + "a-1", "a-1"),
        (PREFIX + "x:dataset-import-job/y", "x:dataset-import-job/y"),
        ("Shop-Interactions-1ABC", ""),
        ("urn:x:dataset-import-job/a-1", ""),
        (DATASET.arn, ""),
        ("", ""),
    ],
)
def test_only_a_jobs_arn_has_a_name(known_as: str, name: str) -> None:
    """Other ids were made up."""
    assert job_name(known_as) == name


def test_an_arn_follows_from_the_datasets_and_the_name() -> None:
    """Known before the job exists; partition, region and account are the dataset's."""
    assert job_arn("arn:aws-cn:personalize:cn-north-1:1:dataset/shop/ITEMS", "a-1") == (
        "arn:aws-cn:personalize:cn-north-1:1:dataset-import-job/a-1"
    )
    assert job("a-1", 1).name == "a-1"


@pytest.mark.parametrize(
    ("status", "has_ended", "has_failed"),
    [
        ("ACTIVE", True, False),
        ("CREATE FAILED", True, True),
        ("CREATE IN_PROGRESS", False, False),
        ("INACTIVE", False, False),
    ],
)
def test_a_status_is_compared_as_a_whole(status: str, has_ended: bool, has_failed: bool) -> None:
    """One that is not known here counts as running."""
    assert (job("a", 1, status).has_ended, job("a", 1, status).has_failed) == (has_ended, has_failed)


@pytest.mark.parametrize(
    ("jobs", "name"),
    [
        ([], None),
        ([job(OURS, 1)], OURS),
        ([job(OURS, 0)], OURS),
        ([job(OURS, -1)], None),
        ([job(OURS, 1, "CREATE PENDING")], OURS),
        ([job(OURS, 1, "CREATE FAILED")], None),
        ([job(THEIRS, 1), job(OURS, 2)], OURS),
        ([job(OURS, 2), job(THEIRS, 1)], OURS),
        ([job(OURS, 1), job(THEIRS, 2)], None),
        ([job(OURS, 1), job(THEIRS, 2, "CREATE FAILED")], OURS),
        ([job(f"{REQUEST.fingerprint}-1", 1)], None),
        ([job(f"{OURS}x", 1)], None),
    ],
)
def test_the_newest_job_that_has_not_failed_tells_what_the_dataset_holds(
    jobs: list[Job], name: str | None
) -> None:
    """If its name carries the fingerprint, it is ours, whatever its stem."""
    found = holds_now(REQUEST, DATASET, jobs)

    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("later", "is_there"),
    [
        ([], True),
        ([job(THEIRS, 2, mode="INCREMENTAL")], True),
        ([job(THEIRS, 2, "CREATE IN_PROGRESS", mode="INCREMENTAL")], True),
        ([job(THEIRS, 2)], False),
        ([job(THEIRS, 2), job("more-0a1b2c3d4e5f-2", 3, mode="INCREMENTAL")], False),
        ([job(THEIRS, 2, "CREATE FAILED"), job("more-0a1b2c3d4e5f-2", 3, mode="INCREMENTAL")], True),
    ],
    ids=["nothing", "an increment", "an increment to come", "a replacement", "both", "no replacement"],
)
def test_what_was_added_is_there_until_it_is_replaced(later: list[Job], is_there: bool) -> None:
    """To add it again would have it twice."""
    increment = REQUEST._replace(import_mode="INCREMENTAL")
    added = job(f"stem-{increment.fingerprint}-1", 1, mode="INCREMENTAL")

    assert holds_now(increment, DATASET, [*later, added]) == (added if is_there else None)


@pytest.mark.parametrize(
    ("later", "is_there"),
    [
        ([], True),
        ([job(THEIRS, 2, mode="INCREMENTAL")], True),
        ([job(THEIRS, 2), job("more-0a1b2c3d4e5f-2", 3, mode="INCREMENTAL")], False),
        ([job("more-fedcba987654-1", 2, mode="INCREMENTAL")], False),
        ([job("shop.data-0a1b2c3d4e5f-1", 2, mode="INCREMENTAL")], False),
        ([job("shop.data-fedcba987654-1", 2, "CREATE FAILED")], True),
    ],
    ids=["nothing", "others added", "others replaced", "it added", "its resource added", "it failed"],
)
def test_what_an_update_that_brought_nothing_found_is_still_there(later: list[Job], is_there: bool) -> None:
    """To import it again would remove what others have added since."""
    found = still_holds(REQUEST, DATASET, [*later, job(OURS, 1)], undone="fedcba987654")

    assert (found.name if found else None) == (OURS if is_there else None)


def test_an_earlier_datasets_data_is_not_there_any_more() -> None:
    """It went with the dataset."""
    assert still_holds(REQUEST, DATASET, [job(OURS, -1)], undone="fedcba987654") is None


def test_what_was_replaced_in_full_is_imported_again_where_something_was_added() -> None:
    """FULL asks for a dataset that holds this and nothing else."""
    assert holds_now(REQUEST, DATASET, [job(OURS, 1), job(THEIRS, 2, mode="INCREMENTAL")]) is None


def test_of_two_jobs_of_one_moment_the_name_decides() -> None:
    """Any order will do, as long as it is always the same."""
    first, second = job("a", 1), job("b", 1)

    assert newest(DATASET, [first, second]) == newest(DATASET, [second, first]) == second


@pytest.mark.parametrize(
    ("jobs", "name"),
    [
        ([job(THEIRS, 1)], None),
        ([job(THEIRS, 1, "CREATE IN_PROGRESS")], THEIRS),
        ([job(THEIRS, 1, "CREATE FAILED")], None),
        ([job(THEIRS, -1, "CREATE IN_PROGRESS")], None),
        ([], None),
    ],
)
def test_a_job_that_fills_the_dataset_is_waited_for(jobs: list[Job], name: str | None) -> None:
    """Only its end tells what the dataset holds."""
    found = running(DATASET, jobs)

    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("taken", "number"),
    [
        ([], 1),
        ([f"shop.data-{REQUEST.fingerprint}-1"], 2),
        ([f"shop.data-{REQUEST.fingerprint}-{n}" for n in (2, 10, 9)], 11),
        ([f"shopXdata-{REQUEST.fingerprint}-7", OURS, "shop.data-0a1b2c3d4e5f-3"], 1),
    ],
)
def test_attempts_are_counted_by_stem_and_fingerprint(taken: list[str], number: int) -> None:
    """Numbers that failed are not used again."""
    assert next_name(REQUEST, taken) == f"shop.data-{REQUEST.fingerprint}-{number}"


@pytest.mark.parametrize(
    ("name", "has"),
    [
        ("shop.data-0a1b2c3d4e5f-12", True),
        ("shopXdata-0a1b2c3d4e5f-1", False),
        ("shop.data-0a1b2c3d4e5f", False),
        ("shop.data-more-0a1b2c3d4e5f-1", False),
        ("shop.data-0a1b2c3d4e5-1", False),
    ],
)
def test_a_stem_is_what_stands_before_the_fingerprint(name: str, has: bool) -> None:
    """Longer stems are others."""
    assert has_stem(job(name, 1), "shop.data") is has
