# SPDX-License-Identifier: Apache-2.0
"""The rules as SQL for Amazon Athena (engine version 3, which is Trino), over a table of raw lines.

The table has the columns `line` and the hidden `$path`. A query does not know the order of the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from personalize_import.data_check.columns import Columns
from personalize_import.data_rules.condition import (
    DECIMAL,
    WHOLE,
    All,
    Any,
    Begins,
    Condition,
    Empty,
    HasAny,
    Longer,
    Matches,
    Not,
    Number,
    Occurs,
    OneOf,
    Padded,
)
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
from personalize_import.data_rules.value_rules import value_rules

LONGEST_EXAMPLE = 30_000
"""Characters of an example. It holds the longest text that is allowed, and more."""

MOST_EXAMPLES = 10_000
"""What `min(x, n)` takes."""

RECORDS, ROWS, EMPTY, EVENT = "records", "rows", "empty", "event"
"""Marks that are counted and are no rules."""

_LEAST_LONG, _LARGEST_LONG = -(2**63), 2**63 - 1


def as_sql(condition: Condition, text: str) -> str:
    """A condition as an expression.

    Args:
        condition: The condition.
        text: An expression for a text that is not null.
    """
    match condition:
        case Empty():
            return f"{text} = ''"
        case Longer(than):
            return f"length({text}) > {than}"
        case HasAny(characters):
            return _like(text, _class_of(characters))
        case Padded():
            return _like(text, r"\A[ \t]|[ \t]\z")
        case OneOf(values):
            return f"{text} IN ({', '.join(map(literal, sorted(values)))})"
        case Matches(pattern):
            return _like(text, _begins(pattern) + r"\z")
        case Begins(pattern):
            return _like(text, _begins(pattern))
        case Occurs(part, times, outside):
            rest = f"regexp_replace({text}, {literal(f'(?s){outside}')}, '')"
            return f"length({rest}) - length(replace({rest}, {literal(part)}, '')) = {times * len(part)}"
        case Number():
            return _number(condition, text)
        case Not(negated):
            return f"NOT ({as_sql(negated, text)})"
        case All(conditions):
            return "(" + " AND ".join(as_sql(each, text) for each in conditions) + ")"
        case Any(conditions):
            return "(" + " OR ".join(as_sql(each, text) for each in conditions) + ")"


def literal(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def _like(text: str, pattern: str) -> str:
    return f"regexp_like({text}, {literal(pattern)})"


def _begins(pattern: str) -> str:
    return rf"(?s)\A(?:{pattern})"


def _class_of(characters: str) -> str:
    """A pattern for one of some characters."""
    return "[" + "".join(map(_in_class, characters)) + "]"


def _in_class(character: str) -> str:
    if ord(character) < 32 or ord(character) == 127:
        return f"\\x{ord(character):02x}"
    return f"\\{character}" if character.isascii() and not character.isalnum() else character


def _number(condition: Number, text: str) -> str:
    number = f"try_cast({text} AS {'bigint' if condition.whole else 'double'})"
    form = as_sql(Matches(WHOLE if condition.whole else DECIMAL), text)
    parts = [form, f"{number} IS NOT NULL"]
    if condition.whole:
        if condition.low > _LEAST_LONG:
            parts.append(f"{number} >= {condition.low}")
        if condition.high < _LARGEST_LONG:
            parts.append(f"{number} <= {condition.high}")
    else:
        parts.append(f"{number} BETWEEN {condition.low:.17e} AND {condition.high:.17e}")
    return f"({' AND '.join(parts)})"


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

    def marks(self, examples: int) -> str:
        """How often each rule is broken, with examples, in one scan of the data.

        It has three columns. `mark` is a rule or one of the other marks; of a column it ends in a space and
        the position. `n` is how often it occurs. `example` is a path and a value with a line feed between;
        the value of `LINE_LENGTH` is how many values the line has.
        """
        marks = ",\n    ".join(self._marks())
        return f"""{self._with()},
found_marks AS (
  SELECT
    split_part(found, chr(10), 1) AS mark,
    path || chr(10) || substr(found, strpos(found, chr(10)) + 1, {LONGEST_EXAMPLE}) AS example
  FROM records
  CROSS JOIN UNNEST(ARRAY[
    {marks}
  ]) AS t(found)
  WHERE found IS NOT NULL
),
counted AS (
  SELECT mark, count(*) AS n, min(example, {min(examples, MOST_EXAMPLES)}) AS examples
  FROM found_marks GROUP BY mark
)
SELECT mark, n, example FROM counted CROSS JOIN UNNEST(examples) AS t(example) ORDER BY mark, example"""

    def events(self) -> str:
        """Events, unique ones, users, and those with two unique events or more; and event types."""
        user, event_type = f"v{self.columns.user}", self.columns.event_type
        event_type = f"v{event_type}" if event_type else "''"
        event = ", ".join(f"v{column}" for column in self.columns.event)
        return f"""{self._with()},
