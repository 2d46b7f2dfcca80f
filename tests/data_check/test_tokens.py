# SPDX-License-Identifier: Apache-2.0
"""Lines are split as Amazon Personalize does."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_import.data_check.tokens import Values, split
from personalize_import.data_rules.line_rules import QUOTE_STRAY, RECORD_LINES

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=8)


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
    assert values == split(line)[0]  # type: ignore[index]


@pytest.mark.parametrize("line", ['a"b,c', '"a"b,c', 'a,"b" '])
def test_a_stray_quotation_mark_is_told(line: str) -> None:
    """A quotation mark inside a value, or behind one, is no well-formed line."""
    assert split(line) is QUOTE_STRAY


@pytest.mark.parametrize("line", ['a,"b', '"a', r'"a\"', "a,b\\"])
def test_a_record_that_goes_on_is_told(line: str) -> None:
    """A quotation mark that is not closed, or an escaped line break, means that more must follow."""
    assert split(line) is RECORD_LINES


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_what_is_written_by_the_rules_is_read_back(values: list[str]) -> None:
    """Whatever the values are, quoted and escaped they come back."""
    line = ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)

    assert Values(values, [True] * len(values), doubled=False, stray_escape=False) == split(line)


@given(st.lists(TEXT.filter(lambda text: "\\" not in text), min_size=1, max_size=5))
def test_a_doubled_quotation_mark_is_read_and_noticed(values: list[str]) -> None:
    """What the csv module writes is read as it meant it, and told where it doubles."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="").writerow(values)

    found = split(written.getvalue())

    doubled = any('"' in value for value in values)
    assert Values(values, [True] * len(values), doubled=doubled, stray_escape=False) == found


@given(st.text(st.sampled_from('ab",\\'), max_size=30))
def test_any_line_is_split_or_told(line: str) -> None:
    """There is no line that is neither; and joined again, plain values make the line."""
    found = split(line)

    assert found in (QUOTE_STRAY, RECORD_LINES) or isinstance(found, Values)
    if not {'"', "\\"} & set(line):
        values = line.split(",")
        assert Values(values, [False] * len(values), doubled=False, stray_escape=False) == found
