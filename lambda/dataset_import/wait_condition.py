# SPDX-License-Identifier: Apache-2.0
"""The wait condition of an import of hours: which one a request brings, and whether it still listens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WAIT = 43_200.0 - 120.0
"""Seconds within which a signal has to come: CloudFormation waits twelve hours, and a tick may come late.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html
"""

DUE = "DUE"
"""It is to hear how the import ends."""

OVER = "OVER"
"""It has had its signal, or CloudFormation has given it up: a rollback goes back to it."""


def handle_of(event: Mapping[str, Any]) -> str:
    """The URL at which the wait condition that a request brings takes its signal.

    Empty where there is none: an import of an hour or less, a Delete, or an Update that leaves the handle as
    it was, since that one has had its signal.
    """
    handle, before = _handles(event)
    return "" if handle == before or event["RequestType"] == "Delete" else handle


def signal_of(event: Mapping[str, Any]) -> str:
    """What becomes of a request's signal, as far as its event tells: `DUE`, `OVER`, or empty for none."""
    if not handle_of(event):
        return ""
    dates = ("X-Amz-Date", "Expires")  # what a presigned URL has, by the version of its signature
    pairs = [[_queried(handle, date) for handle in _handles(event)] for date in dates]
    return OVER if any(new < old for new, old in pairs if new and old) else DUE


def goes_back(event: Mapping[str, Any], time: float) -> bool:
    """Whether an Update brings a handle that was made before a time, in seconds since the epoch.

    Not where its URL does not say when it was made.
    """
    made = _queried(handle_of(event), "X-Amz-Date") if event["RequestType"] == "Update" else ""
    return bool(made) and made < datetime.fromtimestamp(time, UTC).strftime("%Y%m%dT%H%M%SZ")


def _handles(event: Mapping[str, Any]) -> tuple[str, str]:
    """The handle's URL, and that before the Update; empty where there is none."""
    new, old = (event.get(key) or {} for key in ("ResourceProperties", "OldResourceProperties"))
    return str(new.get("WaitConditionHandle", "")), str(old.get("WaitConditionHandle", ""))


def _queried(url: str, key: str) -> str:
    return parse_qs(urlsplit(url).query).get(key, [""])[0]
