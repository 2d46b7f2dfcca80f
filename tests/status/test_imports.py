# SPDX-License-Identifier: Apache-2.0
"""How an import stands follows from what AWS shows of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from personalize_import.status.imports import Evidence, Job, Stands, Surroundings, console_link, judge

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATASET = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"
JOB_ARN = "arn:aws:personalize:eu-west-1:111122223333:dataset-import-job/items-0123456789ab-1"
JOB = Job(JOB_ARN, "ACTIVE", NOW - timedelta(minutes=20), NOW - timedelta(minutes=5), DATASET)
IDLE = Surroundings(dataset_status="ACTIVE")


def evidence(**shown: object) -> Evidence:
    """What AWS shows of an import that CloudFormation began five minutes ago."""
    begun = Evidence("Shop", "Import", "CREATE_IN_PROGRESS", NOW - timedelta(minutes=5), dataset_arn=DATASET)
    return replace(begun, **shown)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "stands"),
    [
        (evidence(), Stands.STARTING),
        (evidence(surroundings=IDLE, since=NOW - timedelta(seconds=5)), Stands.STARTING),
        (evidence(surroundings=replace(IDLE, dataset_status="CREATE PENDING")), Stands.WAITING_FOR_DATASET),
        (evidence(surroundings=replace(IDLE, jobs_of_dataset=1)), Stands.WAITING_FOR_OTHER_IMPORT),
        (evidence(surroundings=replace(IDLE, jobs_of_account=5)), Stands.QUEUED),
        (evidence(surroundings=replace(IDLE, jobs_of_account=4)), Stands.WAITING_FOR_ACCESS),
        (evidence(job=replace(JOB, status="CREATE PENDING")), Stands.IMPORTING),
        (evidence(job=replace(JOB, status="CREATE IN_PROGRESS")), Stands.IMPORTING),
        (evidence(job=JOB), Stands.ACTIVE),
        (evidence(job=JOB, resource_status="UPDATE_COMPLETE"), Stands.ACTIVE),
        (
            evidence(job=replace(JOB, status="CREATE PENDING"), resource_status="CREATE_COMPLETE"),
            Stands.IMPORTING,
        ),
        (evidence(job=replace(JOB, status="CREATE FAILED")), Stands.FAILED),
        (evidence(resource_status="CREATE_FAILED"), Stands.FAILED),
        (evidence(resource_status="CREATE_COMPLETE"), Stands.FAILED),
        (evidence(resource_status="CREATE_COMPLETE", is_open=True), Stands.STARTING),
        (
            evidence(
                resource_status="UPDATE_COMPLETE",
                is_open=True,
                surroundings=replace(IDLE, jobs_of_account=5),
            ),
            Stands.QUEUED,
        ),
        (evidence(resource_status="UPDATE_FAILED", is_open=True), Stands.FAILED),
    ],
)
def test_an_import_stands_as_what_is_shown_of_it(shown: Evidence, stands: Stands) -> None:
    """CloudFormation's failure decides, then the job, and where there is none what is in the way."""
    assert stands is judge(shown, NOW).stands


def test_an_ended_job_has_taken_what_it_took() -> None:
    """The clock stops with the job."""
    assert timedelta(minutes=15) == judge(evidence(job=JOB), NOW).elapsed


def test_a_running_job_and_one_that_waits_take_until_now() -> None:
    """One counts from its job, the other from its request."""
    running = judge(evidence(job=replace(JOB, status="CREATE PENDING")), NOW)
    waiting = judge(evidence(surroundings=IDLE), NOW)

    assert (timedelta(minutes=20), timedelta(minutes=5)) == (running.elapsed, waiting.elapsed)


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (evidence(resource_status="CREATE_FAILED", resource_reason="It was refused."), "It was refused."),
        (evidence(job=replace(JOB, status="CREATE FAILED", failure_reason="Too long.")), "Too long."),
        (evidence(job=replace(JOB, status="CREATE FAILED")), "Its status is CREATE FAILED."),
        (evidence(resource_status="CREATE_COMPLETE"), "Personalize has no such job."),
        (evidence(job=JOB, resource_reason="Resource creation Initiated"), ""),
        (evidence(surroundings=IDLE, last_words="Insufficient privileges."), "Insufficient privileges."),
        (evidence(job=replace(JOB, status="CREATE PENDING"), last_words="More than 5 resources."), ""),
    ],
)
def test_the_reason_of_a_failure_or_of_waiting_is_told(shown: Evidence, reason: str) -> None:
    """CloudFormation's reason stands above the job's, since it says what to do; a running job has none."""
    assert reason == judge(shown, NOW).reason


def test_dataset_and_job_are_named_shortly() -> None:
    """Account and region are the same for all of them."""
    found = judge(evidence(job=JOB, job_arn=JOB_ARN), NOW)

    assert (found.dataset, found.job) == ("shop/ITEMS", "items-0123456789ab-1")


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
    ],
)
def test_the_link_leads_to_the_console_of_the_partition(partition: str, host: str) -> None:
    """Each partition has a console of its own."""
    link = console_link(f"arn:{partition}:personalize:r-1:111122223333:dataset/shop/ITEMS")

    assert link == (
        f"https://r-1.{host}/personalize/home?region=r-1"
        f"#arn:{partition}:personalize:r-1:111122223333:dataset-group$shop/setup"
    )


def test_without_a_dataset_there_is_no_link() -> None:
    """Nothing is made up."""
    assert console_link("") == ""
