# SPDX-License-Identifier: Apache-2.0
"""The current job of an import follows from its physical id and the jobs of its dataset."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from personalize_import.status.current import current_job, newest_of_stem
from personalize_import.status.imports import JOB, Job

CREATED = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATASET = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"


def job(name: str, minutes: int = 0, status: str = "ACTIVE") -> Job:
    """A job that was created so many minutes after the first one."""
    created = CREATED + timedelta(minutes=minutes)
    return Job(f"arn:aws:personalize:eu-west-1:111122223333{JOB}{name}", status, created, created, DATASET)


FIRST = job("shop-items-aaaaaaaaaaaa-1")
SECOND = job("shop-items-bbbbbbbbbbbb-1", 10)


@pytest.mark.parametrize(
    ("listed", "current"),
    [
        ([], FIRST),
        ([FIRST], FIRST),
        ([SECOND, FIRST], SECOND),
        ([FIRST, SECOND, job("shop-items-aaaaaaaaaaaa-12", 20)], job("shop-items-aaaaaaaaaaaa-12", 20)),
        ([FIRST, replace(SECOND, status="CREATE PENDING")], replace(SECOND, status="CREATE PENDING")),
    ],
    ids=["not listed yet", "the only one", "a newer one", "back to the first data", "one under way"],
)
def test_the_newest_job_of_the_stem_is_the_current_one(listed: list[Job], current: Job) -> None:
    """Its data replaced that of the others, whatever order they are listed in."""
    assert current == newest_of_stem(FIRST, listed)


@pytest.mark.parametrize(
    "name",
    [
        "items-bbbbbbbbbbbb-1",
        "shop-items-more-bbbbbbbbbbbb-1",
        "shop-items-bbbbbbbbbbb-1",
        "shop-items-BBBBBBBBBBBB-1",
        "shop-items-bbbbbbbbbbbb-1a",
        "shop-items-bbbbbbbbbbbb",
    ],
)
def test_a_job_of_another_name_is_none_of_the_import(name: str) -> None:
    """Others may import into the dataset, too."""
    assert newest_of_stem(FIRST, [FIRST, job(name, 10)]) == FIRST


def test_jobs_from_before_the_first_one_do_not_count() -> None:
    """They filled an earlier dataset of the name."""
    assert newest_of_stem(FIRST, [job("shop-items-bbbbbbbbbbbb-1", -10), FIRST]) == FIRST


def test_a_job_that_has_failed_is_passed_over() -> None:
    """It has imported nothing."""
    assert newest_of_stem(FIRST, [FIRST, replace(SECOND, status="CREATE FAILED")]) == FIRST


def test_where_all_jobs_have_failed_the_newest_is_the_current_one() -> None:
    """Its reason is the one that counts."""
    failed = [replace(each, status="CREATE FAILED") for each in (FIRST, SECOND)]

    assert newest_of_stem(failed[0], failed) == failed[1]


def test_a_job_of_a_foreign_name_stands_for_itself() -> None:
    """Without a stem there is nothing to go by."""
    first = job("mine")

    assert newest_of_stem(first, [first, job("yours", 10), SECOND]) == first


def test_the_first_job_is_taken_as_it_was_described() -> None:
    """The list may be behind."""
    assert newest_of_stem(FIRST, [replace(FIRST, status="CREATE PENDING")]) == FIRST


@pytest.fixture
def personalize() -> Any:
    """A client of Personalize, whose answers a test lays down."""
    return boto3.client(
        "personalize", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def answer(of: Job) -> dict[str, Any]:
    """A job in the words of Personalize."""
    return {
        "datasetImportJobArn": of.arn,
        "status": of.status,
        "creationDateTime": of.created,
        "lastUpdatedDateTime": of.updated,
    }


def test_every_page_of_the_datasets_jobs_is_looked_through(personalize: Any) -> None:
    """The newest may be on the last one."""
    with Stubber(personalize) as stub:
        described = {"datasetImportJob": {**answer(FIRST), "datasetArn": DATASET}}
        stub.add_response("describe_dataset_import_job", described, {"datasetImportJobArn": FIRST.arn})
        pages: list[dict[str, Any]] = [
            {"datasetImportJobs": [answer(FIRST)], "nextToken": "2"},
            {"datasetImportJobs": [answer(SECOND)]},
        ]
        stub.add_response("list_dataset_import_jobs", pages[0], {"datasetArn": DATASET})
        stub.add_response("list_dataset_import_jobs", pages[1], {"datasetArn": DATASET, "nextToken": "2"})

        assert current_job(personalize, FIRST.arn) == SECOND


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidInputException"])
def test_without_its_dataset_an_import_has_the_job_of_its_id(personalize: Any, code: str) -> None:
    """Jobs outlive their dataset, but are no longer listed."""
    with Stubber(personalize) as stub:
        described = {"datasetImportJob": {**answer(FIRST), "datasetArn": DATASET}}
        stub.add_response("describe_dataset_import_job", described)
        stub.add_client_error("list_dataset_import_jobs", code)

        assert current_job(personalize, FIRST.arn) == FIRST


def test_an_id_of_no_job_has_no_current_one(personalize: Any) -> None:
    """Personalize is not even asked for one that CloudFormation has made up."""
    with Stubber(personalize) as stub:
        stub.add_client_error("describe_dataset_import_job", "ResourceNotFoundException")

        assert current_job(personalize, "Shop-Import-1ABC") is None
        assert current_job(personalize, FIRST.arn) is None
        stub.assert_no_pending_responses()


def test_what_may_not_be_read_is_an_error(personalize: Any) -> None:
    """The first job may not be the current one, so it is not shown for it."""
    with Stubber(personalize) as stub:
        described = {"datasetImportJob": {**answer(FIRST), "datasetArn": DATASET}}
        stub.add_response("describe_dataset_import_job", described)
        stub.add_client_error("list_dataset_import_jobs", "AccessDeniedException")

        with pytest.raises(personalize.exceptions.ClientError, match="AccessDenied"):
            current_job(personalize, FIRST.arn)
