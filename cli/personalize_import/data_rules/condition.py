# SPDX-License-Identifier: Apache-2.0
"""Conditions on one text, a value or a line: plain data, in which the rules are written once.

`holds` is their meaning, text by text. `data_check.conditions` renders them for polars, and
`athena.conditions` for SQL. Property-based tests compare the three.

Patterns are in the syntax that RE2, Java, Rust and Python share. A dot is any character. They are
unambiguous: a text matches in one way at most, so that no engine takes more than linear time.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Empty:
    """The value has no characters."""


@dataclass(frozen=True)
class Longer:
    """The value has more characters than this (Unicode code points)."""

    than: int


@dataclass(frozen=True)
class HasAny:
    """The value has at least one of these characters."""

    characters: str


@dataclass(frozen=True)
class Padded:
    """The value begins or ends with a space or a tab."""


@dataclass(frozen=True)
class OneOf:
    """The value is one of these, with the same capitals and small letters."""

    values: frozenset[str]


@dataclass(frozen=True)
class Matches:
    """The whole value matches a pattern."""

    pattern: str


@dataclass(frozen=True)
class Begins:
    """The beginning of the value matches a pattern."""

    pattern: str


@dataclass(frozen=True)
class Occurs:
    """The value has a text so many times, once everything that matches a pattern is taken out.

    Attributes:
        text: The text.
        times: How many times.
        outside: The pattern.
    """

    text: str
    times: int
    outside: str


@dataclass(frozen=True)
class Number:
    """The value is a number from `low` to `high`, both included.

    Attributes:
        whole: Whether it is written as a whole number; a decimal number may have a point and an exponent.
        low: The least.
        high: The greatest.
    """

    whole: bool
    low: float
    high: float


@dataclass(frozen=True)
class Not:
    """A condition does not hold."""

    condition: Condition


@dataclass(frozen=True)
class All:
    """Every one of some conditions holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    """At least one of some conditions holds."""

    conditions: tuple[Condition, ...]


Condition = Empty | Longer | HasAny | Padded | OneOf | Matches | Begins | Occurs | Number | Not | All | Any

WHOLE = r"[+-]?[0-9]+"
DECIMAL = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"

_MOST_DIGITS = 19
"""Of a whole number of 64 bits."""


def holds(condition: Condition, value: str) -> bool:
    """Whether a condition holds for a value."""
    match condition:
        case Empty():
            return value == ""
        case Longer(than):
            return len(value) > than
        case HasAny(characters):
            return not set(characters).isdisjoint(value)
        case Padded():
            return value.startswith((" ", "\t")) or value.endswith((" ", "\t"))
        case OneOf(values):
            return value in values
        case Matches(pattern):
            return re.fullmatch(pattern, value, re.DOTALL) is not None
        case Begins(pattern):
            return re.match(pattern, value, re.DOTALL) is not None
        case Occurs(text, times, outside):
            return re.sub(outside, "", value, flags=re.DOTALL).count(text) == times
        case Number(whole, low, high):
            return _is_number(value, whole, low, high)
        case Not(negated):
            return not holds(negated, value)
        case All(conditions):
            return all(holds(each, value) for each in conditions)
        case Any(conditions):
            return any(holds(each, value) for each in conditions)


def _is_number(value: str, whole: bool, low: float, high: float) -> bool:
    if whole:
        if not re.fullmatch(WHOLE, value):
            return False
        digits = value.lstrip("+-").lstrip("0") or "0"
        return len(digits) <= _MOST_DIGITS and low <= int(digits) * (-1 if value[0] == "-" else 1) <= high
    if not re.fullmatch(DECIMAL, value):
        return False
    number = float(value)
    return math.isfinite(number) and low <= number <= high
