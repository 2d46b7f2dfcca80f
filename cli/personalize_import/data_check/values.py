# SPDX-License-Identifier: Apache-2.0
"""Finds the values that break a rule: statistics of a column rule out most rules for all of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from personalize_import.data_check.conditions import Statistics, as_polars, marks_in, may_hold, words_in
from personalize_import.data_rules.condition import Condition
from personalize_import.data_rules.dataset_type import Dataset
from personalize_import.data_rules.rule import Rule
from personalize_import.data_rules.schema import Field
from personalize_import.data_rules.value_rules import value_rules

_LEAST_PRINTABLE = 32


@dataclass(frozen=True)
class BrokenValues:
    """A rule that values of a column break.

    Attributes:
        rule: The rule.
        field: The column's field.
        rows: The positions in the block of the first of them.
        values: These values.
        count: How many there are.
    """

    rule: Rule
    field: Field
    rows: list[int]
    values: list[str]
    count: int


class ValueCheck:
    """Checks the columns of files.

    Args:
        columns: Each column that has a field, by the name of its column in a table.
        dataset: The dataset that the data is for.
        examples: How many values are kept of each rule.
    """

    def __init__(self, columns: Mapping[str, Field], dataset: Dataset, examples: int) -> None:
        self._columns = [_Column(name, field, dataset) for name, field in columns.items()]
        self._examples = examples
        marks = "".join(sorted(set().union(*(column.marks for column in self._columns))))
        self._controls = bytes(
            ord(mark) for mark in marks if ord(mark) < _LEAST_PRINTABLE or ord(mark) == 127
        )
        self._ascii = [mark for mark in marks if _LEAST_PRINTABLE <= ord(mark) < 127]
        self._others = frozenset(mark for mark in marks if ord(mark) > 127)

    def broken(
        self, frame: pl.DataFrame, data: bytes, rows: pl.Series | None = None
    ) -> tuple[list[BrokenValues], dict[str, int]]:
        """The rules that values break, and how many values of each column are empty.

        Args:
            frame: The columns, in which null is an empty value.
            data: The bytes that they were made of.
            rows: The position in the block of each row; None if it is that of the row.
        """
        if not frame.height or not self._columns:
            return [], {}
        marks = self._marks(data)
        measured = frame.select(
            part.alias(f"{column.name}{name}")
            for column in self._columns
            for name, part in column.measures.items()
        ).row(0, named=True)
        broken: list[BrokenValues] = []
        empty: dict[str, int] = {}
        for column in self._columns:
            numbers = {name: measured[f"{column.name}{name}"] for name in column.measures}
            empty[column.field.name] = numbers["_null"] + numbers.get("_empty", 0)
            known = column.statistics(numbers, empty[column.field.name], frame.height, marks)
            rules = [(rule, condition) for rule, condition in column.rules if may_hold(condition, known)]
            if rules:
                broken += self._judge(frame[column.name], column.field, rules, rows)
        return broken, empty

    def _marks(self, data: bytes) -> frozenset[str]:
        """Which of the characters that rules ask for may be in the data."""
        found = {mark for mark in self._ascii if mark.encode() in data}
        # To look for all control characters at once is much faster than for each of them.
        if len(data.translate(None, self._controls)) != len(data):
            found |= set(self._controls.decode("latin-1"))
        return frozenset(found if data.isascii() else found | self._others)

    def _judge(
        self,
        values: pl.Series,
        field: Field,
        rules: list[tuple[Rule, Condition]],
        rows: pl.Series | None,
    ) -> Iterator[BrokenValues]:
        """The rules that values break: of each value, the first."""
        text = pl.col(values.name).fill_null("")
        first = pl.lit(-1, pl.Int8)
        for position, (_, condition) in reversed(list(enumerate(rules))):
            first = pl.when(as_polars(condition, text)).then(pl.lit(position, pl.Int8)).otherwise(first)
        judged = values.to_frame().select(first.alias("rule"))["rule"]
        if (judged < 0).all():
            return
        for position, (rule, _) in enumerate(rules):
            found = (judged == position).arg_true()
            if len(found):
                places = found if rows is None else rows.gather(found)
                head = places.arg_sort().head(self._examples)
                shown = values.gather(found.gather(head)).fill_null("").to_list()
                yield BrokenValues(rule, field, places.gather(head).to_list(), shown, len(found))


class _Column:
    """A column, its rules, and what has to be measured to know which of them may be broken."""

    def __init__(self, name: str, field: Field, dataset: Dataset) -> None:
        self.name = name
        self.field = field
        self.rules = list(value_rules(field, dataset))
        conditions = [condition for _, condition in self.rules]
        self.marks = marks_in(conditions) if field.is_text else set()
        value = pl.col(name)
        self.measures: dict[str, pl.Expr] = {"_null": value.null_count()}
        self.measures["_empty"] = (value.str.len_bytes() == 0).sum()
        if field.is_text:
            self.measures["_longest"] = value.str.len_bytes().max()
            words = words_in(conditions)
            if words:
                self.measures["_words"] = value.is_in(sorted(words)).any()
        if field.is_number:
            whole = field.type_name in {"int", "long"}
            number = value.cast(pl.Int64 if whole else pl.Float64, strict=False)
            self.measures["_numbers"] = number.count() if whole else number.is_finite().sum()
            self.measures["_lowest"] = number.min()
            self.measures["_highest"] = number.max()

    def statistics(
        self, measured: Mapping[str, object], empty: int, height: int, marks: frozenset[str]
    ) -> Statistics:
        longest, lowest, highest = (measured.get(name) for name in ("_longest", "_lowest", "_highest"))
        return Statistics(
            empty=empty > 0,
            longest=longest if isinstance(longest, int) else 0,
            marks=marks,
            lowest=lowest if isinstance(lowest, int | float) else None,
            highest=highest if isinstance(highest, int | float) else None,
            all_numbers=self.field.is_number and measured["_numbers"] == height - empty,
            words=bool(measured.get("_words")),
        )
