# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from personalize_import.athena.sql import EMPTY, EVENT, RECORDS, ROWS, LinesTable, Queries
from personalize_import.data_check.columns import Columns
from personalize_import.data_check.errors import CannotCheckError
from personalize_import.data_check.headers import LONGEST_HEADER, HeaderCheck
from personalize_import.data_check.sources import Source
from personalize_import.data_rules import RULES
from personalize_import.data_rules.advice_rules import CATEGORIES_COUNT, EVENT_TYPES, ColumnTotals
from personalize_import.data_rules.dataset_type import Dataset, DatasetType
from personalize_import.data_rules.file_rules import ENCODING
from personalize_import.data_rules.finding import Finding, Findings
from personalize_import.data_rules.line_rules import LINE_LENGTH, LINE_LONG, values_instead
from personalize_import.data_rules.rule import Rule
from personalize_import.data_rules.schema import Schema
from personalize_import.data_rules.total_rules import IDS, MOST_EVENT_TYPES_AND_FIELDS, Totals

NOT_CHECKED = (ENCODING, LINE_LONG, CATEGORIES_COUNT)
"""The rules that only this machine checks."""

MOST_QUERIES = 2
"""Each reads all the data once."""

_POSITION = {rule.id: position for position, rule in enumerate(RULES)}
_BY_ID = {rule.id: rule for rule in RULES}


class LinesEngine(Protocol):
    """An engine that runs queries on lines of files."""

    def table(self, folder: str, /) -> AbstractContextManager[str]:
        """The name of a table of the lines of all objects in a folder, for a `with` block."""

    def query(self, sql: str, columns: Sequence[str], /) -> list[list[str]]:
        """The rows of a query, which has these columns."""


@dataclass
class AthenaCheck:
    """Checks the files of one import: their headers here, their lines by queries.

    Attributes:
        schema: What the data should look like.
        dataset: The dataset that it is for.
        findings: Where to put what is found.
        advice: Whether to count what only advice needs.
        engine: What runs the queries.
        folder: The URL of the folder.
        only: The URL of the only object to check; None for all of the folder.
        confirm: Called before the first query. It raises `CannotCheckError` to end the check.
        records: How many records have been checked.
    """

    schema: Schema
    dataset: Dataset
    findings: Findings
    advice: bool
    engine: LinesEngine
    folder: str
    only: str | None = None
    confirm: Callable[[], None] = lambda: None
    records: int = 0
    _totals: Totals = field(default_factory=lambda: Totals(0))
    _column_totals: ColumnTotals = field(default_factory=ColumnTotals)

    def check(self, sources: Sequence[Source]) -> None:
        """Check all files.

        Raises:
            CannotCheckError: A query fails, or Athena does not read one of the files.
        """
        headers = HeaderCheck(self.schema, self.dataset, self.findings, self.advice)
        columns, without = _check_headers(headers, sources)
        main = headers.reference or next(iter(columns.values()), None)
        without += [name for name, other in columns.items() if other is not main]
        complete = headers.complete and not any(name in columns for name in without)
        self._totals = Totals(0, complete=complete)
        if main is not None:
            _refuse_hidden(name for name, other in columns.items() if other is main)
            self.confirm()
            with self.engine.table(self.folder) as table:
                self._check_lines(LinesTable(table, self.folder, self.only, without), main, complete)
        headers.report_stray()

    def totals(self) -> Totals:
        """What has been counted in all files."""
        return self._totals

    def column_totals(self) -> ColumnTotals:
        """What has been counted for advice."""
        return self._column_totals

    def _check_lines(self, table: LinesTable, columns: Columns, complete: bool) -> None:
        is_counted = columns.counts_events and columns.event_type and self.dataset.domain
        event_types = EVENT_TYPES[self.dataset.domain] if is_counted and self.dataset.domain else ()
        queries = Queries(table, columns, self.dataset, event_types)
        labels = self.engine.query(queries.labels(self.findings.most_examples), ("label", "n", "example"))
        counts = {label: int(count) for label, count, _ in labels}
        for label, found in itertools.groupby(
            sorted(labels, key=lambda row: _POSITION.get(row[0].partition(" ")[0], 0)), key=lambda row: row[0]
        ):
            self._report(label, counts[label], [example for _, _, example in found], columns)
        self.records = counts.get(RECORDS, 0)
        rows = counts.get(ROWS, 0)
        self._column_totals = ColumnTotals(
            rows,
            {each.name: counts.get(f"{EMPTY} {column}", 0) for column, each in columns.fields.items()},
            event_types={name: counts.get(f"{EVENT} {name}", 0) for name in event_types} or None,
            complete=complete,
        )
        self._totals = self._count(queries, rows, complete)

    def _report(self, label: str, count: int, examples: Sequence[str], columns: Columns) -> None:
        identifier, _, column = label.partition(" ")
        rule = _BY_ID.get(identifier)
        if rule is None:
            return
        name = columns.fields[column].name if column else ""
        for example in examples:
            path, _, value = example.partition("\n")
            if rule is LINE_LENGTH:
                value = values_instead(int(value), columns.width)
            self.findings.add(Finding(rule, path, field=name, value=value))
        self.findings.add_more(rule, count - len(examples))

    def _count(self, queries: Queries, rows: int, complete: bool) -> Totals:
        """Count what needs all lines together, by a second query."""
        columns, kind = queries.columns, self.dataset.kind
        if rows and columns.event and columns.user:
            names = ("events", "unique_events", "users", "repeated_users", "event_types")
            [row] = self.engine.query(queries.events(), names)
            events, unique, users, repeated, types = map(int, row)
            is_of_users = kind is DatasetType.INTERACTIONS
            return Totals(
                self.records,
                ids=users if is_of_users else None,
                repeated_ids=repeated if is_of_users else 0,
                events=events,
                unique_events=unique,
                event_types=min(types, MOST_EVENT_TYPES_AND_FIELDS + 1) if columns.event_type else 0,
                complete=complete,
            )
        if rows and columns.ids and kind in IDS:
            [row] = self.engine.query(queries.ids(), ("ids", "repeated_ids"))
            ids, repeated = map(int, row)
            return Totals(self.records, ids=ids or None, repeated_ids=repeated, complete=complete)
        return Totals(self.records, complete=complete)


def _check_headers(
    headers: HeaderCheck, sources: Sequence[Source]
) -> tuple[Mapping[str, Columns], list[str]]:
    """The columns of each file that has a header, and the files without one."""
    columns: dict[str, Columns] = {}
    without: list[str] = []
    for source in sources:
        with source.open() as file:
            line = file.readline(LONGEST_HEADER)
        found = headers.check(line, source.name)
        if found is not None:
            columns[source.name] = found
        elif line:
            without.append(source.name)
    return columns, without


def _refuse_hidden(names: Iterable[str]) -> None:
    hidden = [name for name in names if name.rpartition("/")[2].startswith("_")]
    if hidden:
        raise CannotCheckError(
            f"{hidden[0]}: Amazon Athena does not read files whose names begin with '_', but Amazon "
            "Personalize does. Rename the file, or check without --engine athena."
        )


def not_checked(rules: Sequence[Rule] = NOT_CHECKED) -> str:
    """One line on what is not checked."""
    names = ", ".join(rule.id for rule in rules)
    return (
        f"Amazon Athena does not check {names}. It knows no line numbers, and takes each line for a record."
    )
