# SPDX-License-Identifier: Apache-2.0
"""What a value must be like in its column, and that the engine finds what the conditions say."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.hashes import hashes_of
from personalize_import.data_check.table import Table
from personalize_import.data_check.values import ValueCheck
from personalize_import.data_rules import number_rules as numbers
from personalize_import.data_rules import text_rules as texts
from personalize_import.data_rules import value_rules as rules
from personalize_import.data_rules.condition import holds
from personalize_import.data_rules.dataset_type import Dataset, DatasetType, Domain
from personalize_import.data_rules.finding import Finding
from personalize_import.data_rules.rule import Rule, Severity
from personalize_import.data_rules.schema import Field

INTERACTIONS = Dataset(DatasetType.INTERACTIONS)
ITEMS = Dataset(DatasetType.ITEMS)
USERS = Dataset(DatasetType.USERS)
ACTIONS = Dataset(DatasetType.ACTIONS)
ACTION_INTERACTIONS = Dataset(DatasetType.ACTION_INTERACTIONS)


def field(name: str = "GENRE", *types: str, categorical: bool = False, textual: bool = False) -> Field:
    """A field of a schema; a string if nothing else is said."""
    return Field(name, frozenset(types or {"string"}), categorical, textual)


USER_ID = field("USER_ID")
TIMESTAMP = field("TIMESTAMP", "long")
CREATED = field("CREATION_TIMESTAMP", "long")
DESCRIPTION = field("DESCRIPTION", textual=True)
EVENT_TYPE = field("EVENT_TYPE")
FLAG = field("FLAG", "boolean")
AGE = field("AGE", "int")
CATEGORY = field("CATEGORY", categorical=True)

FIELDS = [
    *(USER_ID, TIMESTAMP, CREATED, DESCRIPTION, EVENT_TYPE, FLAG, AGE, CATEGORY, field()),
    field("GENRE", "string", "null"),
    field("AGE", "int", "null"),
    field("VIEWS", "long"),
    field("PRICE", "float"),
    field("PRICE", "double", "null"),
    field("CREATION_TIMESTAMP", "float"),
    field("VALUE", "long"),
]


def broken_rule(value: str, given_field: Field, dataset: Dataset) -> Rule | None:
    """The rule that a value breaks, by the meaning of the conditions."""
    found = (rule for rule, breaks in rules.value_rules(given_field, dataset) if holds(breaks, value))
    return next(found, None)


@pytest.mark.parametrize(
    ("given_field", "value", "rule"),
    [
        (USER_ID, "", rules.VALUE_MISSING),
        (USER_ID, "u" * 256, None),
        (USER_ID, "u" * 257, texts.ID_LENGTH),
        (USER_ID, 'a"b', texts.ID_QUOTE),
        (USER_ID, "a|b", texts.ID_SPECIAL),
        (USER_ID, "a\\b", texts.ID_SPECIAL),
        (USER_ID, "ü-1_2", None),
        (USER_ID, "USER_ID", texts.VALUE_KEYWORD),
        (field(), "x" * 1000, None),
        (field(), "x" * 1001, texts.STRING_LENGTH_OTHER),
        (field("GENRE", "string", "null"), "", None),
        (DESCRIPTION, "x" * 20_000, None),
        (DESCRIPTION, "x" * 20_001, texts.TEXT_LENGTH),
        (DESCRIPTION, "猫" * 7_000, None),
        (DESCRIPTION, "猫" * 7_001, texts.TEXT_LENGTH_CJK),
        (DESCRIPTION, "ü" * 7_001, None),
        (TIMESTAMP, "1596238243", None),
        (TIMESTAMP, "1596238243000", numbers.TIMESTAMP_SECONDS),
        (TIMESTAMP, "1596238243.0", numbers.VALUE_TYPE),
        (TIMESTAMP, "2020-07-31", numbers.VALUE_TYPE),
        (field("AGE", "int"), "2147483647", None),
        (AGE, "2147483648", numbers.METADATA_TYPE),
        (field("AGE", "int"), "-2147483648", None),
        (field("VIEWS", "long"), "9223372036854775808", numbers.METADATA_TYPE),
        (field("VIEWS", "long"), "0" * 5000 + "1", None),
        (field("PRICE", "float"), "1.5e3", None),
        (field("PRICE", "float"), "nan", numbers.METADATA_TYPE),
        (field("PRICE", "float"), "1,5", numbers.METADATA_TYPE),
        (field("PRICE", "float"), "1e39", numbers.METADATA_TYPE),
        (field("PRICE", "double"), "1e39", None),
        (FLAG, "true", None),
        (FLAG, "True", numbers.VALUE_BOOLEAN),
        (TIMESTAMP, "TIMESTAMP", numbers.VALUE_TYPE),
        (TIMESTAMP, "20200131", numbers.TIMESTAMP_DATE),
        (TIMESTAMP, "20200131120000", numbers.TIMESTAMP_DATE),
        (TIMESTAMP, "1596238243000000", numbers.TIMESTAMP_SECONDS),
        (TIMESTAMP, "-5", numbers.TIMESTAMP_IMPLAUSIBLE),
        (TIMESTAMP, "0", numbers.TIMESTAMP_IMPLAUSIBLE),
        (TIMESTAMP, "9999999999", numbers.TIMESTAMP_IMPLAUSIBLE),
        (TIMESTAMP, "631152000", None),
        (TIMESTAMP, "4102444801", numbers.TIMESTAMP_IMPLAUSIBLE),
        (AGE, "", rules.METADATA_MISSING),
        (AGE, "NULL", numbers.METADATA_TYPE),
        (USER_ID, "NULL", texts.VALUE_NULL),
        (USER_ID, "None", texts.VALUE_NULL),
        (USER_ID, "nan", texts.VALUE_NULL),
        (USER_ID, "Nancy", None),
        (field(), "None", None),
        (USER_ID, " u1", texts.ID_SPACES),
        (USER_ID, "u1 ", texts.ID_SPACES),
        (USER_ID, "u 1", None),
        (USER_ID, "u\x001", texts.VALUE_CONTROL),
        (USER_ID, "u\u200b1", texts.VALUE_CONTROL),
        (field(), "a\x7f", texts.VALUE_CONTROL),
        (field(), "\ufeffa", texts.VALUE_CONTROL),
        (field(), "\u0645\u06cc\u200c\u062e\u0648", None),
        (field(), "\u0915\u094d\u200d\u0937", None),
        (EVENT_TYPE, "\U0001f468\u200d\U0001f469", None),
        (USER_ID, "u\u200c1", texts.VALUE_CONTROL),
        (USER_ID, "u\u200d1", texts.VALUE_CONTROL),
        (DESCRIPTION, "\U0001f468\u200d\U0001f469", None),
        (DESCRIPTION, "a\x00", texts.VALUE_CONTROL),
        (EVENT_TYPE, "null", texts.VALUE_NULL),
        (EVENT_TYPE, "event_type", texts.VALUE_KEYWORD),
        (EVENT_TYPE, "", rules.VALUE_MISSING),
        (EVENT_TYPE, "click", None),
    ],
)
def test_a_value_breaks_the_rule_that_is_about_it(given_field: Field, value: str, rule: Rule | None) -> None:
    """Each rule is broken by what lies just beyond its limit, and not by the limit itself."""
    assert rule == broken_rule(value, given_field, INTERACTIONS)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        ("1600000000000", "milliseconds"),
        ("-1600000000000", "milliseconds"),
        ("1600000000000000", "microseconds"),
        ("1600000000000000000", "nanoseconds"),
        ("9223372036854775807", "nanoseconds"),
        ("202007312359", "a date, YYYYMMDDhhmm"),
        ("202007312360", "milliseconds"),
        ("1.6e12", "milliseconds"),
        ("1e30", ""),
        ("16", ""),
    ],
)
def test_a_timestamp_that_is_not_in_seconds_has_a_probable_unit(value: str, unit: str) -> None:
    """The message names it, so that the right division is chosen."""
    found = Finding(numbers.TIMESTAMP_SECONDS, "data.csv", 2, "TIMESTAMP", value).found

    assert found == f"Got TIMESTAMP={value}" + (f", probably {unit}" if unit else "")


@pytest.mark.parametrize(
    ("dataset", "given_field", "value", "rule"),
    [
        (ITEMS, CREATED, "-5", None),
        (ITEMS, CREATED, "0", numbers.TIMESTAMP_IMPLAUSIBLE),
        (ITEMS, CREATED, "9999999999", numbers.TIMESTAMP_IMPLAUSIBLE),
        (ITEMS, CREATED, "1600000000000", numbers.TIMESTAMP_SECONDS),
        (ITEMS, CREATED, "20200131", numbers.TIMESTAMP_DATE),
        *(
            (dataset, given_field, value, None)
            for dataset, given_field in (
                (USERS, CREATED),
                (USERS, TIMESTAMP),
                (INTERACTIONS, CREATED),
                (ITEMS, TIMESTAMP),
                (ITEMS, field("EXPIRATION_TIMESTAMP", "long")),
                (Dataset(DatasetType.USERS, Domain.ECOMMERCE), CREATED),
            )
            for value in ("0", "20200131", "1600000000000")
        ),
    ],
)
def test_only_reserved_timestamps_must_be_in_seconds(
    dataset: Dataset, given_field: Field, value: str, rule: Rule | None
) -> None:
    """In another dataset, a field of the same name is the user's own."""
    assert rule == broken_rule(value, given_field, dataset)


