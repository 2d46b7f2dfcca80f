# SPDX-License-Identifier: Apache-2.0
"""What a line must be like: the patterns that say where a value begins and ends, and the rules on them."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_import.data_rules.condition import (
    All,
    Any,
    Begins,
    Condition,
    Empty,
    HasAny,
    Matches,
    Not,
    Occurs,
)
from personalize_import.data_rules.finding import counted
from personalize_import.data_rules.rule import FORMATTING, GUIDE, Rule, Severity

_TEXT = GUIDE + "items-datasets.html#text-data"

QUOTED_VALUE = r'"[^"\\]*(?:(?:\\.|"")[^"\\]*)*"'
"""A value in quotation marks, in which a backslash escapes the next character and "" is a quotation mark."""

_PLAIN_VALUE = r'[^",\\]*(?:\\.[^",\\]*)*'
"""A value without quotation marks."""

VALUE = rf"(?:{QUOTED_VALUE}|{_PLAIN_VALUE})"
"""A value as it is written."""

ESCAPED = r'\\.|""'
"""A character of a value that is escaped, or a quotation mark that is doubled."""

NEEDED_ESCAPE = r'\\["\\]'
"""An escape of a quotation mark, or of a backslash."""

_LINE = rf"{VALUE}(?:,{VALUE})*"
_OPEN_LINE = rf'(?:{VALUE},)*(?:"[^"\\]*(?:(?:\\.|"")[^"\\]*)*\\?|{_PLAIN_VALUE}\\)'
_DOUBLED_QUOTE = rf'(?:{VALUE},)*"[^"\\]*(?:\\.[^"\\]*)*""'
_NEEDLESS_ESCAPE = rf'[^\\]*(?:{NEEDED_ESCAPE}[^\\]*)*\\[^"\\]'

LONGEST_LINE = 8 * 1024**2
"""Bytes of a line whose values are checked. A hundred columns of the longest texts have less."""

LINE_EMPTY = Rule(
    "line-empty",
    "A line must not be empty.",
    "Remove the empty line.",
    FORMATTING,
    Severity.WARNING,
)
LINE_LENGTH = Rule(
    "line-length",
    "Each line must have as many values as the header has names.",
    "Separate all values by commas, empty ones too. Put a value that has a comma in it into quotation marks.",
    FORMATTING,
)
LINE_LONG = Rule(
    "line-long",
    "A line must have at most 8 MiB. The values of a longer one are not checked.",
    "Shorten the values, or close the quotation mark that is open.",
    _TEXT,
    Severity.WARNING,
    certain=False,
)
RECORD_LINES = Rule(
    "record-lines",
    "Each record must be on one line, without line breaks or carriage returns in its values.",
    "Remove the line breaks in the value, or close the quotation mark that is open.",
    FORMATTING,
)
QUOTE_STRAY = Rule(
    "quote-stray",
    'Quotation marks must enclose a whole value. One within a value must be written as \\".',
    'Put the value into quotation marks, and write each one within it as \\".',
    _TEXT,
)
QUOTE_DOUBLED = Rule(
    "quote-doubled",
    'A quotation mark within a value must be written as \\".',
    'Write \\" instead of "".',
    _TEXT,
    Severity.WARNING,
)
ESCAPE_STRAY = Rule(
    "escape-stray",
    'A backslash must be written as \\\\. Alone it escapes the next character: "C:\\temp" is read as C:temp.',
    "Write each backslash twice.",
    _TEXT,
    Severity.WARNING,
)
TEXT_UNQUOTED = Rule(
    "text-unquoted",
    "A textual value must be in quotation marks.",
    "Write the text in quotation marks. In Python's csv module: quoting=csv.QUOTE_NONNUMERIC.",
    _TEXT,
    Severity.WARNING,
    found="Without quotation marks: {got}",
)

IS_SPLIT = Matches(_LINE)
"""The line can be split into values."""

IS_OPEN = Matches(_OPEN_LINE)
"""The last value goes on in the next line: its quotation mark is open, or its line break is escaped."""

UNREADABLE: tuple[tuple[Rule, Condition], ...] = (
    (LINE_EMPTY, Empty()),
    (RECORD_LINES, IS_OPEN),
    (QUOTE_STRAY, Not(IS_SPLIT)),
)
"""The rules of lines without values, each with the condition that breaks it. Only the first is reported."""

NO_RECORD = frozenset({LINE_EMPTY})
"""The rules of lines that are no records."""

UNQUOTED = Not(Any((Empty(), Begins('"'))))
"""The condition that breaks `TEXT_UNQUOTED`, on a value as it is written."""


def values_instead(count: int, width: int) -> str:
    """What was found where `LINE_LENGTH` is broken."""
    return f"{counted(count, 'value')} instead of {width}"


def written_rules(width: int) -> Iterator[tuple[Rule, Condition]]:
    """The rules on how values are written, each with the condition that breaks it.

    They are for lines that can be split, and are reported each for itself.

    Args:
        width: How many values a line must have.
    """
    yield RECORD_LINES, HasAny("\r")
    yield QUOTE_DOUBLED, All((HasAny('"'), Begins(_DOUBLED_QUOTE)))
    yield ESCAPE_STRAY, All((HasAny("\\"), Begins(_NEEDLESS_ESCAPE)))
    yield LINE_LENGTH, Not(Occurs(",", width - 1, outside=rf"{QUOTED_VALUE}|\\."))
