# SPDX-License-Identifier: Apache-2.0
"""The state of one account and region, as plain data."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

PENDING = "CREATE PENDING"
IN_PROGRESS = "CREATE IN_PROGRESS"
ACTIVE = "ACTIVE"
FAILED = "CREATE FAILED"
DELETING = "DELETE IN_PROGRESS"

Timed = TypeVar("Timed", bound="TimedResource")


@dataclass
class Schema:
    """An Avro schema with a name. It has no status."""

    name: str
    arn: str
    text: str
    domain: str | None
    created: float


@dataclass
class TimedResource:
    """A resource that takes time to be created and to be deleted."""

    name: str
    arn: str
    created: float
    active_at: float
    gone_at: float | None = None
    deleted: float | None = None

    def status(self, now: float) -> str:
        """The status at a time."""
        if self.gone_at is not None:
            return DELETING
        if now >= self.active_at:
            return ACTIVE
        return PENDING if now < (self.created + self.active_at) / 2 else IN_PROGRESS

    def updated(self, now: float) -> float:
        """When the status last changed."""
        if self.deleted is not None:
            return self.deleted
        if now >= self.active_at:
            return self.active_at
        middle = (self.created + self.active_at) / 2
        return self.created if now < middle else middle


@dataclass
class DatasetGroup(TimedResource):
    """A container of datasets."""

    role_arn: str | None = None
    kms_key_arn: str | None = None
    domain: str | None = None


@dataclass
class Dataset(TimedResource):
    """A dataset with the records of its finished imports."""

    group_arn: str = ""
    schema_arn: str = ""
    dataset_type: str = ""
    records: "Records" = field(default_factory=lambda: Records())
    bulk_imported: bool = False


@dataclass
class Solution(TimedResource):
    """A configuration for training."""

    group_arn: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Recommender(TimedResource):
    """A recommender of a domain dataset group, as it was given."""

    group_arn: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Records:
    """The records of a dataset or of one import: ids if the type has ids, otherwise a number."""

    ids: set[str] = field(default_factory=set)
    anonymous: int = 0

    def __len__(self) -> int:
        return len(self.ids) + self.anonymous

    def merge(self, other: "Records") -> "Records":
        """Return the union of two sets of records. A record with the same id is updated."""
        return Records(self.ids | other.ids, self.anonymous + other.anonymous)


@dataclass
class ImportJob:
    """A dataset import job. Its result is computed at creation, and is visible when the job has ended."""

    name: str
    arn: str
    dataset_arn: str
    data_location: str
    role_arn: str
    import_mode: str
    publish_attribution_metrics: bool | None
    created: float
    starts_at: float
    ends_at: float
    records: Records
    failure_reason: str | None
    applied: bool = False

    def status(self, now: float) -> str:
        """The status at a time."""
        if now < self.starts_at:
            return PENDING
        if now < self.ends_at:
            return IN_PROGRESS
        return FAILED if self.failure_reason else ACTIVE

    def updated(self, now: float) -> float:
        """When the status last changed."""
        if now < self.starts_at:
            return self.created
        return self.starts_at if now < self.ends_at else self.ends_at

    def unfinished(self, now: float) -> bool:
        """Whether it is pending or in progress."""
        return now < self.ends_at


@dataclass
class State:
    """All resources of one account and region by ARN, in the order of creation."""

    schemas: dict[str, Schema] = field(default_factory=dict)
    groups: dict[str, DatasetGroup] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    jobs: dict[str, ImportJob] = field(default_factory=dict)
    solutions: dict[str, Solution] = field(default_factory=dict)
    recommenders: dict[str, Recommender] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def advance(self, now: float) -> None:
        """Apply finished imports to their datasets, and remove resources whose deletion has ended."""
        ended = [job for job in self.jobs.values() if not job.applied and not job.unfinished(now)]
        for job in sorted(ended, key=lambda job: job.ends_at):
            job.applied = True
            self._fill(job)
        self._forget_gone(self.groups, now)
        self._forget_gone(self.datasets, now)
        self._forget_gone(self.solutions, now)
        self._forget_gone(self.recommenders, now)

    def _fill(self, job: ImportJob) -> None:
        dataset = self.datasets.get(job.dataset_arn)
        if dataset is None or job.failure_reason:
            return
        if job.import_mode == "FULL":
            dataset.records = job.records
        else:
            dataset.records = dataset.records.merge(job.records)
        dataset.bulk_imported = True

    def _forget_gone(self, resources: dict[str, Timed], now: float) -> None:
        gone = [arn for arn, kept in resources.items() if kept.gone_at is not None and now >= kept.gone_at]
        for arn in gone:
            del resources[arn]
            self.tags.pop(arn, None)