@pytest.mark.parametrize(
    ("dataset", "given_field", "value", "rule"),
    [
        (ACTIONS, field("VALUE", "long"), "1", None),
        (ACTIONS, field("VALUE", "long"), "10", None),
        (ACTIONS, field("VALUE", "long"), "11", numbers.ACTION_VALUE),
        (ACTIONS, field("VALUE", "long"), "0", numbers.ACTION_VALUE),
        (ACTIONS, field("REPEAT_FREQUENCY", "long"), "30", None),
        (ACTIONS, field("REPEAT_FREQUENCY", "long"), "31", numbers.ACTION_REPEAT),
        (ACTIONS, field("REPEAT_FREQUENCY", "long"), "-1", numbers.ACTION_REPEAT),
        (ACTIONS, field("ACTION_EXPIRATION_TIMESTAMP", "long"), "1600000000000", numbers.TIMESTAMP_SECONDS),
        (ACTIONS, field("EXPIRATION_TIMESTAMP", "long"), "1600000000000", numbers.TIMESTAMP_SECONDS),
        (ACTIONS, field("VALUE", "long"), "", rules.VALUE_MISSING),
        (ITEMS, field("VALUE", "long"), "11", None),
        (ACTION_INTERACTIONS, EVENT_TYPE, "Taken", None),
        (ACTION_INTERACTIONS, EVENT_TYPE, "NOT TAKEN", None),
        (ACTION_INTERACTIONS, EVENT_TYPE, "viewed", None),
        (ACTION_INTERACTIONS, EVENT_TYPE, "Not taken", None),
        (ACTION_INTERACTIONS, EVENT_TYPE, "not_Taken", None),
        (ACTION_INTERACTIONS, EVENT_TYPE, "tAKEN", None),
        (ACTION_INTERACTIONS, EVENT_TYPE, "nottaken", texts.ACTION_EVENT_TYPE),
        (ACTION_INTERACTIONS, EVENT_TYPE, "taken\n", texts.ACTION_EVENT_TYPE),
        (ACTION_INTERACTIONS, EVENT_TYPE, "ta\u212aen", texts.ACTION_EVENT_TYPE),
        (ACTION_INTERACTIONS, EVENT_TYPE, "clicked", texts.ACTION_EVENT_TYPE),
        (ACTION_INTERACTIONS, EVENT_TYPE, "NULL", texts.ACTION_EVENT_TYPE),
        (ACTION_INTERACTIONS, EVENT_TYPE, "None", texts.ACTION_EVENT_TYPE),
        (ACTION_INTERACTIONS, EVENT_TYPE, "EVENT_TYPE", texts.ACTION_EVENT_TYPE),
        (ACTION_INTERACTIONS, EVENT_TYPE, "event_type", texts.ACTION_EVENT_TYPE),
        (ACTION_INTERACTIONS, EVENT_TYPE, "", rules.VALUE_MISSING),
        (ACTION_INTERACTIONS, USER_ID, "NULL", texts.VALUE_NULL),
        (INTERACTIONS, EVENT_TYPE, "clicked", None),
    ],
)
def test_actions_have_rules_of_their_own(
    dataset: Dataset, given_field: Field, value: str, rule: Rule | None
) -> None:
    """Bounds and words that the guide names hold in their dataset and not in another."""
    assert rule == broken_rule(value, given_field, dataset)


