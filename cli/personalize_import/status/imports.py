# SPDX-License-Identifier: Apache-2.0
"""How an import stands, judged from what AWS shows of it. Nothing here has an effect."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_UNFINISHED = 5
"""Pending or in-progress import jobs per account and region.

https://docs.aws.amazon.com/personalize/latest/dg/limits.html
"""

TIME_TO_START = timedelta(seconds=15)
"""How long it takes from a request to its job when nothing is in the way."""

UNFINISHED = ("CREATE PENDING", "CREATE IN_PROGRESS")

JOB = ":dataset-import-job/"
"""What comes before the name in the ARN of an import job."""


class Stands(enum.StrEnum):
    """How an import stands."""

    STARTING = "starting"
    WAITING_FOR_DATASET = "waiting for the dataset"
    WAITING_FOR_OTHER_IMPORT = "waiting for another import"
    QUEUED = "queued for the quota"
    WAITING_FOR_ACCESS = "waiting for access"
    IMPORTING = "importing"
    ACTIVE = "active"
    FAILED = "failed"

    @property
    def has_ended(self) -> bool:
        """Whether it stays as it is."""
        return self in (Stands.ACTIVE, Stands.FAILED)


@dataclass(frozen=True)
class Job:
    """An import job as Personalize describes it."""

    arn: str
    status: str
    created: datetime
    updated: datetime
    dataset_arn: str = ""
    failure_reason: str = ""

    @property
    def name(self) -> str:
        """The job's name, which its ARN ends in."""
        return self.arn.partition(JOB)[2]


@dataclass(frozen=True)
class Surroundings:
    """What an import that has no job yet may be waiting for.

    Attributes:
        dataset_status: The status of its dataset; empty where that cannot be seen.
        jobs_of_dataset: How many import jobs of the dataset are unfinished.
        jobs_of_account: How many there are in account and region.
    """

    dataset_status: str = ""
    jobs_of_dataset: int = 0
    jobs_of_account: int = 0


@dataclass(frozen=True)
class Evidence:
    """What AWS shows of one import.

    Attributes:
        stack: The name of its stack.
        logical_id: Its name in the stack.
        resource_status: The status that CloudFormation gives it.
        resource_reason: The reason that CloudFormation gives for that.
        since: When CloudFormation, or the handler, took it up.
        dataset_arn: Its dataset, as far as that is known.
        is_open: Whether its handler has yet to end it; of one that waits for hours CloudFormation has its
            answer before.
        job_arn: Its current job, as far as that has been chosen; or what CloudFormation has as its id.
        job: That job, if it exists.
        surroundings: What it may wait for; None where it has a job, or where that cannot be seen.
        last_words: What Personalize last said of why it has to wait.
    """

    stack: str
    logical_id: str
    resource_status: str
    since: datetime
    resource_reason: str = ""
    dataset_arn: str = ""
    is_open: bool = False
    job_arn: str = ""
    job: Job | None = None
    surroundings: Surroundings | None = None
    last_words: str = ""


@dataclass(frozen=True)
class ImportStatus:
    """One line of the answer.

    Attributes:
        stack: The name of the stack.
        logical_id: The import's name in the stack.
        dataset: The dataset: GROUP/TYPE.
        job: The job's name; empty before it has one.
        stands: How it stands.
        elapsed: How long it has waited, or run; of an ended job, how long it ran.
        reason: Why it failed, or what Personalize said of why it waits.
        link: The page of the dataset group in the console.
    """

    stack: str
    logical_id: str
    dataset: str
    job: str
    stands: Stands
    elapsed: timedelta
    reason: str = ""
    link: str = ""


def judge(evidence: Evidence, now: datetime) -> ImportStatus:
    """Tell how an import stands."""
    job = evidence.job
    stands = _stands(evidence, now)
    until = job.updated if job and stands.has_ended else now
    since = job.created if job else evidence.since
    dataset_arn = evidence.dataset_arn or (job.dataset_arn if job else "")
    return ImportStatus(
        stack=evidence.stack,
        logical_id=evidence.logical_id,
        dataset=dataset_arn.partition(":dataset/")[2],
        job=evidence.job_arn.partition(JOB)[2],
        stands=stands,
        elapsed=max(until - since, timedelta()),
        reason=_reason(evidence) if stands is Stands.FAILED else "" if job else evidence.last_words,
        link=console_link(dataset_arn),
    )


def _stands(evidence: Evidence, now: datetime) -> Stands:
    if evidence.resource_status.endswith("_FAILED"):
        return Stands.FAILED
    if evidence.job:
        if evidence.job.status in UNFINISHED:
            return Stands.IMPORTING
        return Stands.ACTIVE if evidence.job.status == "ACTIVE" else Stands.FAILED
    if not evidence.is_open and not evidence.resource_status.endswith("_IN_PROGRESS"):
        return Stands.FAILED
    around = evidence.surroundings
    if around is None or now - evidence.since < TIME_TO_START:
        return Stands.STARTING
    if around.dataset_status and around.dataset_status != "ACTIVE":
        return Stands.WAITING_FOR_DATASET
    if around.jobs_of_dataset:
        return Stands.WAITING_FOR_OTHER_IMPORT
    if around.jobs_of_account >= MOST_UNFINISHED:
        return Stands.QUEUED
    return Stands.WAITING_FOR_ACCESS


def _reason(evidence: Evidence) -> str:
    if evidence.resource_status.endswith("_FAILED") and evidence.resource_reason:
        return evidence.resource_reason
    if evidence.job:
        return evidence.job.failure_reason or f"Its status is {evidence.job.status}."
    return evidence.resource_reason or "Personalize has no such job."


def console_link(dataset_arn: str) -> str:
    """The page of the dataset's group in the console of its region; empty for what is no dataset."""
    parts = dataset_arn.split(":")
    if len(parts) != 6:
        return ""
    _, partition, _, region, account, resource = parts
    group = resource.split("/")[1]
    domains = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
    host = domains.get(partition, "console.aws.amazon.com")
    fragment = f"arn:{partition}:personalize:{region}:{account}:dataset-group${group}/setup"
    return f"https://{region}.{host}/personalize/home?region={region}#{fragment}"
