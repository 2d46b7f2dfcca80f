# SPDX-License-Identifier: Apache-2.0
"""The journal of a run: what happened, in order. The same seed gives the same journal, byte for byte."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.kernel import Kernel

LINE = 200
LINES = 120
"""The most that a story shows, of a line and of lines."""


class Journal:
    """The events of a run, with the times at which they happened, and counts of them.

    Attributes:
        faults: How often each kind of fault was injected.
        operations: How often each operation of a user, CloudFormation or the handler happened.
        last_fault: When each request last met a fault.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._started = kernel.now
        self._events: list[tuple[float, str, str]] = []
        self.faults: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.last_fault: dict[str, float] = {}

    def note(self, who: str, what: str) -> None:
        """Add an event."""
        self._events.append((self._kernel.now, who, what))

    def count(self, operation: str) -> None:
        """Count an operation."""
        self.operations[operation] += 1

    def fault(self, who: str, kind: str, where: str) -> None:
        """Add an injected fault."""
        self.faults[kind] += 1
        self.last_fault[who] = self._kernel.now
        self.note(who, f"FAULT {kind} at {where}")

    def lines(self) -> Iterator[str]:
        """The events as text."""
        for when, who, what in self._events:
            yield f"{when - self._started:10.3f} s  {who}: {what}"

    def story(self) -> list[str]:
        """The events up to the last violation as text, without the repetitions of watching."""
        shown: list[str] = []
        last: dict[str, str] = {}
        for when, who, what in self._events:
            if last.get(who) != what:
                shown.append(f"{when - self._started:10.3f} s  {who}: {what}"[:LINE])
            last[who] = what
        ends = [number for number, line in enumerate(shown, 1) if "VIOLATED" in line]
        end = ends[-1] if ends else len(shown)
        return shown[max(end - LINES, 0) : end]
