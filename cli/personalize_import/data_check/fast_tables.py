# SPDX-License-Identifier: Apache-2.0
"""Splits blocks in which all lines are written in the same way, which is the usual case."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.table import (
    BrokenLines,
    Table,
    accounts_for,
    split_all,
    total,
    unused_characters,
)
from personalize_import.data_rules.line_rules import (
    NEEDED_ESCAPE,
    QUOTE_DOUBLED,
    TEXT_UNQUOTED,
)

_MOST_COLUMNS = 24
"""Of lines that are matched as a whole. The pattern for more is slow."""


def plain_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table | None:
    """The table of a block without escapes, and without commas or quotation marks in values."""
    if b"\\" in block.data or b"\r" in block.data:
        return None
    quotes = block.data.count(b'"') if b'"' in block.data else 0
    if 0 < quotes < block.rows:  # only some lines have any, so that lines are not alike
        return None
    frame = split_all(block.data, width, quotes=False)
    if frame is None or not accounts_for(frame, block.data, block.rows, width):
        return None
    unquoted = _unquoted_texts(frame, texts, examples)
    if quotes:
        value = pl.all()
        starts = value.str.starts_with('"')
        enclosed = starts & value.str.ends_with('"') & (value.str.len_bytes() > 1)
        # A value that is enclosed has two or more: with twice as many in all, there are no others.
        if not total(frame, starts) == total(frame, enclosed) == quotes / 2:
            return None
        frame = frame.select(value.str.strip_prefix('"').str.strip_suffix('"'))
    return Table(frame, broken=unquoted)


def _unquoted_texts(frame: pl.DataFrame, texts: Sequence[int], examples: int) -> list[BrokenLines]:
    broken = []
    for column in texts:
        text = frame[str(column)].fill_null("")
        rows = ((text != "") & ~text.str.starts_with('"')).arg_true()
        if len(rows):
            first = rows.head(examples)
            broken.append(
                BrokenLines(TEXT_UNQUOTED, first.to_list(), text.gather(first).to_list(), len(rows), column)
            )
    return broken


def quoted_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table | None:
    """The table of a block whose texts are quoted, with what is escaped or doubled in them."""
    data = block.data
    unused = unused_characters(data)
    if b'"' not in data or b"\r" in data or len(unused) < 2 or width > _MOST_COLUMNS:
        return None
    separator, backslash = unused[:2]
    line = split_all(data, 1, quotes=False, separator=separator)
    if line is None or line.height != block.rows:
        return None
    lines = line["0"].fill_null("")
    if not lines.str.contains(_pattern(width, texts)).all():
        return None
    # The engine knows no escapes, but doubled quotation marks.
    written = data.replace(b"\\\\", backslash.encode())
    escaped = written.count(b'\\"')
    written = written.replace(b'\\"', b'""')
    frame = split_all(written, width, quotes=True)
    if frame is None or frame.height != block.rows:
        return None
    broken = []
    if total(frame, pl.all().str.count_matches('"', literal=True)) != escaped:
        broken.append(_doubled(frame, lines, examples))
    if backslash.encode() in written:
        frame = frame.select(pl.all().str.replace_all(backslash, "\\", literal=True))
    return Table(frame, broken=broken)


def _pattern(width: int, texts: Sequence[int]) -> str:
    """A line of so many values, of which texts are in quotation marks or empty; with no needless escape."""
    quoted = rf'"(?:[^"\\]|{NEEDED_ESCAPE}|"")*"'
    values = [f"(?:{quoted})?" if column in texts else rf'(?:{quoted}|[^",\\]*)' for column in range(width)]
    return rf"\A{','.join(values)}\z"


def _doubled(frame: pl.DataFrame, lines: pl.Series, examples: int) -> BrokenLines:
    """The lines that have more quotation marks in their values than escaped ones."""
    marks = frame.select(pl.sum_horizontal(pl.all().fill_null("").str.count_matches('"', literal=True)))
    # What is escaped: backslashes first, so that the last of an even number does not count.
    escaped = lines.str.replace_all("\\\\", "", literal=True).str.count_matches('\\"', literal=True)
    rows = (marks.to_series() > escaped).arg_true()
    first = rows.head(examples)
    return BrokenLines(QUOTE_DOUBLED, first.to_list(), lines.gather(first).to_list(), len(rows))
