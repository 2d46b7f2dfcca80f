# SPDX-License-Identifier: Apache-2.0
"""The columns of a block, and what was found while they were split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

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
        frame: A column of text for each column of the file, named by its position. Null is an empty value.
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


def split_all(data: bytes, width: int, *, quotes: bool, separator: str = ",") -> pl.DataFrame | None:
    """Have the engine split lines into columns; None if it cannot. It is lenient with malformed lines."""
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema={str(position): pl.String for position in range(width)},
            quote_char='"' if quotes else None,
            separator=separator,
        )
    except pl.exceptions.PolarsError:  # not UTF-8, or lines of different length
        return None


def unused_characters(data: bytes) -> Iterator[str]:
    """Characters that the data does not have."""
    return (chr(character) for character in _UNUSED if character not in data)


def total(frame: pl.DataFrame, of_each: pl.Expr) -> int:
    """The sum of an expression over all columns."""
    return sum(frame.select(of_each.sum()).row(0)) if frame.height else 0


def accounts_for(frame: pl.DataFrame, data: bytes, rows: int, width: int, quotes: int = 0) -> bool:
    """Whether every byte is a part of a value, or stands between two, or is one of so many quotation marks.

    A line with a value too few makes a difference, as does an empty one.
    """
    return frame.height == rows and total(frame, pl.all().str.len_bytes()) + rows * width + quotes == len(
        data
    )
