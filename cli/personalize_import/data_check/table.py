# SPDX-License-Identifier: Apache-2.0
"""Makes columns of a block of lines: at once where it is plain, line by line where it is not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.tokens import Values, split
from personalize_import.data_rules.file_rules import (
    ENCODING,
    LINE_EMPTY,
    LINE_LENGTH,
    QUOTE_DOUBLED,
    QUOTE_STRAY,
    RECORD_LINES,
)
from personalize_import.data_rules.finding import counted
from personalize_import.data_rules.rule import Rule

MOST_LINES_OF_A_RECORD = 100
"""A quotation mark that is not closed within so many lines is taken for a stray one."""

_NO_VALUES = frozenset({LINE_LENGTH, RECORD_LINES, QUOTE_STRAY})
"""The rules that a record breaks which cannot be split into values."""


@dataclass
class Table:
    """The values of a block.

    Attributes:
        frame: A column of text for each column of the file, named by its position.
        lines: The numbers of the lines, where they do not simply go up from the first one.
        first_line: The number of the first line.
        broken: The rules that lines break by their form: rule, line, and what was found.
        rest: The end of the block, where a record goes on in the next one.
    """

    frame: pl.DataFrame
    first_line: int
    lines: Sequence[int] | None = None
    broken: list[tuple[Rule, int, str]] = field(default_factory=list)
    rest: bytes = b""

    def line(self, row: int) -> int:
        """The number of the line in which a row stands."""
        return self.first_line + row if self.lines is None else self.lines[row]

    @property
    def records(self) -> int:
        """How many records there are, those included that cannot be split into values."""
        return self.frame.height + sum(rule in _NO_VALUES for rule, _, _ in self.broken)


def read_table(block: Block, width: int) -> Table:
    """Split a block of lines into `width` columns."""
    for read in (_plain_frame, _quoted_frame):
        frame = read(block, width)
        if frame is not None:
            return Table(frame, block.first_line)
    return _careful_table(block, width)


def _plain_frame(block: Block, width: int) -> pl.DataFrame | None:
    """The columns of a block without anything that asks for care, in which each line is one record."""
    if b"\\" in block.data:
        return None
    # On a last line without its break the engine would overlook an empty value too many.
    data = block.data if block.data.endswith(b"\n") else block.data + b"\n"
    lines = block.breaks + len(data) - len(block.data)
    try:
        frame = pl.read_csv(
            io.BytesIO(data),
            has_header=False,
            schema={str(position): pl.String for position in range(width)},
            quote_char=None,  # the engine is lenient with quotation marks; what follows is not
        )
    except pl.exceptions.PolarsError:  # not UTF-8, or lines of different length
        return None
    # Every byte has to be accounted for by a value or by what stands between two: a line with a value too
    # few makes a difference, as does an empty one.
    values = _total(frame, pl.all().str.len_bytes())
    if frame.height != lines or values + lines * width != len(data):
        return None
    quotes = data.count(b'"')
    return _without_quotes(frame, quotes) if quotes else frame


def _without_quotes(frame: pl.DataFrame, quotes: int) -> pl.DataFrame | None:
    """The columns without the quotation marks around values, where these are the only ones."""
    value = pl.all()
    starts = value.str.starts_with('"')
    enclosed = starts & value.str.ends_with('"') & (value.str.len_bytes() > 1)
    # A value that is enclosed has two or more: with twice as many in all, there are no others.
    if _total(frame, starts) != _total(frame, enclosed) or 2 * _total(frame, enclosed) != quotes:
        return None
    return frame.lazy().select(value.str.strip_prefix('"').str.strip_suffix('"')).collect()


def _total(frame: pl.DataFrame, of_each: pl.Expr) -> int:
    return int(frame.lazy().select(of_each.sum()).collect().sum_horizontal().item() or 0)


def _quoted_frame(block: Block, width: int) -> pl.DataFrame | None:
    """The columns of a block with commas inside quotation marks, without escapes, one record per line."""
    if b"\\" in block.data or b'"' not in block.data:
        return None
    try:
        lines = block.data.removesuffix(b"\n").decode().split("\n")
        rows = list(csv.reader(lines, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    # A record on several lines makes fewer rows; a stray or a doubled quotation mark is left in a value.
    if len(rows) != len(lines) or any(len(row) != width or '"' in "".join(row) for row in rows):
        return None
    return _frame(rows, width)


def _frame(rows: Sequence[Sequence[str]], width: int) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pl.DataFrame(
        [pl.Series(str(position), values, pl.String) for position, values in enumerate(columns)]
    )


def _careful_table(block: Block, width: int) -> Table:
    table = Table(pl.DataFrame(), block.first_line)
    lines = block.data.removesuffix(b"\n").split(b"\n")
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, values in _records(lines, block, table):
        if len(values) == width:
            rows.append(values)
            numbers.append(number)
        else:
            table.broken.append((LINE_LENGTH, number, f"{counted(len(values), 'value')} instead of {width}"))
    table.frame = _frame(rows, width)
    table.lines = numbers
    return table


def _records(lines: Sequence[bytes], block: Block, table: Table) -> Iterator[tuple[int, list[str]]]:
    """The records of the lines, each with the number of its line; notes what is wrong with the others."""
    index = 0
    while index < len(lines):
        number = block.first_line + index
        line = _decoded(lines[index], number, table)
        index += 1
        if not line:
            table.broken.append((LINE_EMPTY, number, ""))
        elif '"' not in line and "\\" not in line:
            yield number, line.split(",")
        else:
            found = split(line)
            if isinstance(found, Values):
                if found.doubled:
                    table.broken.append((QUOTE_DOUBLED, number, line))
                yield number, found.values
                continue
            more = _lines_more(line, lines, index) if found is RECORD_LINES else 0
            if more is None and not block.last:
                # The next block begins with this record, so that it is looked at as a whole.
                table.rest = b"\n".join([*lines[index - 1 :], b""])
                return
            table.broken.append((found, number, line))
            index += more or 0


def _lines_more(line: str, lines: Sequence[bytes], index: int) -> int | None:
    """How many lines more the record has; 0 where it does not end soon, None where the block ends first."""
    for more in range(1, MOST_LINES_OF_A_RECORD):
        if index + more > len(lines):
            return None
        line += "\n" + lines[index + more - 1].decode(errors="replace")
        if split(line) is not RECORD_LINES:
            return more
    return 0


def _decoded(line: bytes, number: int, table: Table) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        shown = line.decode(errors="backslashreplace")
        table.broken.append((ENCODING, number, shown))
        return line.decode(errors="replace")
