# SPDX-License-Identifier: Apache-2.0
"""Checks one block. Nothing is shared with other blocks, so that several can be checked at the same time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from personalize_import.data_check.blocks import FIRST_LINE, Block
from personalize_import.data_check.columns import Columns
from personalize_import.data_check.fast_tables import plain_table, quoted_table
from personalize_import.data_check.hashes import hashes_of, together
from personalize_import.data_check.mixed_table import mixed_table
from personalize_import.data_check.narrow_table import narrow_tables
from personalize_import.data_check.table import Table
from personalize_import.data_rules.finding import Finding
from personalize_import.data_rules.rule import Rule

MOST_EVENT_TYPES = 100
"""Event types of a block that are counted. They are too many long before."""

ROWS_FOR_EVENT_TYPES = 1_000
FEW_EVENT_TYPES = 10
"""Rows at the beginning of a block that the others are compared with, if they have no more event types."""

ROWS_FOR_CATEGORIES = 5_000
MORE_ROWS_FOR_CATEGORIES = 500
"""Rows at the beginning of a file, and in each block after that, whose categories are counted. Advice need
not be exact."""


@dataclass
class BlockResult:
    """What a block has.

    Attributes:
        columns: Its columns.
        findings: The first findings of each rule, in the order of the lines.
        more: How many more there are of a rule.
        records: How many records it has.
        rows: How many of these could be split into values.
        rest: How many lines at its end belong to a record that goes on in the next block.
        empty: Empty values of each column, by the field's name.
        ids: The hashes of the ids that are counted.
        events: The hashes of events, and those of their users.
        event_types: The event types, and how often each occurs.
        categories: The different values of the categorical columns, by the field's name.
    """

    columns: Columns
    findings: list[Finding] = field(default_factory=list)
    more: list[tuple[Rule, int]] = field(default_factory=list)
    records: int = 0
    rows: int = 0
    rest: int = 0
    empty: dict[str, int] = field(default_factory=dict)
    ids: list[np.ndarray] = field(default_factory=list)
    events: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    event_types: list[tuple[str | None, int]] = field(default_factory=list)
    categories: dict[str, list[str | None]] = field(default_factory=dict)


def split_block(
    block: Block, width: int, texts: Sequence[int], examples: int, timestamps: Collection[str] = ()
) -> Table:
    """Split a block into columns.

    Args:
        block: The lines.
        width: How many columns there are.
        texts: The positions of the textual ones.
        examples: How many places of each broken rule to keep.
        timestamps: The columns that may be numbers in the table.
    """
    return (
        plain_table(block, width, texts, examples, timestamps)
        or quoted_table(block, width, texts, examples)
        or mixed_table(block, width, texts, examples)
    )


def check_block(block: Block, columns: Columns, examples: int) -> BlockResult:
    """Check a block.

    Args:
        block: The lines.
        columns: Their columns.
        examples: How many places of each broken rule to keep.
    """
    head_rows = rows_for_categories(block)
    characters = columns.values.characters(block)
    tables = narrow_tables(block, columns, characters, examples, head_rows)
    if tables is None:
        tables = [split_block(block, columns.width, columns.texts, examples, columns.timestamps)]
    result = BlockResult(columns)
    places: list[tuple[int, Finding]] = []
    for table in tables:
        hashes = hashes_of(
            table.frame,
            map(pl.col, columns.hashed.difference(columns.timestamps)),
            columns.hashed.intersection(columns.timestamps),
        )
        places += _check_table(table, block, characters, hashes, result)
        _collect(table, hashes, head_rows, result)
    result.findings = [finding for _, finding in sorted(places, key=lambda place: place[0])]
    return result


def _check_table(
    table: Table,
    block: Block,
    characters: frozenset[str],
    hashes: Mapping[str, np.ndarray],
    result: BlockResult,
) -> Iterator[tuple[int, Finding]]:
    """The first findings in a table of the block, with their rows; the result counts the others."""
    columns = result.columns
    result.records += table.records
    result.rows += table.frame.height
    result.rest += table.rest
    for lines in table.broken:
        name = "" if lines.column is None else columns.fields[str(lines.column)].name
        for row, value in zip(lines.rows, lines.values, strict=True):
            yield row, Finding(lines.rule, *block.place(row), name, value)
        result.more.append((lines.rule, lines.count - len(lines.rows)))
    broken, empty = columns.values.broken(table, characters, hashes)
    empty |= {columns.fields[column].name: count for column, count in table.empty.items()}
    for name, count in empty.items():
        result.empty[name] = result.empty.get(name, 0) + count
    for values in broken:
        for row, value in zip(values.rows, values.values, strict=True):
            yield row, Finding(values.rule, *block.place(row), values.field.name, value)
        result.more.append((values.rule, values.count - len(values.rows)))


def rows_for_categories(block: Block) -> int:
    """How many rows of a block have their categories counted."""
    is_first = block.parts[0].line == FIRST_LINE
    return ROWS_FOR_CATEGORIES if is_first else MORE_ROWS_FOR_CATEGORIES


def _collect(
    table: Table, hashes: Mapping[str, np.ndarray], rows_for_categories: int, result: BlockResult
) -> None:
    """Take from a table what is counted over all blocks."""
    frame, columns = table.frame, result.columns
    if not frame.height:
        return
    if columns.ids:
        ids = hashes[columns.ids]
        empty = result.empty[columns.fields[columns.ids].name]
        result.ids.append(ids[(frame[columns.ids].fill_null("") != "").to_numpy()] if empty else ids)
    if columns.event and columns.user:
        events = together([hashes[column] for column in columns.event])
        result.events.append((events, hashes[columns.user]))
    if columns.event_type:
        types, count = frame[columns.event_type], columns.counts_events
        result.event_types += _event_types(types, hashes[columns.event_type], count=count)
    if columns.categories:
        head = frame.head(rows_for_categories) if table.head is None else table.head
        few = head.select(pl.col(columns.categories).unique().implode())
        for column, different in zip(columns.categories, few.row(0), strict=True):
            result.categories.setdefault(columns.fields[column].name, []).extend(different)


def _event_types(values: pl.Series, hashes: np.ndarray, *, count: bool) -> list[tuple[str | None, int]]:
    """The different values, and how often each occurs; without counting, once."""
    if count:
        return values.rename("value").value_counts().head(MOST_EVENT_TYPES).rows()
    # The first rows of most data have all types. To compare the hashes takes less time than to group texts.
    known = np.unique(hashes[:ROWS_FOR_EVENT_TYPES])
    if len(known) <= FEW_EVENT_TYPES and np.isin(hashes, known).all():
        values = values.head(ROWS_FOR_EVENT_TYPES)
    return [(value, 1) for value in values.unique().head(MOST_EVENT_TYPES)]
