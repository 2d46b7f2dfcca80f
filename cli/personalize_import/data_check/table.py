# SPDX-License-Identifier: Apache-2.0
"""Splits a block of lines into columns: all at once, and one by one only the lines that ask for care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.slow_lines import BrokenLines, SlowLines
from personalize_import.data_rules.file_rules import ENCODING
from personalize_import.data_rules.line_rules import (
    ESCAPE,
    ESCAPE_STRAY,
    QUOTE_DOUBLED,
    QUOTED_VALUE,
    TEXT_UNQUOTED,
)
from personalize_import.data_rules.rule import Rule

_UNUSED = "\x1a\x1b\x1c\x1d\x1e\x1f"
"""Candidates for a character that no line has."""


@dataclass
class Table:
    """The values of a block.

    Attributes:
        frame: A column of text for each column of the file, named by its position. Null is an empty value.
        rows: The positions of the lines in the block; None where each line has a row.
        broken: The rules that lines break by their form.
        without_values: Records that cannot be split into values.
        rest: How many lines at the end belong to a record that goes on in the next block.
    """

    frame: pl.DataFrame
    rows: pl.Series | None = None
    broken: list[BrokenLines] = field(default_factory=list)
    without_values: int = 0
    rest: int = 0

    @property
    def records(self) -> int:
        """How many records there are, those included that cannot be split into values."""
        return self.frame.height + self.without_values


def read_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table:
    """Split a block into columns.

    Args:
        block: The lines.
        width: How many columns there are.
        texts: The positions of the textual ones.
        examples: How many places of each broken rule to keep.
    """
    plain = _plain_table(block, width, texts, examples)
    return plain or _mixed_table(block, width, texts, examples)


def _plain_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table | None:
    """The table of a block in which each line is one record, without escapes or commas in values."""
    if b"\\" in block.data or b"\r" in block.data:
        return None
    frame = _read(block.data, width, quotes=False)
    # Every byte has to be accounted for by a value or by what stands between two: a line with a value too
    # few makes a difference, as does an empty one.
    if (
        frame is None
        or frame.height != block.rows
        or _total(frame, pl.all().str.len_bytes()) + block.rows * width != len(block.data)
    ):
        return None
    unquoted = _unquoted_texts(frame, texts, '"', None, examples)
    if b'"' in block.data:
        quotes = block.data.count(b'"')
        value = pl.all()
        starts = value.str.starts_with('"')
        enclosed = starts & value.str.ends_with('"') & (value.str.len_bytes() > 1)
        # A value that is enclosed has two or more: with twice as many in all, there are no others.
        if not _total(frame, starts) == _total(frame, enclosed) == quotes / 2:
            return None
        frame = frame.select(value.str.strip_prefix('"').str.strip_suffix('"'))
    return Table(frame, broken=unquoted)


def _mixed_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table:
    """The table of any block: the lines that can be split into values together, the others one by one."""
    lines, wrong_bytes = _decoded(block)
    mark, backslash = _unused_characters(lines)
    line = pl.Series("line", lines, pl.String)
    found = _forms(line, mark, width)
    good = found["good"]
    slow = SlowLines(lines, block, width)
    slow.read((~good).arg_true().to_list())
    if slow.taken:
        good = good & ~pl.int_range(len(lines), eager=True).is_in(slow.taken)
    rows = good.arg_true()
    text = "\n".join([*line.filter(good).to_list(), ""])
    frame = _read_quoted(text, width, backslash) if len(rows) else _empty(width)
    if frame is None or frame.height != len(rows):  # the engine reads them in another way
        slow = SlowLines(lines, block, width)
        slow.read(range(len(lines)))
        rows, frame, good = pl.Series([], dtype=pl.UInt32), _empty(width), good & False
    broken = [*wrong_bytes, *slow.broken(examples)]
    for name, rule in (("doubled", QUOTE_DOUBLED), ("stray", ESCAPE_STRAY)):
        if name in found.columns:
            broken += _broken(rule, (found[name] & good).arg_true(), line, examples)
    if texts and len(rows):
        marks = _read(
            "\n".join([*found["stripped"].filter(good).to_list(), ""]).encode(), width, quotes=False
        )
        if marks is not None:
            broken += _unquoted_texts(marks, texts, mark, rows, examples, values=frame)
    broken += slow.unquoted(texts, TEXT_UNQUOTED, examples)
    if slow.rows:
        frame = pl.concat([frame, _frame(slow.values, width)])
        rows = pl.concat([rows, pl.Series(slow.rows, dtype=rows.dtype)])
    return Table(frame, rows, broken, slow.without_values, slow.rest)


def _forms(line: pl.Series, mark: str, width: int) -> pl.DataFrame:
    """Which lines can be split at once, and which of the rules on quotation marks and escapes they break."""
    text = pl.col("line")
    stripped = text.str.replace_all(QUOTED_VALUE, mark)
    frame = line.to_frame().lazy().with_columns(stripped=stripped)
    without_escapes = text.str.replace_all(ESCAPE, "")
    marks = pl.col("stripped")
    # Each value in quotation marks is now one mark: alone between commas, or the line has a stray one.
    return frame.select(
        "stripped",
        good=(text != "")
        & (marks.str.count_matches(",", literal=True) == width - 1)
        & ~marks.str.contains(rf'["\\\r]|[^,]{mark}|{mark}[^,]')
        & ~text.str.contains_any([mark, "\r"]),
        stray=without_escapes.str.contains("\\", literal=True),
        doubled=without_escapes.str.count_matches('"', literal=True)
        > 2 * marks.str.count_matches(mark, literal=True),
    ).collect()


def _unquoted_texts(
    frame: pl.DataFrame,
    texts: Sequence[int],
    mark: str,
    rows: pl.Series | None,
    examples: int,
    values: pl.DataFrame | None = None,
) -> list[BrokenLines]:
    """Textual values that do not begin with a mark."""
    broken = []
    for column in texts:
        text = frame[str(column)].fill_null("")
        found = ((text.str.len_bytes() > 0) & ~text.str.starts_with(mark)).arg_true()
        if len(found):
            first = found.head(examples)
            shown = (frame if values is None else values)[str(column)].gather(first).fill_null("").to_list()
            places = first if rows is None else rows.gather(first)
            broken.append(BrokenLines(TEXT_UNQUOTED, places.to_list(), shown, len(found), column))
    return broken


def _broken(rule: Rule, found: pl.Series, line: pl.Series, examples: int) -> list[BrokenLines]:
    first = found.head(examples)
    return (
        [BrokenLines(rule, first.to_list(), line.gather(first).to_list(), len(found))] if len(found) else []
    )


def _decoded(block: Block) -> tuple[list[str], list[BrokenLines]]:
    """The lines as text, and those that are not in UTF-8."""
    try:
        return block.data.decode().split("\n")[:-1], []
    except UnicodeDecodeError:
        lines, rows, shown = [], [], []
        for row, line in enumerate(block.data.split(b"\n")[:-1]):
            try:
                lines.append(line.decode())
            except UnicodeDecodeError:
                rows.append(row)
                shown.append(line.decode(errors="backslashreplace"))
                lines.append(line.decode(errors="replace"))
        return lines, [BrokenLines(ENCODING, rows, shown, len(rows))]


def _unused_characters(lines: Sequence[str]) -> tuple[str, str]:
    """Two characters that no line has; where most are used, lines that have them are read one by one."""
    text = "".join(lines)
    unused = [character for character in _UNUSED if character not in text]
    mark, backslash, *_ = [*unused, *_UNUSED]
    return mark, backslash if backslash in unused else ""


def _read_quoted(text: str, width: int, backslash: str) -> pl.DataFrame | None:
    """The columns of lines that are well-formed."""
    if "\\" not in text:
        return _read(text.encode(), width, quotes='"' in text)
    if not backslash:
        return None
    # The engine knows no escapes, but doubled quotation marks.
    text = text.replace("\\\\", backslash).replace('\\"', '""').replace("\\", "")
    frame = _read(text.encode(), width, quotes=True)
    if frame is None or backslash not in text:
        return frame
    return frame.select(pl.all().str.replace_all(backslash, "\\", literal=True))


def _read(data: bytes, width: int, *, quotes: bool) -> pl.DataFrame | None:
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema={str(position): pl.String for position in range(width)},
            quote_char='"' if quotes else None,
        )
    except pl.exceptions.PolarsError:  # not UTF-8, or lines of different length
        return None


def _total(frame: pl.DataFrame, of_each: pl.Expr) -> int:
    return int(frame.select(of_each.sum()).sum_horizontal().item() or 0) if frame.height else 0


def _empty(width: int) -> pl.DataFrame:
    return _frame([], width)


def _frame(rows: Sequence[Sequence[str]], width: int) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pl.DataFrame(
        [pl.Series(str(position), values, pl.String) for position, values in enumerate(columns)]
    )
