# SPDX-License-Identifier: Apache-2.0
"""Pure functions: the current or last deployment of a stack, derived from its events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from personalize_import.status.handler_code import text_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
"""Statuses of the stack's own events that begin a deployment."""

_CANCELLED = "cancelled"
"""Part of the reason of a resource that failed only because another one has failed."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """The last operation of CloudFormation on a resource.

    Attributes:
        type: The resource's type.
        physical_id: Its physical id, if it has one.
        status: The status that the operation has reached.
        reason: The reason of the status; empty if there is none.
        began: When the operation began.
        updated: When it reached the status.
        dataset_arn: The dataset in the resource's properties; empty if the events do not show them.
    """

    type: str
    physical_id: str
    status: str
    reason: str
    began: datetime
    updated: datetime
    dataset_arn: str = ""


@dataclass(frozen=True)
class Failure:
    """The failure of a deployment.

    Attributes:
        logical_id: The first resource that failed; empty if none did, as after a cancelled update.
        at: The time of the failure.
        reason: The reason.
    """

    logical_id: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Deployment:
    """The events of one deployment.

    Attributes:
        began: When the deployment began; None if its first event is not known.
        failure: Its failure, if it has failed.
        events: The events of each resource, by logical id, the newest first.
    """

    began: datetime | None = None
    failure: Failure | None = None
    events: Mapping[str, Sequence[StackEventTypeDef]] = field(default_factory=dict)

    def operation(self, logical_id: str, *, of: str = "") -> Operation | None:
        """Return the last operation on a resource; None if there was none.

        Args:
            logical_id: The resource.
            of: The beginning of the operation's statuses, such as `CREATE_`. If omitted, any operation.
        """
        events = self.events.get(logical_id, ())
        operation = _operation([event for event in events if _status(event).startswith(of)])
        if operation is None or operation.physical_id:
            return operation
        # The events of a failed creation may have no physical id, but those of its rollback have one.
        ids = (event.get("PhysicalResourceId", "") for event in events)
        return replace(operation, physical_id=next(filter(None, ids), ""))


def begins_deployment(event: StackEventTypeDef, *, is_creation: bool = False) -> bool:
    """Whether an event is the first of a deployment, or of the stack's creation."""
    return _is_of_stack(event) and _status(event) in (_BEGINNINGS[:1] if is_creation else _BEGINNINGS)


def read_events(events: Sequence[StackEventTypeDef]) -> Deployment:
    """Group the events of a deployment, which are in the order of the API, by resource."""
    of_resources: dict[str, list[StackEventTypeDef]] = {}
    for event in events:
        if not _is_of_stack(event):
            of_resources.setdefault(event.get("LogicalResourceId", ""), []).append(event)
    began = events[-1]["Timestamp"] if events and begins_deployment(events[-1]) else None
    return Deployment(began, _failure(events), of_resources)


def _failure(events: Sequence[StackEventTypeDef]) -> Failure | None:
    """Return the first failure of a deployment, or the reason of its rollback."""
    oldest_first = list(reversed(events))
    for event in oldest_first:
        is_cancelled = _CANCELLED in event.get("ResourceStatusReason", "").lower()
        if not _is_of_stack(event) and _status(event).endswith("_FAILED") and not is_cancelled:
            return Failure(event.get("LogicalResourceId", ""), event["Timestamp"], _reason(event))
    for event in oldest_first:
        is_failure = "ROLLBACK" in _status(event) or _status(event).endswith("_FAILED")
        if _is_of_stack(event) and is_failure:
            return Failure("", event["Timestamp"], _reason(event))
    return None


def _operation(events: Sequence[StackEventTypeDef]) -> Operation | None:
    if not events:
        return None
    newest, first = events[0], events[0]
    for event in events[1:]:
        if _status(event).endswith(("_COMPLETE", "_FAILED")):
            break
        first = event
    own = events[: events.index(first) + 1]
    return Operation(
        type=newest.get("ResourceType", ""),
        physical_id=newest.get("PhysicalResourceId", ""),
        status=_status(newest),
        reason=_reason(newest),
        began=first["Timestamp"],
        updated=newest["Timestamp"],
        dataset_arn=next(filter(None, map(_dataset_arn, own)), ""),
    )


def _dataset_arn(event: StackEventTypeDef) -> str:
    try:
        properties = json.loads(event.get("ResourceProperties", ""))
    except ValueError:
        return ""
    return text_of(properties, "DatasetArn")


def _is_of_stack(event: StackEventTypeDef) -> bool:
    return event.get("PhysicalResourceId") == event["StackId"]


def _status(event: StackEventTypeDef) -> str:
    return event.get("ResourceStatus", "")


def _reason(event: StackEventTypeDef) -> str:
    return event.get("ResourceStatusReason", "")
