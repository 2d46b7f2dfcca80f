# SPDX-License-Identifier: Apache-2.0
"""What a finding says."""

import pytest

from personalize_import.data_rules.finding import LONGEST_VALUE, Finding, counted, shown
from personalize_import.data_rules.header_rules import HEADER_CASE, HEADER_COLUMN_MISSING
from personalize_import.data_rules.number_rules import TIMESTAMP_SECONDS
from personalize_import.data_rules.schema_rules import SCHEMA_FORM
from personalize_import.data_rules.total_rules import ID_REPEATED
from personalize_import.data_rules.value_rules import VALUE_MISSING


@pytest.mark.parametrize(
    ("finding", "found"),
    [
        (Finding(TIMESTAMP_SECONDS, "a.csv", 2, "TIMESTAMP", "16"), "Got TIMESTAMP=16."),
        (Finding(HEADER_COLUMN_MISSING, "a.csv", 1, value="PRICE, CATEGORY"), "Missing: PRICE, CATEGORY."),
        (Finding(HEADER_CASE, "a.csv", 1, "PRICE", "Price"), "Got Price instead of PRICE."),
        (Finding(VALUE_MISSING, "a.csv", 2, "PRICE"), "PRICE is empty."),
        (Finding(ID_REPEATED, "a.csv", 0, "ITEM_ID", "1 value"), "Got 1 value of ITEM_ID more than once."),
        (Finding(SCHEMA_FORM, "a.json", value="JSON error: {"), "JSON error: {."),
    ],
)
def test_what_was_found_is_said_in_the_words_of_the_rule(finding: Finding, found: str) -> None:
    """What is missing was not got."""
    assert finding.message == f"{finding.place}: {finding.rule.sentence} {found}"


def test_a_finding_without_a_value_says_the_rule_alone() -> None:
    """There is nothing to add, so nothing is added."""
    assert Finding(TIMESTAMP_SECONDS, "a.csv", 2).message == f"a.csv:2: {TIMESTAMP_SECONDS.sentence}"


def test_a_finding_is_the_rule_what_was_found_the_fix_and_the_id() -> None:
    """All of it is one line."""
    assert str(Finding(TIMESTAMP_SECONDS, "a.csv", 2, "TIMESTAMP", "1600000000000")) == (
        "a.csv:2: A timestamp must be in seconds since 1970. Got TIMESTAMP=1600000000000, probably "
        f"milliseconds. {TIMESTAMP_SECONDS.fix} [timestamp-seconds]"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain ü", "plain ü"),
        ("it's", "it's"),
        (" 1.5", "' 1.5'"),
        ("a\tb", r"'a\tb'"),
        ("x" * LONGEST_VALUE, "x" * LONGEST_VALUE),
        ("x" * 1001, "x" * LONGEST_VALUE + "… (1,001 characters)"),
    ],
)
def test_a_value_is_shown_so_that_it_can_be_read(value: str, text: str) -> None:
    """A long value is cut, and says how long it is; what cannot be seen is made visible."""
    assert shown(value) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 records"), (1, "1 record"), (2, "2 records"), (1000, "1,000 records")]
)
def test_what_is_counted_is_in_the_plural_unless_it_is_one(number: int, text: str) -> None:
    """One record is not "1 records"."""
    assert counted(number, "record") == text
