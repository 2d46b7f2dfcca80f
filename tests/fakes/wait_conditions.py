# SPDX-License-Identifier: Apache-2.0
"""Wait conditions of CloudFormation: handles that take signals. The first signal counts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.kernel import Signal

if TYPE_CHECKING:
    from tests.fakes.cloudformation import Request
    from tests.fakes.journal import Journal
    from tests.fakes.kernel import Kernel
    from tests.fakes.observer import Observer

LONGEST = 43_200.0
"""Seconds that a wait condition waits at most."""

SLACK = 120.0
"""Seconds that a wait condition waits longer than the import may take."""


@dataclass
class WaitCondition:
    """One wait condition with its handle.

    Attributes:
        url: The handle's URL.
        content: What the dataset holds once the import that is waited for is done.
        signals: Every signal, in order; the first one counts.
        is_over: Whether CloudFormation has stopped waiting.
    """

    url: str
    content: object
    woken: Signal
    signals: list[dict[str, Any]] = field(default_factory=list)
    is_over: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the signal that counts is a success."""
        return bool(self.signals) and self.signals[0]["Status"] == "SUCCESS"


class WaitConditions:
    """Every wait condition of every stack."""

    def __init__(self, kernel: Kernel, journal: Journal, observer: Observer) -> None:
        self._kernel = kernel
        self._journal = journal
        self._observer = observer
        self.by_url: dict[str, WaitCondition] = {}

    def make(self, content: object) -> WaitCondition:
        """Make a wait condition and its handle."""
        date = datetime.fromtimestamp(self._kernel.now, UTC).strftime("%Y%m%dT%H%M%SZ")
        url = (
            "https://cloudformation-waitcondition-useast1.s3.amazonaws.com/handle"
            f"?X-Amz-Date={date}&X-Amz-Signature=3a17{len(self.by_url):08x}"
        )
        self.by_url[url] = condition = WaitCondition(url, content, Signal(self._kernel))
        return condition

    def store(self, url: str, body: bytes, request: Request) -> int:
        """Take a signal, and return the HTTP status."""
        condition = self.by_url[url]
        self._journal.note(request.id, f"signalled {body.decode()}")
        condition.signals.append(json.loads(body))
        self._observer.signalled(request, condition, body)
        condition.woken.give()
        return 200

    def wait(self, condition: WaitCondition, request: Request, cancel_after: float | None = None) -> bool:
        """Wait for the signal that counts, and return whether it is a success."""
        timeout = min(float(request.properties["Timeout"]) + SLACK, LONGEST)
        if not condition.signals and not condition.is_over:
            patience = timeout if cancel_after is None else min(cancel_after, timeout)
            self._kernel.wait([condition.woken], patience)
        if not condition.signals and cancel_after is None:
            self._observer.unsignalled(request)
        condition.is_over = True
        return condition.succeeded


def needs_wait(properties: dict[str, Any]) -> bool:
    """Whether an import has a wait condition: it may take longer than CloudFormation waits for a resource."""
    try:
        is_long = float(properties["Timeout"]) > 3600
    except (KeyError, TypeError, ValueError):
        return False
    return is_long and properties.get("Wait", "true") == "true"
