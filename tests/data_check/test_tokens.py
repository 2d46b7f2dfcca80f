# SPDX-License-Identifier: Apache-2.0
"""Lines are split as Amazon Personalize does."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_import.data_check.tokens import Values, split
from personalize_import.data_rules.condition import holds
from personalize_import.data_rules.line_rules import (
    ESCAPE_STRAY,
    IS_OPEN,
    IS_SPLIT,
    LINE_LENGTH,
    QUOTE_DOUBLED,
    QUOTE_STRAY,
    RECORD_LINES,
    UNREADABLE,
    written_rules,
)
from personalize_import.data_rules.rule import Rule

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=8)


def unreadable(line: str) -> Rule | None:
    """The rule of a line that cannot be split."""
    return next((rule for rule, condition in UNREADABLE if holds(condition, line)), None)


def broken(line: str, width: int) -> set[Rule]:
    """The rules that a line breaks by how it is written."""
    return {rule for rule, condition in written_rules(width) if holds(condition, line)}


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("a,b,c", ["a", "b", "c"]),
        ("", [""]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"",c', ["", "c"]),
        (r'"say \"hi\" \\ there",c', [r'say "hi" \ there', "c"]),
        (r"a\,b,c", ["a,b", "c"]),
        ('"a ""b""",c', ['a "b"', "c"]),
    ],
)
def test_a_line_is_split_into_its_values(line: str, values: list[str]) -> None:
    """Quotation marks enclose, backslashes escape, commas separate."""
    found = split(line)

    assert found is not None
    assert values == found.values


@pytest.mark.parametrize("line", ['a"b,c', '"a"b,c', 'a,"b" '])
def test_a_stray_quotation_mark_is_reported(line: str) -> None:
    """A line with a quotation mark inside a value, or behind one, cannot be split."""
    assert split(line) is None
    assert unreadable(line) is QUOTE_STRAY


@pytest.mark.parametrize("line", ['a,"b', '"a', r'"a\"', "a,b\\"])
def test_a_record_that_goes_on_is_reported(line: str) -> None:
    """A quotation mark that is not closed, or an escaped line break, means that more must follow."""
    assert split(line) is None
    assert unreadable(line) is RECORD_LINES


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("a,b", set()),
        ('"a","b"', set()),
        ('"",""', set()),
        (r'"a\"","\\"', set()),
        ('"a""","b"', {QUOTE_DOUBLED}),
        ('"a","""b"', {QUOTE_DOUBLED}),
        (r'"\"""",b', {QUOTE_DOUBLED}),
        (r'"C:\temp",b', {ESCAPE_STRAY}),
        (r"a\,b,c", {ESCAPE_STRAY}),
        ('"a\rb",c', {RECORD_LINES}),
        ('"a,b"', {LINE_LENGTH}),
        (r'"a\",b"', {LINE_LENGTH}),
        ("a,b,", {LINE_LENGTH}),
        ('"a""b",\\c,d\r', {RECORD_LINES, QUOTE_DOUBLED, ESCAPE_STRAY, LINE_LENGTH}),
    ],
)
def test_a_line_breaks_each_rule_on_how_it_is_written(line: str, rules: set[Rule]) -> None:
    """Of two values. Each rule is reported for itself."""
    assert split(line) is not None
    assert broken(line, 2) == rules


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_what_is_written_by_the_rules_is_read_back(values: list[str]) -> None:
    """Whatever the values are, quoted and escaped they come back."""
    written = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]

    line = ",".join(written)

    assert split(line) == Values(values, written)
    assert broken(line, len(values)) == set()


@given(st.lists(TEXT.filter(lambda text: "\\" not in text), min_size=1, max_size=5))
def test_a_doubled_quotation_mark_is_read_and_reported(values: list[str]) -> None:
    """What the csv module writes is read as it meant it."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="").writerow(values)

    found = split(written.getvalue())

    assert found is not None
    assert found.values == values
    assert (QUOTE_DOUBLED in broken(written.getvalue(), 1)) == any('"' in value for value in values)


@given(st.text(st.sampled_from('ab",\\'), max_size=30))
def test_a_line_is_split_or_breaks_one_rule(line: str) -> None:
    """The patterns say the same as the splitting, and no line is both open and complete."""
    found = split(line)

    assert holds(IS_SPLIT, line) == (found is not None)
    assert not (holds(IS_SPLIT, line) and holds(IS_OPEN, line))
    assert (unreadable(line) is None) == (found is not None and line != "")
    if found is not None:
        assert ",".join(found.written) == line
        assert LINE_LENGTH not in broken(line, len(found.values))
        assert LINE_LENGTH in broken(line, len(found.values) + 1)
