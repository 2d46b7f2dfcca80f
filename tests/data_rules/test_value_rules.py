# SPDX-License-Identifier: Apache-2.0
"""What a value must be like in its column."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_import.data_check.values import suspects
from personalize_import.data_rules.rule import Rule
from personalize_import.data_rules.schema import Field
from personalize_import.data_rules.value_rules import (
    ID_LENGTH,
    ID_QUOTE,
    ID_SPECIAL,
    STRING_LENGTH,
    TEXT_LENGTH,
    TEXT_LENGTH_CJK,
    TIMESTAMP_SECONDS,
    VALUE_BOOLEAN,
    VALUE_KEYWORD,
    VALUE_MISSING,
    VALUE_TYPE,
    broken_rule,
)

KEYWORDS = frozenset({"USER_ID", "EVENT_TYPE"})


def field(name: str = "GENRE", *types: str, textual: bool = False) -> Field:
    """A field of a schema; a string if nothing else is said."""
    return Field(name, frozenset(types or {"string"}), textual=textual)


USER_ID = field("USER_ID")
TIMESTAMP = field("TIMESTAMP", "long")
DESCRIPTION = field("DESCRIPTION", textual=True)
FLAG = field("FLAG", "boolean")

FIELDS = [
    USER_ID,
    TIMESTAMP,
    DESCRIPTION,
    FLAG,
    field(),
    field("GENRE", "string", "null"),
    field("AGE", "int"),
    field("AGE", "int", "null"),
    field("VIEWS", "long"),
    field("PRICE", "float"),
    field("PRICE", "double", "null"),
    field("CREATION_TIMESTAMP", "float"),
    field("MIXED", "int", "boolean"),
]


@pytest.mark.parametrize(
    ("given_field", "value", "rule"),
    [
        (USER_ID, "", VALUE_MISSING),
        (USER_ID, "u" * 256, None),
        (USER_ID, "u" * 257, ID_LENGTH),
        (USER_ID, 'a"b', ID_QUOTE),
        (USER_ID, "a|b", ID_SPECIAL),
        (USER_ID, "a\\b", ID_SPECIAL),
        (USER_ID, "ü-1_2", None),
        (USER_ID, "USER_ID", VALUE_KEYWORD),
        (field(), "x" * 1000, None),
        (field(), "x" * 1001, STRING_LENGTH),
        (field("GENRE", "string", "null"), "", None),
        (DESCRIPTION, "x" * 20_000, None),
        (DESCRIPTION, "x" * 20_001, TEXT_LENGTH),
        (DESCRIPTION, "猫" * 7_000, None),
        (DESCRIPTION, "猫" * 7_001, TEXT_LENGTH_CJK),
        (DESCRIPTION, "ü" * 7_001, None),
        (TIMESTAMP, "1596238243", None),
        (TIMESTAMP, "1596238243000", TIMESTAMP_SECONDS),
        (TIMESTAMP, "1596238243.0", VALUE_TYPE),
        (TIMESTAMP, "2020-07-31", VALUE_TYPE),
        (field("AGE", "int"), "2147483647", None),
        (field("AGE", "int"), "2147483648", VALUE_TYPE),
        (field("AGE", "int"), "-2147483648", None),
        (field("VIEWS", "long"), "9223372036854775808", VALUE_TYPE),
        (field("VIEWS", "long"), "0" * 5000 + "1", None),
        (field("PRICE", "float"), "1.5e3", None),
        (field("PRICE", "float"), "nan", VALUE_TYPE),
        (field("PRICE", "float"), "1,5", VALUE_TYPE),
        (field("PRICE", "float"), "1e39", VALUE_TYPE),
        (field("PRICE", "double"), "1e39", None),
        (FLAG, "true", None),
        (FLAG, "True", VALUE_BOOLEAN),
    ],
)
def test_a_value_breaks_the_rule_that_is_about_it(given_field: Field, value: str, rule: Rule | None) -> None:
    """Each rule is broken by what lies just beyond its limit, and not by the limit itself."""
    assert rule == broken_rule(value, given_field, KEYWORDS)


NUMBERS = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats().map(str),
    st.from_regex(r"[+-]?[0-9]{0,22}\.?[0-9]{0,3}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
VALUES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    NUMBERS,
    st.sampled_from(
        ["", "true", "false", "True", "USER_ID", 'a"b', "a|b", "a\tb", " 1", "1 ", "\u0661", "1_0"]
    ),
    st.sampled_from(["x" * 256, "x" * 257, "ü" * 257, "x" * 1001, "猫" * 7001, "猫" * 2500, "x" * 20_001]),
)


def looked_at(given_field: Field, values: list[str], keywords: frozenset[str]) -> list[list[Rule | None]]:
    """What the fast pass says of each value: the rules that it surely breaks, None where it is a suspect."""
    frame = pl.DataFrame({"0": pl.Series(values, dtype=pl.String)})
    masks = [
        (rule, frame.select(mask).to_series().to_list())
        for rule, mask in suspects(given_field, "0", keywords)
    ]
    return [[rule for rule, mask in masks if mask[row]] for row in range(len(values))]


@settings(deadline=None)
@given(st.sampled_from(FIELDS), st.lists(VALUES, min_size=1, max_size=8))
def test_the_fast_pass_overlooks_nothing(given_field: Field, values: list[str]) -> None:
    """What breaks a rule is told by the vectorised pass, or is its suspect, and never both."""
    for value, said in zip(values, looked_at(given_field, values, KEYWORDS), strict=True):
        rule = broken_rule(value, given_field, KEYWORDS)
        assert said in ([rule], [None]) or (rule is None and said == []), (value, said)


@settings(deadline=None)
@given(st.sampled_from(FIELDS[5:12]), st.lists(NUMBERS, min_size=1, max_size=8))
def test_the_fast_pass_suspects_no_good_number(given_field: Field, values: list[str]) -> None:
    """Good data is never looked at value by value, which would be slow."""
    said = looked_at(given_field, values, frozenset())

    broken = [broken_rule(value, given_field, frozenset()) is not None for value in values]
    assert [bool(rules) for rules in said] == broken
