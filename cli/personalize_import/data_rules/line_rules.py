# SPDX-License-Identifier: Apache-2.0
"""What a line must be like: the patterns that say where a value begins and ends, and the rules on them.

The patterns are in the syntax that RE2, Java, Rust and Python share, and match in linear time.
"""

from __future__ import annotations

from personalize_import.data_rules.condition import Empty, HasAny
from personalize_import.data_rules.rule import FORMATTING, GUIDE, Rule, Severity

_TEXT = GUIDE + "items-datasets.html#text-data"

QUOTED_VALUE = r'"(?:[^"\\]|\\.|"")*"'
"""A value in quotation marks, in which a backslash escapes the next character and "" is a quotation mark."""

PLAIN_VALUE = r'[^",\\]*(?:\\.[^",\\]*)*'
"""A value without quotation marks."""

LINE = rf"(?:{QUOTED_VALUE}|{PLAIN_VALUE})(?:,(?:{QUOTED_VALUE}|{PLAIN_VALUE}))*"
"""A line that can be split into values."""

OPEN_LINE = rf'(?:(?:{QUOTED_VALUE}|{PLAIN_VALUE}),)*(?:"(?:[^"\\]|\\.|"")*\\?|{PLAIN_VALUE}\\)'
"""A line whose last value goes on in the next line: an open quotation mark, or an escaped line break."""

ESCAPE = r'\\["\\]'
"""An escape that is needed: of a quotation mark, or of a backslash."""

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
    found="Got {got} without quotation marks",
)

NO_VALUES = frozenset({LINE_LENGTH, LINE_LONG, QUOTE_STRAY})
"""The rules of a line that cannot be split into values. It still counts as a record."""

IS_EMPTY = Empty()
HAS_CARRIAGE_RETURN = HasAny("\r")
