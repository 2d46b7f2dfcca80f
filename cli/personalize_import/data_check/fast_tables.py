# SPDX-License-Identifier: Apache-2.0
"""Splits blocks in which all lines are written in the same way, which is the usual case."""

from __future__ import annotations

import functools
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.byte_counts import count_bytes, positions
from personalize_import.data_check.table import (
    BrokenLines,
    Table,
    accounts_for,
    split_all,
    unquoted_texts,
    unused_characters,
)
from personalize_import.data_rules.line_rules import QUOTE_DOUBLED

SPECIAL = '"\\\r'
QUOTE, BACKSLASH, COMMA, LINE_FEED = b'"\\,\n'


def plain_table(
    block: Block, width: int, texts: Sequence[int], examples: int, timestamps: Collection[str] = ()
) -> Table | None:
    """The table of a block without quotation marks and escapes.

    Args:
        block: The lines.
        width: How many columns there are.
        texts: The positions of the textual ones.
        examples: How many places of each broken rule to keep.
        timestamps: The columns that are numbers in the table, if all their values are written as such.
    """
    if any(map(block.has, SPECIAL)):
        return None
    table = _read(block, width, timestamps)
    if table is None and timestamps:
        table = _read(block, width, ())
    if table is not None:
        table.broken = unquoted_texts(table.frame, table.frame, texts, examples)
    return table


def _read(block: Block, width: int, numbers: Collection[str]) -> Table | None:
    """The values of plain lines; None if a number is not written in the shortest way."""
    frame = split_all(block.data, width, quotes=False, numbers=numbers)
    table = None if frame is None else Table(frame)
    if table is None or not accounts_for(table, block.data, block.rows, width):
        return None
    # A byte too many in a number makes up for a comma too few, which leaves the last value null.
    may_lack_values = numbers and table.frame[str(width - 1)].null_count()
    if may_lack_values and count_bytes(block.data, np.equal, COMMA) != block.rows * (width - 1):
        return None
    return table


def quoted_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table | None:
    """The table of a block with quoted values, in which quotation marks are escaped or doubled."""
    if not block.has('"') or block.has("\r"):
        return None
    data, backslash = block.data, ""
    quotes = _Quotes.of(data, block.rows)
    if quotes is None and b"\\\\" in data and (unused := next(unused_characters(data), None)):
        backslash = 2 * unused  # what stands for an escaped backslash is as long
        data = data.replace(b"\\\\", backslash.encode())
        quotes = _Quotes.of(data, block.rows)
    if quotes is None:
        return None
    frame = split_all(quotes.with_doubled, width, quotes=True)
    table = None if frame is None else Table(frame)
    if table is None or not accounts_for(table, data, block.rows, width, quotes.left_out):
        return None
    if texts and not quotes.enclose(table, texts):
        return None
    if backslash:
        table = Table(table.frame.select(pl.all().str.replace_all(backslash, "\\", literal=True)))
    if len(quotes.doubled):
        table.broken = [_doubled(block.data, quotes, examples)]
    return table


@dataclass(frozen=True)
class _Quotes:
    """Where the quotation marks of some lines are, and what they enclose.

    Attributes:
        lines: The lines.
        rows: How many lines there are.
        with_doubled: The lines with doubled quotation marks instead of escaped ones, which the engine does
            not know.
        opening: The positions of the marks that begin a value.
        closing: The positions of the marks that end a value.
        escaped: The positions of escaped marks in values.
        doubled: The positions of doubled marks in values, of each pair the first.
    """

    lines: bytes
    rows: int
    with_doubled: bytes
    opening: np.ndarray
    closing: np.ndarray
    escaped: np.ndarray
    doubled: np.ndarray

    @classmethod
    def of(cls, lines: bytes, rows: int) -> _Quotes | None:
        """Find the marks of the lines; None if they do not enclose whole values, or if more is escaped."""
        data = np.frombuffer(lines, np.uint8)
        quotes = positions(lines, QUOTE)
        escaped = quotes[:0]
        with_doubled = lines
        if b"\\" in lines:
            # The byte before the first one is the last one, which is a line feed.
            is_escaped = data[quotes - 1] == BACKSLASH
            indexes = np.flatnonzero(is_escaped)
            # Of the others, one has opened the value and not closed it.
            others_before = indexes - np.arange(len(indexes))
            if (others_before % 2 == 0).any():
                return None
            quotes, escaped = quotes[~is_escaped], quotes[indexes]
            with_doubled = _with_quotes(lines, escaped - 1)
            if b"\\" in with_doubled:
                return None
        opening, closing = quotes[0::2], quotes[1::2]
        if len(opening) != len(closing) or not len(opening):
            return None
        # One that closes a value and opens it again is doubled.
        is_doubled = opening[1:] == closing[:-1] + 1
        doubled = closing[:-1][is_doubled]
        opening = opening[np.concatenate([[True], ~is_doubled])]
        closing = closing[np.concatenate([~is_doubled, [True]])]
        if not (is_separator(data[opening - 1]).all() and is_separator(data[closing + 1]).all()):
            return None
        return cls(lines, rows, with_doubled, opening, closing, escaped, doubled)

    @property
    def left_out(self) -> int:
        """How many characters are written that are not in the values: what encloses, escapes or doubles."""
        return 2 * len(self.opening) + len(self.escaped) + len(self.doubled)

    @functools.cached_property
    def ends(self) -> np.ndarray:
        """The positions of the line feeds."""
        after = self.closing + 1
        ends = after[np.frombuffer(self.lines, np.uint8)[after] == LINE_FEED]
        # If all lines end in a quotation mark, there are no others.
        return ends if len(ends) == self.rows else positions(self.lines, LINE_FEED)

    def enclose(self, table: Table, columns: Sequence[int]) -> bool:
        """Whether they enclose all values of some columns that are not empty; each line has a row."""
        data = np.frombuffer(self.lines, np.uint8)
        starts = np.concatenate([[0], self.ends[:-1] + 1])
        last = max(columns)
        for column in range(last + 1):
            first = data[starts]
            is_enclosed = first == QUOTE
            if column in columns and not (is_enclosed | is_separator(first)).all():
                return False
            if column < last:
                stops = starts + table.lengths[str(column)].fill_null(0).to_numpy()
                stops[is_enclosed] = self.closing[np.searchsorted(self.opening, starts[is_enclosed])] + 1
                starts = stops + 1
        return True


def _with_quotes(data: bytes, places: np.ndarray) -> bytes:
    """The same bytes with quotation marks in some places."""
    written = io.BytesIO(data)
    np.frombuffer(written.getbuffer(), np.uint8)[places] = QUOTE
    return written.getvalue()


def is_separator(data: np.ndarray) -> np.ndarray:
    """Which bytes are commas or line feeds."""
    return np.asarray((data == COMMA) | (data == LINE_FEED))


def _doubled(data: bytes, quotes: _Quotes, examples: int) -> BrokenLines:
    """The lines with doubled quotation marks."""
    before_end = np.searchsorted(quotes.doubled, quotes.ends)
    rows = np.flatnonzero(np.diff(before_end, prepend=0))
    first = rows[:examples].tolist()
    starts = [int(quotes.ends[row - 1]) + 1 if row else 0 for row in first]
    shown = [data[start : quotes.ends[row]].decode() for row, start in zip(first, starts, strict=True)]
    return BrokenLines(QUOTE_DOUBLED, first, shown, len(rows))
