# SPDX-License-Identifier: Apache-2.0
"""Splits a line into its values as Amazon Personalize does: text in quotation marks, escapes by backslash."""

from __future__ import annotations

import re
from typing import NamedTuple

from personalize_import.data_rules.file_rules import QUOTE_STRAY, RECORD_LINES
from personalize_import.data_rules.rule import Rule

# A value in quotation marks, or one without any; atomic, so that no line takes more than linear time.
_VALUE = re.compile(
    r"""(?> "(?:[^"\\]++|\\.|"")*+" | [^",\\]*+(?:\\.[^",\\]*+)*+ )""", re.VERBOSE | re.DOTALL
)
_ESCAPED = re.compile(r'\\(.)|""', re.DOTALL)


class Values(NamedTuple):
    """The values of a line.

    Attributes:
        values: The values, without what encloses and escapes them.
        doubled: Whether a quotation mark is doubled rather than escaped.
    """

    values: list[str]
    doubled: bool


def split(line: str) -> Values | Rule:
    """Split a line, given without its line break.

    Returns:
        Its values; or the rule that it breaks, which is `RECORD_LINES` where more of the record must follow.
    """
    values = []
    doubled = False
    position = 0
    while True:
        match = _VALUE.match(line, position)
        raw = match[0] if match else ""
        end = position + len(raw)
        if end < len(line) and line[end] != ",":
            # A quotation mark that opens a value has no partner; a backslash escapes the line break.
            is_open = (not raw and line[end] == '"') or line[end:] == "\\"
            return RECORD_LINES if is_open else QUOTE_STRAY
        if raw.startswith('"'):
            raw = raw[1:-1]
            doubled = doubled or '""' in raw.replace("\\\\", "").replace('\\"', "")
        values.append(_ESCAPED.sub(lambda found: found[1] or '"', raw) if "\\" in raw or '""' in raw else raw)
        if end == len(line):
            return Values(values, doubled)
        position = end + 1
