# SPDX-License-Identifier: Apache-2.0
"""The signal to the wait condition of an import of hours, when the import has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataset_import.jobs import job_name
from dataset_import.request import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WAIT = 43_200.0 - 120.0
"""Seconds within which a signal has to come: CloudFormation waits twelve hours, and a tick may be late.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html
"""


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
