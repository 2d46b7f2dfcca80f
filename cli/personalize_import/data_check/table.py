# SPDX-License-Identifier: Apache-2.0
"""The columns of a block, and what was found while they were split."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from personalize_import.data_check.conditions import as_polars
from personalize_import.data_rules.line_rules import TEXT_UNQUOTED, UNQUOTED
from personalize_import.data_rules.rule import Rule

_UNUSED = b"\x1a\x1b\x1c\x1d\x1e\x1f"
"""Candidates for a character that no line has."""


@dataclass(frozen=True)
class BrokenLines:
    """A rule that lines break by their form.

    Attributes:
        rule: The rule.
        rows: The positions in the block of the first of them.
        values: What was found in each of these.
        count: How many there are.
        column: The position of the column; None where it is about the line.
    """

    rule: Rule
    rows: Sequence[int]
    values: Sequence[str]
    count: int
    column: int | None = None


@dataclass
class Table:
    """The values of a block.

    Attributes:
        frame: A column for each column of the file, named by its position. Null is an empty value. All are
            of text, apart from timestamps that are written in the shortest way, which may be numbers.
        rows: The positions of the lines in the block; None where each line has a row.
        broken: The rules that lines break by their form.
        without_values: Records that cannot be split into values.
        rest: How many lines at the end belong to a record that goes on in the next block.
        empty: How many values are empty in each column that breaks no rule and is not in `frame`.
        head: All columns of the first rows; None if `frame` has them.
    """

    frame: pl.DataFrame
    rows: pl.Series | None = None
    broken: list[BrokenLines] = field(default_factory=list)
    without_values: int = 0
    rest: int = 0
    empty: Mapping[str, int] = field(default_factory=dict)
    head: pl.DataFrame | None = None

    @functools.cached_property
    def lengths(self) -> pl.DataFrame:
        """How many bytes the values have, of each column of text."""
        return self.frame.select(pl.col(pl.String).str.len_bytes())

    @property
    def records(self) -> int:
        """How many records there are, those included that cannot be split into values."""
        return self.frame.height + self.without_values


def frame_of(rows: Sequence[Sequence[str]], width: int) -> pl.DataFrame:
    """The columns of rows that have been split."""
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pl.DataFrame(
        [pl.Series(str(position), values, pl.String) for position, values in enumerate(columns)]
    )


def split_all(
    data: bytes, width: int, *, quotes: bool, separator: str = ",", numbers: Collection[str] = ()
) -> pl.DataFrame | None:
    """Have the engine split lines into columns; None if it cannot. It is lenient with malformed lines.

    Args:
        data: The lines.
        width: How many columns there are.
        quotes: Whether values may be in quotation marks.
        separator: What is between two values.
        numbers: The columns that are read as whole numbers.
    """
    names = [str(position) for position in range(width)]
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema={name: pl.Int64 if name in numbers else pl.String for name in names},
            quote_char='"' if quotes else None,
            separator=separator,
        )
    except pl.exceptions.PolarsError:  # not UTF-8, lines of different length, or no number
        return None


def unquoted_texts(
    written: pl.DataFrame,
    values: pl.DataFrame,
    texts: Sequence[int],
    examples: int,
    rows: pl.Series | None = None,
) -> list[BrokenLines]:
    """The textual values without quotation marks.

    Args:
        written: The values as they are written.
        values: The values.
        texts: The positions of the textual columns.
        examples: How many places of each column to keep.
        rows: The positions of the lines in the block; None where each line has a row.
    """
    broken = []
    for column in texts:
        name = str(column)
        found = written.select(as_polars(UNQUOTED, pl.col(name).fill_null("")))[name].arg_true()
        if len(found):
            first = found.head(examples)
            places = first if rows is None else rows.gather(first)
            shown = values[name].gather(first).fill_null("")
            broken.append(BrokenLines(TEXT_UNQUOTED, places.to_list(), shown.to_list(), len(found), column))
    return broken


def unused_characters(data: bytes) -> Iterator[str]:
    """Characters that the data does not have."""
    return (chr(character) for character in _UNUSED if character not in data)


def accounts_for(table: Table, data: bytes, rows: int, width: int, quotes: int = 0) -> bool:
    """Whether every byte is a part of a value, or stands between two, or is one of so many quotation marks.

    A line with a value too few makes a difference, as does an empty one. So does a number that is not written
    in the shortest way, such as +1 or 01.
    """
    if table.frame.height != rows:
        return False
    texts = sum(lengths.sum() for lengths in table.lengths)
    numbers = sum(_shortest(column) for column in table.frame if column.dtype == pl.Int64)
    return texts + numbers + rows * width + quotes == len(data)


def _shortest(numbers: pl.Series) -> int:
    """How many bytes numbers have that are written in the shortest way."""
    lowest, highest = numbers.min(), numbers.max()
    if isinstance(lowest, int) and lowest >= 0 and len(str(lowest)) == len(str(highest)):
        return len(str(lowest)) * numbers.count()
    return int(numbers.cast(pl.String).str.len_bytes().sum())
