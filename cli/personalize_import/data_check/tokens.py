# SPDX-License-Identifier: Apache-2.0
"""Splits a line into its values as Amazon Personalize does: text in quotation marks, escapes by backslash."""

from __future__ import annotations

import re
from typing import NamedTuple

from personalize_import.data_rules.line_rules import ESCAPED, VALUE

_VALUE = re.compile(VALUE, re.DOTALL)
_ESCAPED = re.compile(ESCAPED, re.DOTALL)


class Values(NamedTuple):
    """The values of a line.

    Attributes:
        values: The values, without what encloses and escapes them.
        written: The values as they are written.
    """

    values: list[str]
    written: list[str]


def split(line: str) -> Values | None:
    """Split a line, given without its line break; None if it breaks a rule of `UNREADABLE`."""
    written: list[str] = []
    position = 0
    while True:
        match = _VALUE.match(line, position)
        if match is None:  # never: a value may be empty
            return None
        written.append(match[0])
        position = match.end()
        if position == len(line):
            return Values(list(map(_value, written)), written)
        if line[position] != ",":
            return None
        position += 1


def _value(written: str) -> str:
    text = written[1:-1] if written.startswith('"') else written
    if "\\" not in text and '""' not in text:
        return text
    return _ESCAPED.sub(lambda found: found[0][1:], text)
