# SPDX-License-Identifier: Apache-2.0
"""Finds the values that break a rule: fast where none does, and then each by the rules themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from personalize_import.data_rules.rule import Rule
from personalize_import.data_rules.schema import Field
from personalize_import.data_rules.value_rules import (
    FIRST_THAT_IS_NO_SECOND,
    LONGEST_TEXT_IN_CHINESE_OR_JAPANESE,
    SPECIAL,
    broken_rule,
    longest,
)

_MARKS = "".join(sorted(SPECIAL | {'"'}))


class ValueCheck:
    """Checks the columns of a file.

    Args:
        columns: Each column that has a field, by the name of its column in a table.
        keywords: The names that Amazon Personalize reserves in the dataset.
    """

    def __init__(self, columns: Mapping[str, Field], keywords: frozenset[str]) -> None:
        self._columns = columns
        self._keywords = keywords
        self._suspects = {
            marks: [suspect(field, name, keywords, marks).alias(name) for name, field in columns.items()]
            for marks in (True, False)
        }

    def broken(self, frame: pl.DataFrame, data: bytes) -> Iterator[tuple[int, Field, str, Rule]]:
        """The values that break a rule, each with its row, in no order.

        Args:
            frame: The columns.
            data: The bytes that they were made of.
        """
        if not frame.height or not self._columns:
            return
        # To look for a byte in all of the data is much faster than in each value.
        marks = any(mark.encode() in data for mark in _MARKS)
        masks = frame.lazy().select(self._suspects[marks]).collect()
        for name, field in self._columns.items():
            if not masks[name].any():
                continue
            rows = masks[name].arg_true()
            for row, value in zip(rows, frame[name].gather(rows), strict=True):
                rule = broken_rule(value or "", field, self._keywords)
                if rule:
                    yield row, field, value or "", rule


def suspect(field: Field, column: str, keywords: frozenset[str], marks: bool = True) -> pl.Expr:
    """Whether a value may break a rule: never False where it does, and rarely True where it does not.

    Args:
        field: The field of the column.
        column: The name of the column.
        keywords: The names that Amazon Personalize reserves in the dataset.
        marks: Whether there may be quotation marks or special characters.
    """
    value = pl.col(column)
    # No value is null here, and an empty one in quotation marks is not: both count as empty.
    given = value.is_not_null() & (value.str.len_bytes() > 0)
    wrong = _suspect_text(field, value, keywords, marks) if field.is_text else _suspect_number(field, value)
    wrong = wrong.fill_null(False)
    return (given & wrong) if field.nullable else (~given | wrong)


def _suspect_text(field: Field, value: pl.Expr, keywords: frozenset[str], marks: bool) -> pl.Expr:
    limit = LONGEST_TEXT_IN_CHINESE_OR_JAPANESE if field.textual else longest(field)
    # A text has as many bytes as characters, or more.
    wrong = value.str.len_bytes() > limit
    if keywords:
        wrong = wrong | value.is_in(sorted(keywords))
    return wrong | value.str.contains_any(list(_MARKS)) if field.is_id and marks else wrong


def _suspect_number(field: Field, value: pl.Expr) -> pl.Expr:
    types = field.types - {"null"}
    if types == {"boolean"}:
        return ~value.is_in(["true", "false"])
    if types == {"long"} or types == {"int"}:
        number = value.cast(pl.Int64 if types == {"long"} else pl.Int32, strict=False)
        wrong = number.is_null()
        return wrong | (number.abs() >= FIRST_THAT_IS_NO_SECOND) if field.is_timestamp else wrong
    if types <= {"float", "double"} and len(types) == 1:
        # Single precision as double would lose the difference to what is just too large.
        number = value.cast(pl.Float64, strict=False)
        most = 3.4028234663852886e38 if types == {"float"} else 1.7976931348623157e308
        wrong = number.is_null() | number.is_nan() | (number.abs() > most)
        return wrong | (number.abs() >= FIRST_THAT_IS_NO_SECOND) if field.is_timestamp else wrong
    return pl.lit(True)  # a union of several types: looked at one by one
