# SPDX-License-Identifier: Apache-2.0
"""What is known of a request, and has to outlive the invocation that learned it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from dataset_import.request import fingerprint_of
from dataset_import.wait_condition import signal_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE_TIMEOUT = 3600.0
"""Seconds after which CloudFormation gives a custom resource up, at the latest.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
"""

ANSWER_BEFORE = 120.0
"""Seconds before CloudFormation gives up that the answer is due: a tick may come a minute late."""

URL_LIFE = 7200.0
"""Seconds for which a response URL is taken to be good where it does not say."""

LIFE = 14 * 3600.0
"""Seconds for which a request is remembered: twelve hours of a wait condition, and the life of a URL.

It is the same for all requests of a resource, so that what is remembered goes in the order in which it came.
"""


class RequestState(NamedTuple):
    """One request of CloudFormation, and how far it has got.

    Attributes:
        request: Stands for the RequestId and its response URL, which it does not reveal. The same RequestId
            with another URL is another request: CloudFormation has sent it again.
        issued: When CloudFormation sent it, in seconds since the epoch. Of a resource's requests the one that
            was issued last is the one that counts, in whatever order they arrive.
        expires: When its response URL expires; who arrives later cannot be answered any more.
        deadline: When it has to be answered at the latest.
        fingerprint: Stands for the data that it is about.
        job_name: The name of its import job; empty until it has been chosen.
        settles: Until when a call of the request that it took over from may still be under way.
        previous_job: The name of that request's job.
        last_words: What it last heard of why it has to wait; empty once its job is running.
        signal: What becomes of the signal to its wait condition: `DUE`, `OVER`, or empty where there is none.
        queued: Whether it waits for its turn, which is worth one look a tick.
        answered: Whether CloudFormation has its answer, and only the wait condition waits for more; so what
            an entry says that has been decided is the signal, not the answer.
        closed: Whether everything has been delivered that this request is to deliver.
        answer: In an entry that says nothing else: what was decided to be delivered.
        number: The number of the entry in the ledger.
        ends: When its entries in the ledger expire.
    """

    request: str
    issued: float
    expires: float
    deadline: float
    fingerprint: str = ""
    job_name: str = ""
    settles: float = 0.0
    previous_job: str = ""
    last_words: str = ""
    signal: str = ""
    queued: bool = False
    answered: bool = False
    closed: bool = False
    answer: Mapping[str, Any] | None = None
    number: int = 0
    ends: float = 0.0

    @classmethod
    def new(cls, event: Mapping[str, Any], now: float, timeout: float) -> RequestState:
        """The state of a request at its beginning.

        Args:
            event: CloudFormation's event.
            now: Seconds since the epoch, for a URL that does not say when it was made.
            timeout: Seconds that the request may take.
        """
        issued, life = _dated(event["ResponseURL"]) or (now, URL_LIFE)
        return cls(
            request=_digest([event["RequestId"], event["ResponseURL"]]),
            issued=issued,
            expires=issued + life,
            deadline=issued + min(timeout, _longest(event)),
            fingerprint=fingerprint_of(event.get("ResourceProperties") or {}),
            signal=signal_of(event),
            ends=now + LIFE,
        )

    def beginning_now(self, event: Mapping[str, Any], now: float, timeout: float) -> RequestState:
        """The state of a request that could not begin before, with a deadline that says so.

        Args:
            event: CloudFormation's event.
            now: Seconds since the epoch.
            timeout: Seconds that the request may take, as far as CloudFormation waits for it.
        """
        deadline = min(now + timeout, self.issued + _longest(event))
        return self._replace(deadline=max(deadline, self.deadline))

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> RequestState:
        """The state as it was stored, perhaps by another version of the handler."""
        return cls(**{name: value for name, value in stored.items() if name in cls._fields})


def _longest(event: Mapping[str, Any]) -> float:
    """The seconds after which CloudFormation has to have its answer."""
    given = (event.get("ResourceProperties") or {}).get("ServiceTimeout", SERVICE_TIMEOUT)
    return min(float(given), SERVICE_TIMEOUT) - ANSWER_BEFORE


def is_dated(event: Mapping[str, Any]) -> bool:
    """Whether an event tells when CloudFormation sent it."""
    return _dated(event["ResponseURL"]) is not None


def _dated(url: str) -> tuple[float, float] | None:
    """When a presigned URL was made, and for how many seconds it is good."""
    query = parse_qs(urlsplit(url).query)
    try:
        made = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")
        return made.replace(tzinfo=UTC).timestamp(), float(query["X-Amz-Expires"][0])
    except (KeyError, ValueError):
        return None


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
