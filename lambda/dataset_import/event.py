# SPDX-License-Identifier: Apache-2.0
"""CloudFormation's event as a request without secrets, and the key of the record that it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

_URL_LIFE = 7200.0
"""Seconds for which a response URL without a date counts as valid."""


class SignalState(StrEnum):
    """The state of a request's signal to a wait condition."""

    NONE = ""
    DUE = "DUE"
    """The wait condition waits for the end of the job."""
    OVER = "OVER"
    """The wait condition has its signal, or CloudFormation waits no longer, as after a rollback to it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request of CloudFormation, without secrets.

    Attributes:
        id: Stands for the RequestId and the response URL. The same RequestId with another URL is another
            request: CloudFormation has sent it again.
        type: Create, Update or Delete.
        issued: When CloudFormation sent it, in seconds since the epoch.
        expires: When its response URL expires.
        physical_id: The physical id in the event; empty in a Create.
        properties: Stands for the resource's properties.
        old_properties: Stands for the properties before an Update; empty where there are none.
        handle: Stands for the handle of the wait condition in the properties; empty where there is none.
    """

    id: str
    type: str
    issued: float
    expires: float
    physical_id: str = ""
    properties: str = ""
    old_properties: str = ""
    handle: str = ""

    @classmethod
    def from_event(cls, event: Mapping[str, Any], now: float) -> Request:
        """Read an event; `now` is when it was issued, if its URL has no date."""
        issued, life = issue_date(event["ResponseURL"]) or (now, _URL_LIFE)
        new, old = event.get("ResourceProperties"), event.get("OldResourceProperties")
        handle = new.get("WaitConditionHandle") if isinstance(new, Mapping) else None
        return cls(
            id=digest(event["RequestId"], event["ResponseURL"]),
            type=str(event["RequestType"]),
            issued=issued,
            expires=issued + life,
            physical_id=str(event.get("PhysicalResourceId") or ""),
            properties=digest(new),
            old_properties=digest(old) if old is not None else "",
            handle=digest(handle) if handle else "",
        )


def record_key(event: Mapping[str, Any]) -> str:
    """Return the key of the record of an event's resource."""
    return f"{event['StackId']}/{event['LogicalResourceId']}"


def key_of_old_id(key: str, physical_id: str) -> str:
    """Return the key of the record of a Delete for an id that the resource no longer has."""
    return f"{key}/{physical_id}"


def issue_date(url: str) -> tuple[float, float] | None:
    """Return when a presigned URL was signed and for how many seconds it is valid; None without a date."""
    query = parse_qs(urlsplit(str(url)).query)
    try:
        made = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")
        return made.replace(tzinfo=UTC).timestamp(), float(query["X-Amz-Expires"][0])
    except (KeyError, ValueError):
        return None


def digest(*parts: object) -> str:
    """Return 32 hex digits that identify the parts without revealing them."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def signal_state(request: Request, event: Mapping[str, Any], spent: Collection[str]) -> SignalState:
    """Decide the state of a request's signal. `spent` are handles that CloudFormation no longer waits for."""
    new, old = event.get("ResourceProperties"), event.get("OldResourceProperties")
    handle, before = (
        str(given.get("WaitConditionHandle", "")) if isinstance(given, Mapping) else ""
        for given in (new, old)
    )
    # An Update with an unchanged handle sends no signal: the handle has had its signal.
    if not handle or request.type == "Delete":
        return SignalState.NONE
    if request.handle in spent:
        return SignalState.OVER
    if handle == before:
        return SignalState.NONE
    # Without a record of the earlier handle its date decides.
    dates = [_query_value(url, name) for name in ("X-Amz-Date", "Expires") for url in (handle, before)]
    is_older = any(new and old and new < old for new, old in zip(dates[::2], dates[1::2], strict=True))
    return SignalState.OVER if is_older else SignalState.DUE


def _query_value(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query).get(name, [""])[0]
