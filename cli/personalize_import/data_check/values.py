# SPDX-License-Identifier: Apache-2.0
"""Finds the values that break a rule: fast where none does, and then each by the rules themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from personalize_import.data_rules.rule import Rule
from personalize_import.data_rules.schema import Field
from personalize_import.data_rules.value_rules import (
    FIRST_THAT_IS_NO_SECOND,
    LARGEST_FLOAT,
    LONGEST_TEXT_IN_CHINESE_OR_JAPANESE,
    SPECIAL,
    TIMESTAMP_SECONDS,
    VALUE_MISSING,
    broken_rule,
    longest,
)

_MARKS = "".join(sorted(SPECIAL | {'"'}))
_LARGEST = {"float": LARGEST_FLOAT, "double": sys.float_info.max}


@dataclass(frozen=True)
class Broken:
    """A rule that values of a column break.

    Attributes:
        rule: The rule.
        field: The column's field.
        first: The first of these values, each with its row.
        count: How many there are.
    """

    rule: Rule
    field: Field
    first: list[tuple[int, str]]
    count: int


class ValueCheck:
    """Checks the columns of a file.

    Args:
        columns: Each column that has a field, by the name of its column in a table.
        keywords: The names that Amazon Personalize reserves in the dataset.
        examples: How many values are kept of each rule.
    """

    def __init__(self, columns: Mapping[str, Field], keywords: frozenset[str], examples: int) -> None:
        self._columns = columns
        self._keywords = keywords
        self._examples = examples

    def broken(self, frame: pl.DataFrame, data: bytes) -> Iterator[Broken]:
        """The rules that values break.

        Args:
            frame: The columns.
            data: The bytes that they were made of.
        """
        if not frame.height or not self._columns:
            return
        # To look for a byte in all of the data is much faster than in each value.
        marks = any(mark.encode() in data for mark in _MARKS)
        masks = {
            (name, rule): mask
            for name, field in self._columns.items()
            for rule, mask in suspects(field, name, self._keywords, marks)
        }
        looked = frame.lazy().select(**{str(n): mask for n, mask in enumerate(masks.values())}).collect()
        for (name, rule), mask in zip(masks, looked, strict=True):
            if mask.any():
                yield from self._judge(frame[name], mask.arg_true(), self._columns[name], rule)

    def _judge(self, values: pl.Series, rows: pl.Series, field: Field, rule: Rule | None) -> Iterator[Broken]:
        """What the suspects of a column break: a rule that is known, or what the rules say of each."""
        if rule:
            head = rows.head(self._examples)
            first = zip(head.to_list(), values.gather(head).fill_null("").to_list(), strict=True)
            yield Broken(rule, field, list(first), len(rows))
            return
        found: dict[Rule, list[tuple[int, str]]] = {}
        suspected = values.gather(rows).fill_null("").to_list()
        for row, value in zip(rows.to_list(), suspected, strict=True):
            broken = broken_rule(value, field, self._keywords)
            if broken:
                found.setdefault(broken, []).append((row, value))
        for each, places in found.items():
            yield Broken(each, field, places[: self._examples], len(places))


def suspects(
    field: Field, column: str, keywords: frozenset[str], marks: bool = True
) -> Iterator[tuple[Rule | None, pl.Expr]]:
    """Which values of a column may break a rule: all that do, and rarely one that does not.

    Where all values of a kind surely break one rule, however many there are, that rule goes with it. The
    others, with no rule, have to be judged one by one.

    Args:
        field: The field of the column.
        column: The name of the column.
        keywords: The names that Amazon Personalize reserves in the dataset.
        marks: Whether there may be quotation marks or special characters.
    """
    value = pl.col(column)
    # No value is null here, and an empty one in quotation marks is not: both count as empty.
    given = value.is_not_null() & (value.str.len_bytes() > 0)
    if not field.nullable:
        yield VALUE_MISSING, ~given
    wrong = _suspect_text(field, value, keywords, marks) if field.is_text else _suspect_number(field, value)
    yield None, given & wrong.fill_null(False)
    number = _number(field, value)
    if field.is_timestamp and number is not None:
        yield TIMESTAMP_SECONDS, (number.abs() >= FIRST_THAT_IS_NO_SECOND).fill_null(False) & ~wrong


def _suspect_text(field: Field, value: pl.Expr, keywords: frozenset[str], marks: bool) -> pl.Expr:
    limit = LONGEST_TEXT_IN_CHINESE_OR_JAPANESE if field.textual else longest(field)
    # A text has as many bytes as characters, or more.
    wrong = value.str.len_bytes() > limit
    if keywords:
        wrong = wrong | value.is_in(sorted(keywords))
    return wrong | value.str.contains_any(list(_MARKS)) if field.is_id and marks else wrong


def _suspect_number(field: Field, value: pl.Expr) -> pl.Expr:
    number = _number(field, value)
    if number is None:
        is_boolean = field.types - {"null"} == {"boolean"}
        return ~value.is_in(["true", "false"]) if is_boolean else pl.lit(True)
    if field.types & {"int", "long"}:
        return number.is_null()
    most = _LARGEST["float" if "float" in field.types else "double"]
    return number.is_null() | number.is_nan() | (number.abs() > most)


def _number(field: Field, value: pl.Expr) -> pl.Expr | None:
    """The values as numbers; None for a boolean, and for a union of types, which is looked at one by one."""
    types = field.types - {"null"}
    casts = {"int": pl.Int32, "long": pl.Int64, "float": pl.Float64, "double": pl.Float64}
    name = next(iter(types)) if len(types) == 1 else ""
    return value.cast(casts[name], strict=False) if name in casts else None
