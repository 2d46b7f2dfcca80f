# SPDX-License-Identifier: Apache-2.0
"""Conditions on one value: plain data, in which the rules are written once.

`holds` is their meaning, value by value. `data_check.conditions` renders them for polars, and property-based
tests compare the two.
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
    """The whole value matches a pattern, which is in the syntax that RE2, Java and Python share."""

    pattern: str


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


Condition = Empty | Longer | HasAny | Padded | OneOf | Matches | Number | Not | All | Any

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
            return re.fullmatch(pattern, value) is not None
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