@pytest.mark.parametrize(
    ("dataset", "given_field", "rule"),
    [
        (INTERACTIONS, CATEGORY, texts.STRING_LENGTH),
        (USERS, CATEGORY, texts.STRING_LENGTH),
        (INTERACTIONS, field("IMPRESSION"), texts.STRING_LENGTH),
        (ITEMS, CATEGORY, texts.STRING_LENGTH),
        (ITEMS, field(), texts.STRING_LENGTH),
        (INTERACTIONS, field(), texts.STRING_LENGTH_OTHER),
        (USERS, field(), texts.STRING_LENGTH_OTHER),
        (INTERACTIONS, EVENT_TYPE, texts.STRING_LENGTH_OTHER),
    ],
)
def test_a_long_string_is_an_error_where_the_quotas_limit_it(
    dataset: Dataset, given_field: Field, rule: Rule
) -> None:
    """Elsewhere it is a warning that is not certain."""
    assert broken_rule("x" * 1000, given_field, dataset) is None
    assert broken_rule("x" * 1001, given_field, dataset) is rule
    assert (rule.severity, rule.certain) in [(Severity.ERROR, True), (Severity.WARNING, False)]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("|".join(["x" * 499] * 2), None),
        ("|".join(["x" * 1000] * 3), texts.CATEGORIES_LENGTH),
        ("x" * 1001, texts.STRING_LENGTH),
        ("a|" + "x" * 1001, texts.STRING_LENGTH),
        ("x" * 1001 + "|a", texts.STRING_LENGTH),
        ("a|b\n|" + "x" * 1001 + "|a", texts.STRING_LENGTH),
    ],
)
def test_the_limit_of_a_category_holds_for_each_of_several(value: str, rule: Rule | None) -> None:
    """The guide separates categories by a bar. The limit for all together is not certain."""
    assert broken_rule(value, CATEGORY, ITEMS) is rule


