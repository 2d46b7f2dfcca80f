# SPDX-License-Identifier: Apache-2.0
"""The wait condition of an import of hours: how far the import has to get, and the signal at its end."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from dataset_import.event import SignalState
from dataset_import.jobs import job_name
from dataset_import.request import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.record import Record

SIGNAL_WITHIN = 43_200.0 - 120.0
"""Seconds after a request within which its signal is sent: CloudFormation waits twelve hours for it, and a
tick may be late.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html
"""


class Goal(enum.Enum):
    """How far an import has to get."""

    ACTIVE = enum.auto()
    """The data is in the dataset."""
    ACCEPTED = enum.auto()
    """Personalize has accepted the job."""
    ACCEPTED_OR_QUEUED = enum.auto()
    """The same, or the job has to wait longer for its turn than CloudFormation waits."""
    ACTIVE_IF_IN_TIME = enum.auto()
    """The data is in the dataset, or the job still runs or waits for its turn when the time is over.

    A rollback to an import of hours has no wait condition that would wait for it again. It waits as long as a
    custom resource may, and then succeeds: a failure would leave the stack in UPDATE_ROLLBACK_FAILED.
    """


def goal(record: Record, *, wait: bool, is_staged: bool) -> Goal:
    """Decide how far an import has to get before the next delivery to CloudFormation, or the end.

    Copies of staged files are removed when the job has ended, so their import is followed to its end.
    """
    if record.answered:
        return Goal.ACTIVE if record.signal is SignalState.DUE or is_staged else Goal.ACCEPTED
    if record.signal is SignalState.DUE:
        return Goal.ACCEPTED_OR_QUEUED
    if not wait:
        return Goal.ACCEPTED
    return Goal.ACTIVE_IF_IN_TIME if record.signal is SignalState.OVER else Goal.ACTIVE


def handle_of(event: Mapping[str, Any]) -> str:
    """Return the URL at which the wait condition takes its signal; empty where there is none."""
    return text_of(event.get("ResourceProperties"), "WaitConditionHandle")


def success(arn: str) -> Mapping[str, Any]:
    """Return the signal of an import whose data is in the dataset."""
    return _signal("SUCCESS", "The data is in the dataset.", arn)


def failure(reason: str, arn: str) -> Mapping[str, Any]:
    """Return the signal of an import that has failed, or has not ended in time."""
    return _signal("FAILURE", reason, arn)


def _signal(status: str, reason: str, arn: str) -> Mapping[str, Any]:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html
    return {"Status": status, "Reason": reason, "UniqueId": job_name(arn) or "import", "Data": arn}