unique_events AS (
  SELECT {user} AS by_user, {event_type} AS by_type, count(*) AS n
  FROM records WHERE has_values GROUP BY {event}
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
counted AS (
  SELECT v{self.columns.ids} AS id, count(*) AS n FROM records
  WHERE has_values AND v{self.columns.ids} <> '' GROUP BY v{self.columns.ids}
)
SELECT count(*) AS ids, count(CASE WHEN n > 1 THEN 1 END) AS repeated_ids FROM counted"""

    def _with(self) -> str:
        """The lines, their values as they are written, and their values."""
        positions = sorted(map(int, self.columns.fields))
        written = "".join(f", written[{position + 1}] AS w{position}" for position in positions)
        values = "".join(f", {_value(f'w{position}')} AS v{position}" for position in positions)
        return f"""WITH raw_lines AS (
  SELECT coalesce(line, '') AS line, "$path" AS path FROM {self.table.name} WHERE {self.table.filter()}
),
forms AS (
  SELECT line, path, line <> '' AND {as_sql(IS_SPLIT, "line")} AS is_split FROM raw_lines
),
split_lines AS (
  SELECT line, path, is_split,
    CASE WHEN is_split THEN regexp_extract_all(',' || line, {literal(f"(?s),({VALUE})")}, 1) END AS parts
  FROM forms
),
counted_lines AS (
  SELECT line, path, is_split, parts,
    is_split AND cardinality(parts) = {self.columns.width} AS has_values,
    CASE WHEN is_split AND cardinality(parts) = {self.columns.width} THEN parts END AS written
  FROM split_lines
),
columns_written AS (
  SELECT line, path, is_split, has_values, cardinality(parts) AS width{written} FROM counted_lines
),
records AS (
  SELECT *{values} FROM columns_written
)"""

    def _marks(self) -> Iterator[str]:
        """Each mark with its value, or null."""
        unreadable = " ".join(
            f"WHEN {as_sql(condition, 'line')} THEN {_mark(rule.id, 'line')}"
            for rule, condition in UNREADABLE
        )
        yield f"CASE WHEN NOT is_split THEN CASE {unreadable} END END"
        for rule, condition in written_rules(self.columns.width):
            shown = "cast(width AS varchar)" if rule is LINE_LENGTH else "line"
            yield f"CASE WHEN is_split AND {as_sql(condition, 'line')} THEN {_mark(rule.id, shown)} END"
        yield f"CASE WHEN line <> '' THEN {_mark(RECORDS)} END"
        yield f"CASE WHEN has_values THEN {_mark(ROWS)} END"
        for column, field in self.columns.fields.items():
            value = f"v{column}"
            rules = " ".join(
                f"WHEN {as_sql(condition, value)} THEN {_mark(f'{rule.id} {column}', value)}"
                for rule, condition in value_rules(field, self.dataset)
            )
            if rules:
                yield f"CASE WHEN has_values THEN CASE {rules} END END"
            yield f"CASE WHEN has_values AND {value} = '' THEN {_mark(f'{EMPTY} {column}')} END"
        for position in self.columns.texts:
            unquoted = as_sql(UNQUOTED, f"w{position}")
            mark = _mark(f"{TEXT_UNQUOTED.id} {position}", f"v{position}")
            yield f"CASE WHEN has_values AND {unquoted} THEN {mark} END"
        for event_type in self.event_types:
            is_type = f"v{self.columns.event_type} = {literal(event_type)}"
            yield f"CASE WHEN has_values AND {is_type} THEN {_mark(f'{EVENT} {event_type}')} END"


def _mark(mark: str, value: str = "''") -> str:
    return f"{literal(mark)} || chr(10) || {value}"


def _value(written: str) -> str:
    """A value, without what encloses and escapes it.

    Doubled quotation marks come first: after an escaped one, an even number of them is left.
    """
    inner = f"""replace(substr({written}, 2, length({written}) - 2), '""', '"')"""
    text = f"""CASE WHEN {written} LIKE '"%' THEN {inner} ELSE {written} END"""
    return rf"regexp_replace({text}, '(?s)\\(.)', '$1')"
