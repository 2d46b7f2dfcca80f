# SPDX-License-Identifier: Apache-2.0
"""Jobs of one dataset, and properties of imports into it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dataset_import.decisions import Wanted, wanted_by
from dataset_import.jobs import Dataset, Job, JobDescription
from dataset_import.request import ImportRequest, fingerprint_of
from tests.fakes.personalize import JOB_ARN

MADE = datetime(2026, 11, 18, tzinfo=UTC)
DATASET = Dataset(
    arn="arn:aws:personalize:us-east-1:123456789012:dataset/shop/INTERACTIONS", status="ACTIVE", created=MADE
)
FULL: dict[str, Any] = {
    "DatasetArn": DATASET.arn,
    "DataSource": {"DataLocation": "s3://shop/items.csv"},
    "RoleArn": "role",
    "JobNamePrefix": "shop",
}
NEW = {**FULL, "Revision": "2"}
ADDED = {**FULL, "ImportMode": "INCREMENTAL"}


def job(name: str, minute: int, status: str = "ACTIVE", mode: str = "FULL") -> Job:
    """Make a job that was created some minutes after the dataset."""
    created = MADE + timedelta(minutes=minute)
    return Job(arn=JOB_ARN + name, status=status, created=created, updated=created, import_mode=mode)


def name_of(properties: dict[str, Any], number: int = 1, prefix: str = "shop") -> str:
    """Return the name of a job that brings the data of these properties."""
    return f"{prefix}-{fingerprint_of(properties)}-{number}"


def job_of(properties: dict[str, Any], minute: int, status: str = "ACTIVE", **name: Any) -> Job:
    """Make a job that brings the data of these properties."""
    return job(name_of(properties, **name), minute, status, properties.get("ImportMode", "FULL"))


def description(properties: dict[str, Any], number: int = 1) -> JobDescription:
    """Describe an earlier job, which has brought the data of these properties."""
    return JobDescription(
        dataset_arn=DATASET.arn,
        data_location="s3://shop/items.csv",
        role_arn="role",
        import_mode=properties.get("ImportMode", "FULL"),
        publish_attribution_metrics_to_s3=False,
        name=name_of(properties, number),
    )


def wanted(
    properties: dict[str, Any], old: dict[str, Any] | None = None, own: Any = (), is_rollback: bool = False
) -> Wanted:
    """Return what a request of these properties wants."""
    request = ImportRequest.from_properties(properties)
    return wanted_by(request, old, own_jobs=own, is_rollback=is_rollback)


OTHERS = job("nightly", 5, mode="INCREMENTAL")
"""An addition by somebody else."""
