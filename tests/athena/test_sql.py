# SPDX-License-Identifier: Apache-2.0
"""The rules in SQL find what the same rules find on this machine. duckdb stands in for Amazon Athena."""

from collections.abc import Sequence

import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st

from personalize_import.athena.conditions import as_sql
from personalize_import.athena.sql import LinesTable, Queries
from personalize_import.data_check.columns import Columns
from personalize_import.data_rules.condition import Condition, holds
from personalize_import.data_rules.dataset_type import Dataset, DatasetType, Domain
from personalize_import.data_rules.line_rules import IS_OPEN, IS_SPLIT, UNREADABLE, written_rules
from personalize_import.data_rules.schema import Field, Schema
from personalize_import.data_rules.value_rules import value_rules
from tests.athena.duckdb_lines import connection, translated

DATASETS = [Dataset(kind) for kind in DatasetType]
FIELDS = [
    *(Field(name, frozenset({"string"})) for name in ("USER_ID", "EVENT_TYPE", "GENRE")),
    Field("DESCRIPTION", frozenset({"null", "string"}), textual=True),
    *(Field(name, frozenset({"long"})) for name in ("TIMESTAMP", "CREATION_TIMESTAMP", "VALUE", "VIEWS")),
    Field("FLAG", frozenset({"boolean"})),
    *(Field("PRICE", frozenset({kind})) for kind in ("int", "float", "double")),
]
NUMBERS = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats().map(str),
    st.from_regex(r"[+-]?[0-9]{0,22}\.?[0-9]{0,3}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
VALUES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=12),
    NUMBERS,
    st.sampled_from(
        [
            *(
                "",
                "true",
                "True",
                "USER_ID",
                'a"b',
                "a|b",
                "a\tb",
                " 1",
                "1 ",
                "\u0661",
                "1_0",
                "a\\",
                "it's",
            ),
            *("null", "NaN", "inf", "20200131", "20200131120000", "0", "-5", "9999999999", "1e999", "Taken"),
            *("tAKEN", "Not taken", "NOT_TAKEN", "vieweD", "ta\u212aen"),
            *(
                "a\x01",
                "a\x7f",
                "a\u200b",
                "event_type",
                "1.",
                ".5",
                "+1",
                "1e5",
                "Infinity",
                "0x10",
                "\ufeffa",
            ),
            *("x" * 256, "x" * 257, "ü" * 257, "x" * 1001, "猫" * 7001, "猫" * 2500, "x" * 20_001),
            *("9223372036854775807", "-9223372036854775808", "2147483648", "0" * 30 + "1", "1e39", "1" * 40),
        ]
    ),
)
LINES = st.text(st.sampled_from('ab",\\ü\x01'), max_size=20)


def in_sql(conditions: Sequence[Condition], texts: list[str]) -> dict[Condition, list[bool]]:
    """Whether each condition holds for each of some texts."""
    found = ", ".join(as_sql(condition, "value") for condition in conditions)
    query = translated(f"SELECT {found} FROM texts ORDER BY position")
    connection().execute(
        "CREATE OR REPLACE TABLE texts AS "
        "SELECT unnest($1::INTEGER[]) AS position, unnest($2::TEXT[]) AS value",
        [list(range(len(texts))), texts],
    )
    rows = connection().execute(query).fetchall()
    return {condition: [row[column] for row in rows] for column, condition in enumerate(conditions)}


def in_python(conditions: Sequence[Condition], texts: list[str]) -> dict[Condition, list[bool]]:
    """The same as the slow path of the check judges it."""
    return {condition: [holds(condition, text) for text in texts] for condition in conditions}


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(FIELDS), st.sampled_from(DATASETS), st.lists(VALUES, min_size=1, max_size=8))
def test_a_rule_on_values_means_the_same_in_sql(field: Field, dataset: Dataset, values: list[str]) -> None:
    """Whatever the values are."""
    conditions = [condition for _, condition in value_rules(field, dataset)]

    assert in_sql(conditions, values) == in_python(conditions, values)


@settings(deadline=None, max_examples=150)
@given(st.lists(LINES, min_size=1, max_size=8), st.integers(1, 4))
@example(['"a""b",c', r'"\"""",b', r'"C:\a",b', 'a,"b', 'a"b,c', '"","",'], 2)
def test_a_rule_on_lines_means_the_same_in_sql(lines: list[str], width: int) -> None:
    """Whatever the lines are."""
    conditions = [IS_SPLIT, IS_OPEN, *(condition for _, condition in (*UNREADABLE, *written_rules(width)))]

    assert in_sql(conditions, lines) == in_python(conditions, lines)


def test_the_queries_are_valid_in_the_dialect_of_athena() -> None:
    """Each has the columns that are read, and no function that a parser of the dialect does not know."""
    schema = Schema("Interactions", tuple(FIELDS[:5]))
    dataset = Dataset(DatasetType.INTERACTIONS, Domain.ECOMMERCE)
    names = [field.name for field in schema.fields]
    columns = Columns.of(names, schema, dataset, 5, advice=True)
    table = LinesTable("lines", "s3://data/in/", without=["s3://data/in/it's.md"])
    queries = Queries(table, columns, dataset, ("View",))
    expected = {
        queries.labels(5): ["label", "n", "example"],
        queries.events(): ["events", "unique_events", "users", "repeated_users", "event_types"],
        queries.ids(): ["ids", "repeated_ids"],
    }
    for query, selected in expected.items():
        parsed = sqlglot.parse_one(query, read="athena")

        assert isinstance(parsed, sqlglot.exp.Query)
        assert parsed.named_selects == selected
        assert [each.name for each in parsed.find_all(sqlglot.exp.Anonymous)] == []


def test_columns_with_the_same_rules_are_judged_by_the_same_expression() -> None:
    """So the query for the most columns that a schema may have is far below the limit of 262,144 bytes."""
    fields = tuple(Field(f"FIELD_{number}", frozenset({"string", "null"})) for number in range(100))
    schema, dataset = Schema("Items", fields), Dataset(DatasetType.ITEMS)
    columns = Columns.of([field.name for field in fields], schema, dataset, 5, advice=True)

    query = Queries(LinesTable("lines", "s3://data/in/"), columns, dataset).labels(5)

    assert query.count("'string-length '") == 1
    assert len(query.encode()) < 10_000


def test_every_rule_is_valid_in_the_dialect_of_athena() -> None:
    """A parser of that dialect knows each function, and writes it as it was."""
    conditions = [
        condition
        for dataset in DATASETS
        for field in FIELDS
        for _, condition in (*value_rules(field, dataset), *UNREADABLE, *written_rules(3))
    ]
    for condition in conditions:
        query = f"SELECT {as_sql(condition, 'value')} FROM texts"

        parsed = sqlglot.parse_one(query, read="athena")

        assert not list(parsed.find_all(sqlglot.exp.Anonymous)), query
