# SPDX-License-Identifier: Apache-2.0
"""The rules as SQL for Amazon Athena (engine version 3, which is Trino), over a table of raw lines.

The table has the columns `line` and the hidden `$path`. A query does not know the order of the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from personalize_import.athena.conditions import as_sql, literal
from personalize_import.data_check.columns import Columns
from personalize_import.data_rules.condition import Condition
from personalize_import.data_rules.dataset_type import Dataset
from personalize_import.data_rules.line_rules import (
    IS_SPLIT,
    LINE_LENGTH,
    TEXT_UNQUOTED,
    UNQUOTED,
    UNREADABLE,
    VALUE,
    written_rules,
)
from personalize_import.data_rules.rule import Rule
from personalize_import.data_rules.value_rules import value_rules

LONGEST_EXAMPLE = 30_000
"""Characters of an example. It holds the longest text that is allowed, and more."""

MOST_EXAMPLES = 10_000
"""What `min(x, n)` takes."""

RECORDS, ROWS, EMPTY, EVENT = "records", "rows", "empty", "event"
"""Marks that are counted and are no rules."""


@dataclass(frozen=True)
class LinesTable:
    """The files to check, as a table of lines.

    Attributes:
        name: The table's name, with that of its database if needed.
        folder: The URL of the folder; what is in folders below it is left out.
        only: The URL of the only object to check; None for all.
        without: The URLs of objects to leave out.
    """

    name: str
    folder: str
    only: str | None = None
    without: Sequence[str] = ()

    def filter(self) -> str:
        """The condition on the path of a line."""
        if self.only is not None:
            return f'"$path" = {literal(self.only)}'
        first_level = f"strpos(substr(\"$path\", {len(self.folder) + 1}), '/') = 0"
        if not self.without:
            return first_level
        return f'{first_level} AND "$path" NOT IN ({", ".join(map(literal, self.without))})'


@dataclass(frozen=True)
class Queries:
    """The queries on files with the same header.

    Attributes:
        table: The files.
        columns: Their columns.
        dataset: The dataset that the data is for.
        event_types: The event types of which events are counted.
    """

    table: LinesTable
    columns: Columns
    dataset: Dataset
    event_types: Sequence[str] = ()

    def labels(self, examples: int) -> str:
        """How often each rule is broken, with examples, in one scan of the data.

        It has three columns. `label` is a rule or one of the other labels; of a column it ends in a space and
        the position. `n` is how often it occurs. `example` is a path and a value with a line feed between;
        the value of `LINE_LENGTH` is how many values the line has.
        """
        labels = ",\n    ".join([*self._line_labels(), *self._value_labels()])
        return f"""{self._with()},
parts AS (
  SELECT path, is_split, has_values, width, written, part,
    CASE WHEN part > 1 THEN {_value("written")} END AS value
  FROM records
  CROSS JOIN UNNEST(
    CASE WHEN has_values THEN ARRAY[line] || all_written ELSE ARRAY[line] END
  ) WITH ORDINALITY AS t(written, part)
),
found_labels AS (
  SELECT
    split_part(found, chr(10), 1) AS label,
    path || chr(10) || substr(found, strpos(found, chr(10)) + 1, {LONGEST_EXAMPLE}) AS example
  FROM parts
  CROSS JOIN UNNEST(ARRAY[
    {labels}
  ]) AS t(found)
  WHERE found IS NOT NULL
),
counted AS (
  SELECT label, count(*) AS n, min(example, {min(examples, MOST_EXAMPLES)}) AS examples
  FROM found_labels GROUP BY label
)
SELECT label, n, example FROM counted CROSS JOIN UNNEST(examples) AS t(example) ORDER BY label, example"""

    def events(self) -> str:
        """Events, unique ones, users, and those with two unique events or more; and event types."""
        event_type = _value_at(self.columns.event_type) if self.columns.event_type else "''"
        event = ", ".join(f"{_value_at(column)} AS v{column}" for column in self.columns.event)
        names = ", ".join(f"v{column}" for column in self.columns.event)
        return f"""{self._with()},
all_events AS (
  SELECT {event}, {event_type} AS by_type FROM records WHERE has_values
),
unique_events AS (
  SELECT v{self.columns.user} AS by_user, by_type, count(*) AS n
  FROM all_events GROUP BY {names}, by_type
),
counted AS (
  SELECT by_type, grouping(by_user) AS is_type, count(*) AS unique_events, sum(n) AS events
  FROM unique_events GROUP BY GROUPING SETS ((by_user), (by_type))
)
SELECT
  coalesce(sum(CASE WHEN is_type = 0 THEN events END), 0) AS events,
  coalesce(sum(CASE WHEN is_type = 0 THEN unique_events END), 0) AS unique_events,
  count(CASE WHEN is_type = 0 THEN 1 END) AS users,
  count(CASE WHEN is_type = 0 AND unique_events > 1 THEN 1 END) AS repeated_users,
  count(CASE WHEN is_type = 1 AND by_type <> '' THEN 1 END) AS event_types
