# SPDX-License-Identifier: Apache-2.0
"""The state of an import, derived from evidence."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from personalize_import.status.imports import Evidence, ImportState, console_link, derive_status
from tests.status.facts import DATASET, DATASET_ARN, NOW, job

JOB = job("items-0123456789ab-1")
PENDING = JOB._replace(status="CREATE PENDING")
BROKEN = JOB._replace(status="CREATE FAILED", failure_reason="Too long.")
STOPPED = JOB._replace(status="CREATE STOPPED")
LATER = job("by-hand", -2)


def evidence(**shown: Any) -> Evidence:
    """What AWS shows of an import that CloudFormation began five minutes ago."""
    begun = Evidence(
        stack="Shop",
        logical_id="Import",
        path="Shop/Import",
        resource_status="CREATE_IN_PROGRESS",
        began=NOW - timedelta(minutes=5),
        updated=NOW - timedelta(minutes=1),
        dataset_arn=DATASET_ARN,
    )
    return replace(begun, **shown)


def waiting(**shown: Any) -> Evidence:
    """An import whose handler looks for its turn."""
    return evidence(**{"is_open": True, "dataset": DATASET} | shown)


def complete(**shown: Any) -> Evidence:
    """An import that is complete, and whose job is ACTIVE."""
    return evidence(**{"resource_status": "UPDATE_COMPLETE", "job": JOB, "dataset": DATASET} | shown)


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        (evidence(resource_status="", is_reached=False), "not begun"),
        (complete(is_reached=False), "not begun"),
        (complete(is_reached=False, job=BROKEN), "not begun"),
        (complete(is_reached=False, job=PENDING), "importing"),
        (evidence(), "starting"),
        (waiting(), "starting"),
        (waiting(dataset=DATASET._replace(status="CREATE PENDING")), "waiting for the dataset"),
        (waiting(jobs=[PENDING]), "waiting for another import"),
        (waiting(jobs=[JOB], jobs_of_account=5), "queued for the quota"),
        (waiting(jobs_of_account=4), "starting"),
        (waiting(is_refused=True), "waiting for access"),
        (waiting(is_copying=True, jobs_of_account=5), "copying the data"),
        (waiting(resource_status="CREATE_COMPLETE", jobs_of_account=5), "queued for the quota"),
        (waiting(job=PENDING), "importing"),
        (evidence(job=JOB._replace(status="CREATE IN_PROGRESS")), "importing"),
        (evidence(job=JOB._replace(status="CREATE SOMETHING")), "importing"),
        (complete(job=PENDING), "importing"),
        (waiting(job=JOB), "active"),
        (complete(), "active"),
        (complete(jobs=[JOB, LATER]), "replaced"),
        (complete(dataset=DATASET._replace(created=NOW)), "dataset newer"),
        (complete(dataset=None, is_dataset_gone=True), "dataset gone"),
        (complete(job=None, dataset=None, is_dataset_gone=True), "dataset gone"),
        (complete(job=BROKEN), "failed"),
        (complete(job=STOPPED), "failed"),
        (complete(job=None), "failed"),
        (evidence(resource_status="CREATE_FAILED"), "failed"),
        (evidence(resource_status="UPDATE_FAILED", job=JOB), "failed"),
        (evidence(resource_status="DELETE_FAILED", job=JOB), "failed"),
        (complete(resource_status="DELETE_IN_PROGRESS"), "deleting"),
        (complete(resource_status="CREATE_COMPLETE", is_rolled_back=True), "rolled back"),
        (evidence(resource_status="CREATE_FAILED", is_rolled_back=True), "failed"),
    ],
)
def test_the_state_follows_from_what_is_shown(shown: Evidence, state: str) -> None:
    """A failure in CloudFormation comes first, then the job, then the data in the dataset."""
    assert derive_status(shown, NOW).state == state


def test_a_state_ends_a_watch_unless_something_is_under_way() -> None:
    """A state that has ended does not change without a deployment."""
    ended = {state.value for state in ImportState if state.has_ended}

    assert ended == {
        *("active", "failed", "rolled back"),
        *("replaced", "dataset newer", "dataset gone"),
    }


@pytest.mark.parametrize(
    ("shown", "minutes"),
    [
        (complete(), 15),
        (complete(job=PENDING), 20),
        (waiting(), 5),
        (evidence(resource_status="CREATE_FAILED"), 4),
        (evidence(resource_status="CREATE_FAILED", job=BROKEN), 15),
        (evidence(resource_status="UPDATE_FAILED", job=PENDING), 19),
        (evidence(resource_status="CREATE_COMPLETE", is_rolled_back=True), 4),
        (evidence(resource_status="", is_reached=False), 5),
        (complete(is_reached=False), 5),
    ],
    ids=[
        "an ended job",
        "a running job",
        "no job yet",
        "refused",
        "a failed job",
        "given up while the job goes on",
        "rolled back",
        "not begun",
        "not begun, with a job of before",
    ],
)
def test_the_time_stops_when_the_import_has_ended(shown: Evidence, minutes: int) -> None:
    """It begins with the job, or with the request if there is no job."""
    assert derive_status(shown, NOW).elapsed == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (evidence(resource_status="CREATE_FAILED", resource_reason="It was refused."), "It was refused."),
        (complete(job=BROKEN), "Too long."),
        (complete(job=STOPPED), "Its status is CREATE STOPPED."),
        (complete(job=None), "Personalize has no such job."),
        (complete(resource_reason="Resource creation Initiated"), ""),
        (complete(jobs=[JOB, LATER]), "replaced since by by-hand"),
        (complete(dataset=DATASET._replace(created=NOW)), "the dataset is newer than the job"),
        (complete(dataset=None, is_dataset_gone=True), "the dataset does not exist"),
        (waiting(is_refused=True, waiting_reason="Insufficient privileges."), "Insufficient privileges."),
        (waiting(job=PENDING, waiting_reason="More than 5 resources."), ""),
        (complete(is_reached=False, jobs=[JOB, LATER]), ""),
    ],
)
def test_a_reason_stands_beside_what_is_not_as_it_should_be(shown: Evidence, reason: str) -> None:
    """CloudFormation's reason has priority, because it says what to do."""
    assert derive_status(shown, NOW).reason == reason


