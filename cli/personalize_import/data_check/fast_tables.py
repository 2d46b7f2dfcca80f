# SPDX-License-Identifier: Apache-2.0
"""Splits blocks in which all lines are written in the same way, which is the usual case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.conditions import as_polars
from personalize_import.data_check.table import (
    BrokenLines,
    Table,
    accounts_for,
    split_all,
    unused_characters,
)
from personalize_import.data_rules.line_rules import QUOTE_DOUBLED, TEXT_UNQUOTED, UNQUOTED, written_rules

SPECIAL = (b'"', b"\\", b"\r")
MARK, BACKSLASH, COMMA, LINE_FEED = b'"\\,\n'


def plain_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table | None:
    """The table of a block without quotation marks and escapes."""
    if any(mark in block.data for mark in SPECIAL):
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
        every = np.flatnonzero(data == MARK)
        # The byte before the first one is the last one, which is a line feed.
        is_escaped = data[every - 1] == BACKSLASH
        if np.count_nonzero(data == BACKSLASH) != np.count_nonzero(is_escaped):
            return None
        marks, escaped = every[~is_escaped], every[is_escaped]
        opening, closing = marks[0::2], marks[1::2]
        if len(opening) != len(closing) or not len(opening):
            return None
        if (np.cumsum(~is_escaped)[is_escaped] % 2 == 0).any():
            return None
        is_doubled = opening[1:] == closing[:-1] + 1
        starts, stops = is_separator(data[opening - 1]), is_separator(data[closing + 1])
        starts[1:] |= is_doubled
        stops[:-1] |= is_doubled
        ends = np.flatnonzero(data == LINE_FEED)
        if not (starts.all() and stops.all()) or _is_inside(marks, ends).any():
            return None
        return cls(data, marks, escaped, ends, bool(is_doubled.any()))

    def are_alike(self, rows: int, width: int, texts: Sequence[int]) -> bool:
        """Whether each line has so many values, of which texts are in quotation marks or empty."""
        commas = np.flatnonzero(self.data == COMMA)
        commas = commas[~_is_inside(self.marks, commas)]
        separators = np.sort(np.concatenate([commas, self.ends]), kind="stable")
        if len(separators) != rows * width or (separators[width - 1 :: width] != self.ends).any():
            return False
        starts = np.concatenate([[0], separators[:-1] + 1])
        first = self.data[starts.reshape(rows, width)[:, list(texts)]]
        return bool(((first == MARK) | is_separator(first)).all())

    def with_doubled(self) -> bytes:
        """The lines with doubled quotation marks instead of escaped ones, which the engine does not know."""
        if not len(self.escaped):
            return self.data.tobytes()
        written = self.data.copy()
        written[self.escaped - 1] = MARK
        return written.tobytes()


def is_separator(data: np.ndarray) -> np.ndarray:
    """Which bytes are commas or line feeds."""
    return np.asarray((data == COMMA) | (data == LINE_FEED))


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
