# SPDX-License-Identifier: Apache-2.0
"""What datasets hold: which job brought which content."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.stacks import content_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local_aws.personalize.state import ImportJob
    from tests.fakes.account import Account
    from tests.fakes.cloudformation import Request
    from tests.fakes.stacks import Content

NAME = re.compile(r".+-([0-9a-f]{12})-\d+")


@dataclass(frozen=True)
class Held:
    """What a dataset holds: the content of the last full import, and of what was added since."""

    base: Content | None = None
    base_job: str = ""
    added: tuple[Content, ...] = ()


@dataclass
class DatasetContents:
    """The contents of all jobs.

    Attributes:
        by_job: The content that each job brings, by its ARN.
        starters: The resource, in its life, that has started each job, by its ARN.
    """

    account: Account
    by_job: dict[str, Content] = field(default_factory=dict)
    starters: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    _by_fingerprint: dict[str, Content] = field(default_factory=dict)

    def add(self, request: Request, arn: str) -> Content:
        """Learn which content a new job brings: its name has the fingerprint of the content."""
        job = self.account.personalize.jobs[arn]
        match = NAME.fullmatch(job.name)
        if match:
            content = self._by_fingerprint.setdefault(match[1], content_of(request.properties))
        else:
            content = foreign_content(job)
        self.by_job[arn] = content
        self.starters[arn] = request.resource_life
        return content

    def of(self, job: ImportJob) -> Content:
        """The content that a job brings."""
        return self.by_job.get(job.arn) or foreign_content(job)

    def current(self, dataset_arn: str, before: str = "") -> list[ImportJob]:
        """The jobs in the present dataset that have not failed, the newest last."""
        now = self.account.kernel.now
        dataset = self.account.personalize.datasets.get(dataset_arn)
        jobs = [
            job
            for job in self.account.personalize.jobs.values()
            if job.dataset_arn == dataset_arn
            and job.arn != before
            and job.status(now) != "CREATE FAILED"
            and dataset
            and job.created >= dataset.created
        ]
        return sorted(jobs, key=lambda job: job.created)

    def most_often(self, dataset_arn: str, content: Content, without: Sequence[str]) -> int:
        """How often the dataset has held a content at a time, at most: what is added again is there twice.

        Args:
            dataset_arn: The dataset.
            content: The content.
            without: Jobs that do not count.
        """
        most = times = 0
        for job in self.current(dataset_arn):
            if job.arn not in without:
                times = times * (job.import_mode == "INCREMENTAL") + (self.of(job) == content)
                most = max(most, times)
        return most

    def newest(self, dataset_arn: str) -> ImportJob | None:
        """The newest job in the present dataset that has not failed."""
        jobs = self.current(dataset_arn)
        return jobs[-1] if jobs else None

    def held(self, dataset_arn: str) -> Held:
        """What a dataset holds now."""
        held, now = Held(), self.account.kernel.now
        for job in self.current(dataset_arn):
            if job.status(now) != "ACTIVE":
                continue
            if job.import_mode == "INCREMENTAL":
                held = Held(held.base, held.base_job, (*held.added, self.of(job)))
            else:
                held = Held(self.of(job), job.arn)
        return held


def foreign_content(job: ImportJob) -> Content:
    """The content of a job that no request has started, or of such a job that was run again."""
    return ("foreign", re.sub(r"-restored-\d+$", "", job.name))