def test_which_texts_are_chinese_or_japanese_is_not_certain() -> None:
    """One character is enough for this check; the guide does not say what is enough for the service."""
    assert broken_rule("猫" + "x" * 7_000, DESCRIPTION, ITEMS) is texts.TEXT_LENGTH_CJK
    assert not texts.TEXT_LENGTH_CJK.certain


NUMBERS = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats().map(str),
    st.from_regex(r"[+-]?[0-9]{0,22}\.?[0-9]{0,3}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
VALUES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    NUMBERS,
    st.sampled_from(
        [
            *("", "true", "false", "True", "USER_ID", 'a"b', "a|b", "a\tb", " 1", "1 ", "\u0661", "1_0"),
            *("null", "NaN", "inf", "20200131", "20200131120000", "0", "-5", "9999999999", "1e999", "Taken"),
            *("a\x00", "a\u200b", "event_type", "1.", ".5", "+1", "1e5", "Infinity", "0x10"),
            *("tAKEN", "Not taken", "NOT_TAKEN", "vieweD", "ta\u212aen"),
        ]
    ),
    st.sampled_from(["x" * 256, "x" * 257, "ü" * 257, "x" * 1001, "猫" * 7001, "猫" * 2500, "x" * 20_001]),
)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(FIELDS),
    st.sampled_from([INTERACTIONS, ITEMS, USERS, ACTIONS, ACTION_INTERACTIONS]),
    st.lists(VALUES, min_size=1, max_size=8),
    st.booleans(),
)
def test_the_engine_finds_what_the_conditions_say(
    given_field: Field, dataset: Dataset, values: list[str], is_hashed: bool
) -> None:
    """Whatever the statistics of a column rule out, each value breaks the rule that its condition says."""
    frame = pl.DataFrame({"0": pl.Series([value or None for value in values], dtype=pl.String)})
    check = ValueCheck({"0": given_field}, dataset, examples=99)

    data = "\n".join([*values, ""]).encode()
    block = Block(data, len(values), ())
    hashes = hashes_of(frame, [pl.col("0")]) if is_hashed else {}
    found, empty = check.broken(Table(frame), check.characters(block), hashes)

    by_row = {row: broken.rule for broken in found for row in broken.rows}
    assert [by_row.get(row) for row in range(len(values))] == [
        broken_rule(value, given_field, dataset) for value in values
    ]
    assert empty == {given_field.name: values.count("")}
    assert sum(broken.count for broken in found) == len(by_row)
