# SPDX-License-Identifier: Apache-2.0
"""Splits a line into its values as Amazon Personalize does: text in quotation marks, escapes by backslash."""

from __future__ import annotations

import re
from typing import NamedTuple

from personalize_import.data_rules.line_rules import ESCAPE, QUOTE_STRAY, RECORD_LINES
from personalize_import.data_rules.rule import Rule

# QUOTED_VALUE or PLAIN_VALUE; possessive, so that no line takes more than linear time.
_VALUE = re.compile(
    r"""(?> "(?:[^"\\]++|\\.|"")*+" | [^",\\]*+(?:\\.[^",\\]*+)*+ )""", re.VERBOSE | re.DOTALL
)
_ESCAPED = re.compile(r'\\(.)|""', re.DOTALL)
_NEEDED = re.compile(ESCAPE)


class Values(NamedTuple):
    """The values of a line.

    Attributes:
        values: The values, without what encloses and escapes them.
        quoted: Whether each was in quotation marks.
        doubled: Whether a quotation mark is doubled rather than escaped.
        stray_escape: Whether a backslash escapes what needs no escape.
    """

    values: list[str]
    quoted: list[bool]
    doubled: bool
    stray_escape: bool


def split(line: str) -> Values | Rule:
    """Split a line, given without its line break.

    Returns:
        Its values; or the rule that it breaks, which is `RECORD_LINES` where more of the record must follow.
    """
    values: list[str] = []
    quoted: list[bool] = []
    doubled = False
    stray = "\\" in line and "\\" in _NEEDED.sub("", line)
    position = 0
    while True:
        match = _VALUE.match(line, position)
        raw = match[0] if match else ""
        end = position + len(raw)
        if end < len(line) and line[end] != ",":
            # A quotation mark that opens a value has no partner; a backslash escapes the line break.
            is_open = (not raw and line[end] == '"') or line[end:] == "\\"
            return RECORD_LINES if is_open else QUOTE_STRAY
        quoted.append(raw.startswith('"'))
        if quoted[-1]:
            raw = raw[1:-1]
            doubled = doubled or '""' in raw.replace("\\\\", "").replace('\\"', "")
        values.append(_ESCAPED.sub(lambda found: found[1] or '"', raw) if "\\" in raw or '""' in raw else raw)
        if end == len(line):
            return Values(values, quoted, doubled, stray)
        position = end + 1
