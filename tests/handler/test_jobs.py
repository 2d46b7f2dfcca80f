# SPDX-License-Identifier: Apache-2.0
"""Import jobs as plain data."""

import pytest

from dataset_import.jobs import (
    JobDescription,
    base_and_increments,
    current_jobs,
    fingerprint_in,
    has_fingerprint,
    has_prefix,
    job_arn,
    job_name,
    next_name,
    restored_base,
    running_job,
)
from tests.fakes.personalize import JOB_ARN
from tests.handler.jobs import DATASET, job


@pytest.mark.parametrize(
    ("known_as", "name"),
    [
        (JOB_ARN + "a-1", "a-1"),
        (JOB_ARN + "x:dataset-import-job/y", "x:dataset-import-job/y"),
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
        ("CREATE STOPPED", True, True),
        ("CREATE IN_PROGRESS", False, False),
        ("CREATE PENDING", False, False),
        ("INACTIVE", False, False),
        ("A STATUS OF TOMORROW", False, False),
    ],
)
def test_a_status_is_final_or_not(status: str, has_ended: bool, has_failed: bool) -> None:
    """One that is not known counts as running, unless it says that it has failed or was stopped."""
    assert (job("a", 1, status).has_ended, job("a", 1, status).has_failed) == (has_ended, has_failed)


@pytest.mark.parametrize(
    ("status", "is_lost"),
    [
        ("ACTIVE", False),
        ("CREATE PENDING", False),
        ("CREATE IN_PROGRESS", False),
        ("UPDATE IN_PROGRESS", False),
        ("CREATE FAILED", True),
        ("DELETE PENDING", True),
        ("DELETE IN_PROGRESS", True),
    ],
)
def test_a_dataset_is_lost_if_it_will_never_be_active(status: str, is_lost: bool) -> None:
    """Its creation has failed, or it is being deleted."""
    assert DATASET._replace(status=status).is_lost is is_lost


def test_current_jobs_are_those_of_this_dataset_that_have_not_failed() -> None:
    """The newest last; of two of one moment the name decides."""
    jobs = [
        job("c", 2),
        job("b", 1),
        job("a", 1),
        job("d", 0),
        job("earlier", -1),
        job("failed", 3, "CREATE FAILED"),
    ]

    assert [each.name for each in current_jobs(DATASET, jobs)] == ["d", "a", "b", "c"]


@pytest.mark.parametrize(
    ("statuses", "is_running"),
    [([], False), (["ACTIVE"], False), (["CREATE PENDING"], True), (["CREATE PENDING", "ACTIVE"], False)],
)
def test_the_newest_job_may_be_running(statuses: list[str], is_running: bool) -> None:
    """Personalize runs one import into a dataset at a time."""
    current = [job(f"job-{number}", number, status) for number, status in enumerate(statuses)]

    assert running_job(current) == (current[-1] if is_running else None)


@pytest.mark.parametrize(
    ("modes", "count"),
    [("", 0), ("F", 1), ("FI", 2), ("FIFII", 3), ("II", 2), ("FF", 1)],
)
def test_a_dataset_holds_the_last_full_import_and_what_was_added_since(modes: str, count: int) -> None:
    """Where no full import is known, all that was added."""
    current = [
        job(f"job-{number}", number, mode="FULL" if mode == "F" else "INCREMENTAL")
        for number, mode in enumerate(modes)
    ]

    assert base_and_increments(current) == current[len(current) - count :]


@pytest.mark.parametrize(
    ("name", "has"),
    [
        ("shop-0a1b2c3d4e5f-1", True),
        ("a-0a1b2c3d4e5f-12", True),
        ("-0a1b2c3d4e5f-1", False),
        ("0a1b2c3d4e5f-1", False),
        ("shop-0a1b2c3d4e5f-", False),
        ("shop-0a1b2c3d4e5f-1x", False),
        ("shop-1a1b2c3d4e5f-1", False),
    ],
)
def test_a_name_has_a_fingerprint_between_prefix_and_number(name: str, has: bool) -> None:
    """Whatever the prefix."""
    assert has_fingerprint(job(name, 1), "0a1b2c3d4e5f") is has
    assert not has_fingerprint(job(name, 1), "")


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
def test_a_prefix_is_what_stands_before_the_fingerprint(name: str, has: bool) -> None:
    """Longer prefixes are others."""
    assert has_prefix(job(name, 1), "shop.data") is has


@pytest.mark.parametrize(
    ("taken", "number"),
    [
        ([], 1),
        (["shop.data-f-1"], 2),
        ([f"shop.data-f-{number}" for number in (2, 10, 9)], 11),
        (["shopXdata-f-7", "other-f-1", "shop.data-e-3", "shop.data-f-x"], 1),
    ],
)
def test_attempts_are_counted_by_prefix_and_fingerprint(taken: list[str], number: int) -> None:
    """The number of a failed attempt is not used again."""
    assert next_name("shop.data-f", taken) == f"shop.data-f-{number}"


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("shop-0a1b2c3d4e5f-3", "shop-0a1b2c3d4e5f"),
        ("nightly", "nightly-restored"),
        ("n" * 63, "n" * 45 + "-restored"),
    ],
)
def test_an_earlier_job_is_run_again_under_a_name_like_its_own(name: str, base: str) -> None:
    """With its fingerprint, so that it is recognised; and within the 63 characters of a name."""
    assert restored_base(name) == base
    assert len(next_name(base, [])) <= 63


def test_a_description_survives_its_way_through_the_record() -> None:
    """JSON has no tuples."""
    description = JobDescription(
        dataset_arn=DATASET.arn,
        data_location="s3://shop/items.csv",
        role_arn="role",
        import_mode="FULL",
        publish_attribution_metrics_to_s3=True,
        tags=(("team", "shop"),),
        name="shop-0a1b2c3d4e5f-1",
    )
    stored = {**description.to_json(), "tags": [["team", "shop"]]}

    assert JobDescription.from_json(stored) == description


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [("shop-0a1b2c3d4e5f-1", "0a1b2c3d4e5f"), ("nightly", ""), ("nightly-restored-1", ""), ("a-0a1b-1", "")],
)
def test_the_name_of_a_job_that_an_import_has_started_has_a_fingerprint(name: str, fingerprint: str) -> None:
    """The name of another job has none."""
    assert fingerprint_in(name) == fingerprint