FROM counted"""

    def ids(self) -> str:
        """Different ids, and those that come more than once."""
        return f"""{self._with()},
all_ids AS (
  SELECT {_value_at(self.columns.ids or "0")} AS id FROM records WHERE has_values
),
counted AS (
  SELECT id, count(*) AS n FROM all_ids WHERE id <> '' GROUP BY id
)
SELECT count(*) AS ids, count(CASE WHEN n > 1 THEN 1 END) AS repeated_ids FROM counted"""

    def _with(self) -> str:
        """The lines, and their values as they are written."""
        return f"""WITH raw_lines AS (
  SELECT coalesce(line, '') AS line, "$path" AS path FROM {self.table.name} WHERE {self.table.filter()}
),
forms AS (
  SELECT line, path, line <> '' AND {as_sql(IS_SPLIT, "line")} AS is_split FROM raw_lines
),
split_lines AS (
  SELECT line, path, is_split,
    CASE WHEN is_split
      THEN regexp_extract_all(',' || line, {literal(f"(?s),({VALUE})")}, 1) END AS all_written
  FROM forms
),
records AS (
  SELECT line, path, is_split, all_written, cardinality(all_written) AS width,
    is_split AND cardinality(all_written) = {self.columns.width} AS has_values
  FROM split_lines
)"""

    def _line_labels(self) -> Iterator[str]:
        """The labels of a line, which is the first part; or null."""
        unreadable = " ".join(
            f"WHEN {as_sql(condition, 'written')} THEN {_label(rule.id, 'written')}"
            for rule, condition in UNREADABLE
        )
        yield f"CASE WHEN part = 1 AND NOT is_split THEN CASE {unreadable} END END"
        for rule, condition in written_rules(self.columns.width):
            shown = "cast(width AS varchar)" if rule is LINE_LENGTH else "written"
            broken = f"part = 1 AND is_split AND {as_sql(condition, 'written')}"
            yield f"CASE WHEN {broken} THEN {_label(rule.id, shown)} END"
        yield f"CASE WHEN part = 1 AND written <> '' THEN {_label(RECORDS)} END"
        yield f"CASE WHEN part = 1 AND has_values THEN {_label(ROWS)} END"

    def _value_labels(self) -> Iterator[str]:
        """The labels of a value; or null. Columns with the same rules are judged by the same expression."""
        columns: dict[tuple[tuple[Rule, Condition], ...], list[str]] = {}
        for column, field in self.columns.fields.items():
            columns.setdefault(tuple(value_rules(field, self.dataset)), []).append(column)
        for rules, names in columns.items():
            cases = " ".join(
                f"WHEN {as_sql(condition, 'value')} THEN {_column_label(rule.id, 'value')}"
                for rule, condition in rules
            )
            if cases:
                yield f"CASE WHEN {_is_of(names)} THEN CASE {cases} END END"
        empty = f"{_is_of(self.columns.fields)} AND value = ''"
        yield f"CASE WHEN {empty} THEN {_column_label(EMPTY)} END"
        if self.columns.texts:
            unquoted = f"{_is_of(map(str, self.columns.texts))} AND {as_sql(UNQUOTED, 'written')}"
            yield f"CASE WHEN {unquoted} THEN {_column_label(TEXT_UNQUOTED.id, 'value')} END"
        for event_type in self.event_types:
            is_type = f"{_is_of([self.columns.event_type or ''])} AND value = {literal(event_type)}"
            yield f"CASE WHEN {is_type} THEN {_label(f'{EVENT} {event_type}')} END"


def _is_of(columns: Iterable[str]) -> str:
    """Whether a part is a value of one of some columns: the first part is the line."""
    return f"part IN ({', '.join(str(int(column) + 2) for column in columns)})"


def _value_at(column: str) -> str:
    """The value of a column of a record."""
    return _value(f"all_written[{int(column) + 1}]")


def _column_label(label: str, value: str = "''") -> str:
    return f"{literal(f'{label} ')} || cast(part - 2 AS varchar) || chr(10) || {value}"


def _label(label: str, value: str = "''") -> str:
    return f"{literal(label)} || chr(10) || {value}"


def _value(written: str) -> str:
    """A value, without what encloses and escapes it.

    Doubled quotation marks come first: after an escaped one, an even number of them is left.
    """
    inner = f"""replace(substr({written}, 2, length({written}) - 2), '""', '"')"""
    text = f"""CASE WHEN {written} LIKE '"%' THEN {inner} ELSE {written} END"""
    return rf"regexp_replace({text}, '(?s)\\(.)', '$1')"
