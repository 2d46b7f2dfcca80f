# SPDX-License-Identifier: Apache-2.0
"""Finds the values that break a rule: statistics of a column rule out most rules for all of its values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.conditions import Statistics, as_polars, characters_in, may_hold, words_in
from personalize_import.data_check.hashes import HashSet, hashes_of
from personalize_import.data_check.table import Table
from personalize_import.data_rules.condition import Condition
from personalize_import.data_rules.dataset_type import Dataset
from personalize_import.data_rules.rule import Rule
from personalize_import.data_rules.schema import Field
from personalize_import.data_rules.value_rules import value_rules

_DELETE = "\x7f"


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


@dataclass(frozen=True)
class Lengths:
    """How many bytes the values of some columns have.

    Attributes:
        empty: How many values are empty, for each column.
        longest: The bytes of the longest.
        found: The sought lengths that occur.
    """

    empty: Mapping[str, int]
    longest: int
    found: frozenset[int]


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
        asked_for = sorted(set().union(*(column.characters for column in self._columns)))
        self._controls = frozenset(each for each in asked_for if each < " " or each == _DELETE)
        self._ascii = [each for each in asked_for if " " <= each < _DELETE]
        self._others = frozenset(each for each in asked_for if each > _DELETE)

    def words(self, names: Sequence[str]) -> set[bytes]:
        """The reserved values that the rules on some columns search for."""
        return {word.encode() for column in self._columns if column.name in names for word in column.words}

    def cannot_break(
        self, names: Sequence[str], lengths: Lengths, data: bytes, characters: frozenset[str]
    ) -> bool:
        """Whether no value of some columns of text can break a rule, as far as is known without splitting.

        Args:
            names: The names of the columns.
            lengths: The lengths of their values.
            data: The lines.
            characters: The characters that may be in them.
        """
        has_words = any(len(word) in lengths.found and word in data for word in self.words(names))
        return not any(
            column.breakable(
                Statistics(lengths.empty[column.name] > 0, lengths.longest, characters, words=has_words)
            )
            for column in self._columns
            if column.name in names
        )

    def broken(
        self,
        table: Table,
        characters: frozenset[str],
        hashes: Mapping[str, np.ndarray],
    ) -> tuple[list[BrokenValues], dict[str, int]]:
        """The rules that values break, and how many values of each column are empty.

        Args:
            table: The values. Columns that it lacks are left out.
            characters: The characters that may be in them.
            hashes: The hashes of the values of columns that are counted.
        """
        frame = table.frame
        columns = [column for column in self._columns if column.name in frame.columns]
        if not frame.height or not columns:
            return [], {}
        # An empty value is null, or a text of no bytes if it is in quotation marks.
        blank = {each.name: int((each == 0).sum()) for each in table.lengths if each.min() == 0}
        longest = {each.name: _longest(each) for each in table.lengths}
        not_hashed = [each.short for each in columns if each.words and each.name not in hashes]
        hashes = {**hashes, **hashes_of(frame, not_hashed)}
        broken: list[BrokenValues] = []
        empty: dict[str, int] = {}
        for column in columns:
            values = frame[column.name]
            missing = values.null_count() + blank.get(column.name, 0)
            empty[column.field.name] = missing
            known = column.statistics(
                values, missing, longest.get(column.name, 0), characters, hashes.get(column.name)
            )
            rules = column.breakable(known)
            if rules and known.characters:
                # The characters may all be in other columns.
                text = values.str.join("").item()
                inside = frozenset(each for each in known.characters if each in text)
                rules = column.breakable(dataclasses.replace(known, characters=inside))
            if rules:
                broken += self._judge(values, column.field, rules, table.rows)
        return broken, empty

    def characters(self, block: Block) -> frozenset[str]:
        """Which of the characters that rules ask for may be in a block."""
        found = set(filter(block.has, self._ascii))
        # The line breaks are the only control characters of most data.
        if block.counts.controls != block.counts.line_feeds:
            found |= self._controls
        elif _DELETE in self._controls and block.has(_DELETE):
            found.add(_DELETE)
        return frozenset(found if block.counts.is_ascii else found | self._others)

    def _judge(
        self,
        values: pl.Series,
        field: Field,
        rules: list[tuple[Rule, Condition]],
        rows: pl.Series | None,
    ) -> Iterator[BrokenValues]:
        """The rules that values break: of each value, the first."""
        values = values.cast(pl.String)  # of numbers, what was written
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
        self.characters = characters_in(conditions) if field.is_text else set()
        self.words = words_in(conditions) if field.is_text else set()
        # Hashes are compared, which is faster than comparing texts.
        self._hash_set = HashSet(self.words)
        longest_word = max((len(word.encode()) for word in self.words), default=0)
        value = pl.col(name)
        # To hash a long text takes more time than to measure it.
        self.short = pl.when(value.str.len_bytes() <= longest_word).then(value) if field.textual else value

    def breakable(self, known: Statistics) -> list[tuple[Rule, Condition]]:
        """The rules that a value may break, by what is known of all of them."""
        return [(rule, condition) for rule, condition in self.rules if may_hold(condition, known)]

    def statistics(
        self,
        values: pl.Series,
        missing: int,
        longest: int,
        characters: frozenset[str],
        hashes: np.ndarray | None,
    ) -> Statistics:
        """What is known of values, of which so many are empty, and the longest has so many bytes."""
        if self.field.is_text:
            return Statistics(
                empty=missing > 0,
                longest=longest,
                characters=characters,
                words=hashes is not None and self._hash_set.has_any(hashes),
            )
        if not self.field.is_number:
            return Statistics(empty=missing > 0, longest=0)
        whole = self.field.is_whole
        numbers = values.cast(pl.Int64 if whole else pl.Float64, strict=False)
        count = numbers.len() - numbers.null_count() if whole else int(numbers.is_finite().sum() or 0)
        lowest, highest = numbers.min(), numbers.max()
        return Statistics(
            empty=missing > 0,
            longest=0,
            lowest=lowest if isinstance(lowest, int | float) else None,
            highest=highest if isinstance(highest, int | float) else None,
            all_numbers=count == values.len() - missing,
        )


def _longest(lengths: pl.Series) -> int:
    longest = lengths.max()
    return longest if isinstance(longest, int) else 0
