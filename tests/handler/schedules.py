# SPDX-License-Identifier: Apache-2.0
"""Schedules that are kept in memory, and a bench on which a request uses them, in virtual time."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, cast

from dataset_import.claim import Claim, SupersededError
from dataset_import.ledger import Ledger
from dataset_import.polling import PollingError, ledger_name
from dataset_import.state import RequestState
from dataset_import.watch import Watch
from tests.handler.clients import error
from tests.handler.clock import START, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_import.polling import Polling

DENIED, THROTTLED = error("AccessDeniedException"), error("ThrottlingException")
FINAL = error("UnknownOperationException")
NOT_THERE = error("ResourceNotFoundException")
DATED = "https://cloudformation.test/?X-Amz-Date=20261118T110640Z&X-Amz-Expires=7200"
"""A URL that was made at the clock's start."""


class Schedules:
    """Schedules in memory, with things to come between and errors to come.

    Attributes:
        kept: What each schedule remembers.
        calls: What was called, in order: the operation and the schedule's name.
        errors: What goes wrong with an operation, one error a call, instead of its effect.
        lost: The same, after the effect.
        between: What happens just before an operation has its effect.
    """

    def __init__(self) -> None:
        self.kept: dict[str, RequestState] = {}
        self.calls: list[tuple[str, str]] = []
        self.errors: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self.lost: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self.between: defaultdict[str, deque[Callable[[], object]]] = defaultdict(deque)

    def count(self, operation: str) -> int:
        """How many calls there have been of an operation."""
        return sum(called == operation for called, _ in self.calls)

    def find(self, name: str) -> RequestState | None:
        self._begin("find", name)
        return self.kept.get(name)

    def create(self, name: str, event: object, state: RequestState, now: float) -> bool:
        self._begin("create", name)
        is_new = self.kept.setdefault(name, state) is state
        self._end("create")
        return is_new

    def update(self, name: str, event: object, state: RequestState, now: float) -> None:
        self._begin("update", name)
        if name not in self.kept:
            raise PollingError(NOT_THERE)
        self.kept[name] = state
        self._end("update")

    def _begin(self, operation: str, name: str) -> None:
        self.calls.append((operation, name))
        if self.between[operation]:
            self.between[operation].popleft()()
        if self.errors[operation]:
            raise PollingError(self.errors[operation].popleft())

    def _end(self, operation: str) -> None:
        if self.lost[operation]:
            raise PollingError(self.lost[operation].popleft())


class Bench:
    """One request, and what other requests of its resource do around it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.schedules = Schedules()
        self.event = self.request("r1")
        self.name = ledger_name(self.event)

    @property
    def polling(self) -> Polling:
        """The schedules, as the handler takes them."""
        return cast("Polling", self.schedules)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock.now - START

    def request(self, name: str, url: str = DATED) -> dict[str, Any]:
        """Make an event."""
        return {
            "RequestType": "Create",
            "RequestId": name,
            "StackId": "stack",
            "LogicalResourceId": "Interactions",
            "ResponseURL": url,
        }

    def state(self, request: str = "older", issued: float = START - 100, **more: Any) -> RequestState:
        """Make another request's state."""
        return RequestState(request, issued, issued + 7200, issued + 3480, **more)

    def put(self, number: int, state: RequestState | None = None, **changes: Any) -> RequestState:
        """Put an entry, an older request's if none is given, into the ledger."""
        entry = (state or self.state())._replace(number=number, **changes)
        self.schedules.kept[f"{self.name}-{number}"] = entry
        return entry

    def mark(self, number: int) -> None:
        """Put the bookmark at an entry."""
        self.schedules.kept[self.name] = self.state(number=number, closed=True)

    def entry(self, number: int) -> RequestState:
        """The entry of a number."""
        return self.schedules.kept[f"{self.name}-{number}"]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the entries, in the order of their making."""
        names = [name.partition(f"{self.name}-") for name in self.schedules.kept]
        return [int(number) for _, is_entry, number in names if is_entry]

    def ledger(self, read: int = 0) -> Ledger:
        """Open the ledger."""
        return Ledger(self.polling, self.name, read)

    def claim(self, event: Mapping[str, Any] | None = None) -> Claim:
        """Take up the request."""
        return Claim.begin(event or self.event, self.polling, self.clock, timeout=3600)

    def watch(self, event: Mapping[str, Any] | None = None, time_left: float = 90) -> Watch:
        """Take up the request, and watch over it."""
        return Watch.begin(self.claim(event), self.clock, time_left)

    def stops(self, step: Callable[[], object]) -> bool:
        """Whether a step finds that its request is over."""
        try:
            step()
        except SupersededError:
            return True
        return False


def tick(claim: Claim) -> dict[str, Any]:
    """The event with which the schedule of a request's entry calls again."""
    return {**claim.event, "CrHelperPoll": True, "CrHelperData": claim.state._asdict()}