def test_dataset_and_job_are_named_shortly() -> None:
    """Account and region are the same for all imports."""
    found = derive_status(complete(job_arn=JOB.arn), NOW)

    assert (found.dataset, found.job, found.job_arn) == ("shop/ITEMS", JOB.name, JOB.arn)


def test_an_import_that_has_not_begun_has_no_job() -> None:
    """The previous job is not part of this deployment."""
    found = derive_status(complete(job_arn=JOB.arn, is_reached=False), NOW)

    assert (found.dataset, found.job, found.job_arn) == ("shop/ITEMS", "", "")


def test_the_dataset_of_a_refused_import_is_the_one_that_the_reason_names() -> None:
    """The record is deleted with the stack, and the events may have no properties."""
    reason = f"Received FAILED: The import of s3://bucket/items.csv into {DATASET_ARN}. Job: {JOB.arn}."
    shown = evidence(resource_status="CREATE_FAILED", resource_reason=reason, dataset_arn="")

    found = derive_status(shown, NOW)

    assert found.dataset == "shop/ITEMS"
    assert "dataset-group$shop" in found.link


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
    ],
)
def test_the_link_leads_to_the_console_of_the_partition(partition: str, host: str) -> None:
    """Each partition has its own console."""
    link = console_link(f"arn:{partition}:personalize:r-1:111122223333:dataset/shop/ITEMS")

    assert link == (
        f"https://r-1.{host}/personalize/home?region=r-1"
        f"#arn:{partition}:personalize:r-1:111122223333:dataset-group$shop/setup"
    )


def test_without_a_dataset_there_is_no_link() -> None:
    """An unknown dataset has an empty link."""
    assert console_link("") == ""
    assert console_link("arn:aws:personalize:r-1:111122223333:interactions") == ""
    assert console_link("arn:aws:s3:::bucket") == ""
