# SPDX-License-Identifier: Apache-2.0
"""Jobs, datasets and records for tests, in one account."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dataset_import.event import Request
from dataset_import.jobs import Dataset, Job, job_arn
from dataset_import.record import Record

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATASET_ARN = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"
DATASET = Dataset(arn=DATASET_ARN, status="ACTIVE", created=NOW - timedelta(days=1))
STACK_ID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/Shop/1"
KEY = f"{STACK_ID}/Import"


def job(name: str, minutes: float = -20, status: str = "ACTIVE", mode: str = "FULL") -> Job:
    """A job that was created so many minutes after NOW, and took fifteen minutes."""
    created = NOW + timedelta(minutes=minutes)
    arn = job_arn(DATASET_ARN, name)
    updated = created + timedelta(minutes=15)
    return Job(arn=arn, status=status, created=created, updated=updated, import_mode=mode)


def record(*, kind: str = "Update", is_open: bool = False, **known: Any) -> Record:
    """The record of a resource, whose last request came a minute before NOW."""
    issued = NOW.timestamp() - 60
    made = Record(
        key=KEY,
        request=Request(id="1", type=kind, issued=issued, expires=issued + 7200),
        event={"ResourceProperties": {"DatasetArn": DATASET_ARN}} if is_open else None,
        deadline=issued + 3600,
    )
    return replace(made, **known)
