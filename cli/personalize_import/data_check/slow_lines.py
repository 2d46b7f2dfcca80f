# SPDX-License-Identifier: Apache-2.0
"""Lines that are looked at one by one, because they break a rule on lines or are written in a rare way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.table import BrokenLines
from personalize_import.data_check.tokens import Values, split
from personalize_import.data_rules.condition import holds
from personalize_import.data_rules.line_rules import (
    IS_OPEN,
    LINE_LENGTH,
    LONGEST_LINE,
    NO_RECORD,
    RECORD_LINES,
    UNREADABLE,
    values_instead,
    written_rules,
)
from personalize_import.data_rules.rule import Rule

MOST_LINES_OF_A_RECORD = 100
"""A quotation mark that is not closed within so many lines is taken for a stray one."""

_TAIL_BYTES = 64 * 1024


class _Lines(Protocol):
    """Lines of text, by their positions."""

    def __getitem__(self, row: int, /) -> str: ...

    def __len__(self) -> int: ...


def has_open_end(block: Block) -> bool:
    """Whether one of the last lines is open, so that its record may go on in the next block."""
    if not block.has('"') and not block.has("\\"):
        return False
    end = block.data
    lines = end[-_TAIL_BYTES:].split(b"\n")[-MOST_LINES_OF_A_RECORD - 1 :]
    if len(lines) <= MOST_LINES_OF_A_RECORD and len(end) > _TAIL_BYTES:
        return True  # very long lines
    return any(_may_be_open(line) and holds(IS_OPEN, line.decode(errors="replace")) for line in lines)


def _may_be_open(line: bytes) -> bool:
    """Whether quotation marks are left over, or an escape. Most lines need no closer look."""
    rest = line.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"\\" in rest or rest.count(b'"') % 2 == 1


class SlowLines:
    """Reads lines one by one.

    Args:
        lines: All lines of a block.
        block: The block.
        width: How many values a line should have.

    Attributes:
        rows: The positions of the lines that were split into values.
        values: Their values.
        written: The same values as they are written.
        taken: The positions of all lines that were looked at or belong to a record that began before.
        without_values: Records that cannot be split into values.
        rest: How many lines at the end belong to a record that goes on in the next block.
    """

    def __init__(self, lines: _Lines, block: Block, width: int) -> None:
        self._lines = lines
        self._block = block
        self._width = width
        self._rules = tuple(written_rules(width))
        self._broken: dict[Rule, list[tuple[int, str]]] = {}
        self.rows: list[int] = []
        self.values: list[list[str]] = []
        self.written: list[list[str]] = []
        self.taken: list[int] = []
        self.without_values = 0
        self.rest = 0

    def read(self, rows: Iterable[int]) -> None:
        """Look at some lines, given in their order."""
        next_row = 0
        for row in rows:
            if row < next_row:
                continue
            lines = self._read_record(row)
            self.taken.extend(range(row, row + lines))
            next_row = row + lines
            if self.rest:
                return

    def _read_record(self, row: int) -> int:
        """Look at a record that begins on a line; how many lines it has."""
        line = self._lines[row]
        found = split(line) if line else None
        if found:
            self._add_values(row, line, found)
            return 1
        rule = next(rule for rule, condition in UNREADABLE if holds(condition, line))
        more = self._lines_more(line, row) if rule is RECORD_LINES else 0
        if more is None:
            # The next block begins with this record, so that it is looked at as a whole.
            self.rest = len(self._lines) - row
            return self.rest
        self._add(rule, row, line)
        self.without_values += rule not in NO_RECORD
        return 1 + more

    def _add_values(self, row: int, line: str, found: Values) -> None:
        count = len(found.values)
        for rule, condition in self._rules:
            if holds(condition, line):
                self._add(rule, row, values_instead(count, self._width) if rule is LINE_LENGTH else line)
        if count == self._width:
            self.rows.append(row)
            self.values.append(found.values)
            self.written.append(found.written)
        else:
            self.without_values += 1

    def _lines_more(self, line: str, row: int) -> int | None:
        """How many lines more the record has; 0 if it does not end soon, None if the block ends first."""
        part = self._block.part(row)
        for more in range(1, MOST_LINES_OF_A_RECORD):
            if row + more >= part.end:
                return None if self._block.goes_on and part is self._block.parts[-1] else 0
            line += "\n" + self._lines[row + more]
            if len(line) > LONGEST_LINE:
                return 0
            if not holds(IS_OPEN, line):
                return more
        return 0

    def _add(self, rule: Rule, row: int, value: str) -> None:
        self._broken.setdefault(rule, []).append((row, value))

    def broken(self, examples: int) -> list[BrokenLines]:
        """The rules that the lines break."""
        return [
            BrokenLines(
                rule,
                [row for row, _ in places[:examples]],
                [value for _, value in places[:examples]],
                len(places),
            )
            for rule, places in self._broken.items()
        ]
