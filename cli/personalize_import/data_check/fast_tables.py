# SPDX-License-Identifier: Apache-2.0
"""Splits blocks in which all lines are written in the same way, which is the usual case."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.columns import Columns
from personalize_import.data_check.conditions import as_polars
from personalize_import.data_check.table import (
    BrokenLines,
    Table,
    accounts_for,
    split_all,
    unused_characters,
)
from personalize_import.data_check.values import Lengths
from personalize_import.data_rules.line_rules import QUOTE_DOUBLED, TEXT_UNQUOTED, UNQUOTED, written_rules

_SPECIAL = (b'"', b"\\", b"\r")
_LEAST_IDLE = 8
"""Columns that need not be looked at. For fewer, it is not worth to look for them."""

_PIECE_BYTES = 512 * 1024

_MARK, _BACKSLASH, _COMMA, _LINE_FEED = b'"\\,\n'


def narrow_table(block: Block, columns: Columns, marks: frozenset[str], head_rows: int) -> Table | None:
    """The table of a block without quotation marks and escapes, with those columns only that are looked at.

    None if the block is written in another way, or if a value of the other columns may break a rule.

    Args:
        block: The lines.
        columns: Their columns.
        marks: The characters that rules ask for and that may be in the block.
        head_rows: Of how many rows all columns are taken.
    """
    if len(columns.idle) < _LEAST_IDLE or any(mark in block.data for mark in _SPECIAL):
        return None
    idle = [int(column) for column in columns.idle]
    values = columns.values
    lengths = _lengths(block.data, columns.width, idle, {len(word) for word in values.words(columns.idle)})
    if lengths is None or not values.cannot_break(columns.idle, lengths, block.data, marks):
        return None
    wanted = sorted({int(column) for column in columns.fields} - set(idle))
    try:
        frame = pl.read_csv(block.data, has_header=False, columns=wanted, infer_schema=False, quote_char=None)
        frame.columns = [str(position) for position in wanted]
        head = _first_lines(block.data, head_rows)
        return Table(frame, empty=lengths.empty, head=split_all(head, columns.width, quotes=False))
    except pl.exceptions.PolarsError:  # not UTF-8
        return None


def _lengths(data: bytes, width: int, idle: Sequence[int], sought: Collection[int]) -> Lengths | None:
    """The lengths of the values of some columns; None if a line has not so many values.

    Args:
        data: The lines.
        width: How many values each has.
        idle: The positions of the columns.
        sought: The lengths that are looked for.
    """
    empty, longest, found = np.zeros(width, np.int64), 0, set()
    # Neighbours are taken without a copy.
    are_neighbours = idle[-1] - idle[0] + 1 == len(idle)
    taken = slice(idle[0], idle[-1] + 1) if are_neighbours else list(idle)
    start = 0
    while start < len(data):  # in pieces that stay in the processor's cache
        end = data.find(b"\n", start + _PIECE_BYTES) + 1 or len(data)
        piece = np.frombuffer(data, np.uint8, end - start, start)
        separators = np.flatnonzero(_is_separator(piece))
        line_ends = separators[width - 1 :: width]
        if len(separators) % width or (piece[line_ends] != _LINE_FEED).any():
            return None
        if np.count_nonzero(piece == _LINE_FEED) != len(line_ends):
            return None
        lengths = (np.diff(separators, prepend=-1) - 1).reshape(-1, width)
        empty += np.count_nonzero(lengths == 0, axis=0)
        longest = max(longest, int(lengths[:, taken].max()))
        found |= {length for length in sought if (lengths[:, taken] == length).any()}
        start = end
    return Lengths({str(column): int(empty[column]) for column in idle}, longest, frozenset(found))


def _first_lines(data: bytes, rows: int) -> bytes:
    end = 0
    for _ in range(rows):
        end = data.find(b"\n", end) + 1
        if not end:
            return data
    return data[:end]


def plain_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table | None:
    """The table of a block without quotation marks and escapes."""
    if any(mark in block.data for mark in _SPECIAL):
        return None
    frame = split_all(block.data, width, quotes=False)
    if frame is None or not accounts_for(frame, block.data, block.rows, width):
        return None
    return Table(frame, broken=_unquoted_texts(frame, texts, examples))


def _unquoted_texts(frame: pl.DataFrame, texts: Sequence[int], examples: int) -> list[BrokenLines]:
    broken = []
    for column in texts:
        name = str(column)
        text = frame[name]
        rows = frame.select(as_polars(UNQUOTED, pl.col(name).fill_null("")))[name].arg_true()
        if len(rows):
            first = rows.head(examples)
            broken.append(
                BrokenLines(TEXT_UNQUOTED, first.to_list(), text.gather(first).to_list(), len(rows), column)
            )
    return broken


def quoted_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table | None:
    """The table of a block with quoted values, in which quotation marks are escaped or doubled."""
    if b'"' not in block.data or b"\r" in block.data:
        return None
    unused = next(unused_characters(block.data), None)
    if unused is None:
        return None
    backslash = 2 * unused  # what stands for an escaped backslash is as long
    data = block.data
    marks = _Marks.of(data)
    has_backslashes = marks is None and b"\\\\" in data
    if has_backslashes:
        data = data.replace(b"\\\\", backslash.encode())
        marks = _Marks.of(data)
    if marks is None or not marks.are_alike(block.rows, width, texts):
        return None
    frame = split_all(marks.with_doubled(), width, quotes=True)
    if frame is None or frame.height != block.rows:
        return None
    broken = _doubled(block.data, unused, width, examples) if marks.has_doubled else []
    if has_backslashes:
        frame = frame.select(pl.all().str.replace_all(backslash, "\\", literal=True))
    return Table(frame, broken=broken)


@dataclass(frozen=True)
class _Marks:
    """Where the quotation marks of some lines are, and what they enclose.

    Attributes:
        data: The bytes of the lines.
        marks: The positions of those that are not escaped: opening and closing ones in turn.
        escaped: The positions of those that are escaped, each in a value.
        ends: The positions of the line feeds.
        has_doubled: Whether any closes a value and opens it again: it is doubled.
    """

    data: np.ndarray
    marks: np.ndarray
    escaped: np.ndarray
    ends: np.ndarray
    has_doubled: bool

    @classmethod
    def of(cls, lines: bytes) -> _Marks | None:
        """Find the marks; None if they do not enclose whole values of one line, or if more is escaped."""
        data = np.frombuffer(lines, np.uint8)
        every = np.flatnonzero(data == _MARK)
        # The byte before the first one is the last one, which is a line feed.
        is_escaped = data[every - 1] == _BACKSLASH
        if np.count_nonzero(data == _BACKSLASH) != np.count_nonzero(is_escaped):
            return None
        marks, escaped = every[~is_escaped], every[is_escaped]
        opening, closing = marks[0::2], marks[1::2]
        if len(opening) != len(closing) or not len(opening):
            return None
        if (np.cumsum(~is_escaped)[is_escaped] % 2 == 0).any():
            return None
        is_doubled = opening[1:] == closing[:-1] + 1
        starts, stops = _is_separator(data[opening - 1]), _is_separator(data[closing + 1])
        starts[1:] |= is_doubled
        stops[:-1] |= is_doubled
        ends = np.flatnonzero(data == _LINE_FEED)
        if not (starts.all() and stops.all()) or _is_inside(marks, ends).any():
            return None
        return cls(data, marks, escaped, ends, bool(is_doubled.any()))

    def are_alike(self, rows: int, width: int, texts: Sequence[int]) -> bool:
        """Whether each line has so many values, of which texts are in quotation marks or empty."""
        commas = np.flatnonzero(self.data == _COMMA)
        commas = commas[~_is_inside(self.marks, commas)]
        separators = np.sort(np.concatenate([commas, self.ends]), kind="stable")
        if len(separators) != rows * width or (separators[width - 1 :: width] != self.ends).any():
            return False
        starts = np.concatenate([[0], separators[:-1] + 1])
        first = self.data[starts.reshape(rows, width)[:, list(texts)]]
        return bool(((first == _MARK) | _is_separator(first)).all())

    def with_doubled(self) -> bytes:
        """The lines with doubled quotation marks instead of escaped ones, which the engine does not know."""
        if not len(self.escaped):
            return self.data.tobytes()
        written = self.data.copy()
        written[self.escaped - 1] = _MARK
        return written.tobytes()


def _is_separator(data: np.ndarray) -> np.ndarray:
    return np.asarray((data == _COMMA) | (data == _LINE_FEED))


def _is_inside(marks: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Which positions are between an opening mark and its closing one."""
    return np.asarray(np.searchsorted(marks, positions) % 2 == 1)


def _doubled(data: bytes, unused: str, width: int, examples: int) -> list[BrokenLines]:
    line = split_all(data, 1, quotes=False, separator=unused)
    if line is None:
        return []
    [condition] = [condition for rule, condition in written_rules(width) if rule is QUOTE_DOUBLED]
    rows = line.select(as_polars(condition, pl.col("0").fill_null("")))["0"].arg_true()
    first = rows.head(examples)
    return [BrokenLines(QUOTE_DOUBLED, first.to_list(), line["0"].gather(first).to_list(), len(rows))]
