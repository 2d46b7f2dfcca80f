# SPDX-License-Identifier: Apache-2.0
"""Conditions as SQL for Amazon Athena (engine version 3, which is Trino)."""

from __future__ import annotations

from personalize_import.data_rules.condition import (
    DECIMAL,
    WHOLE,
    All,
    Any,
    Begins,
    Condition,
    Empty,
    HasAny,
    Longer,
    Matches,
    Not,
    Number,
    Occurs,
    OneOf,
    Padded,
)

_LEAST_LONG, _LARGEST_LONG = -(2**63), 2**63 - 1


def as_sql(condition: Condition, text: str) -> str:
    """A condition as an expression.

    Args:
        condition: The condition.
        text: An expression for a text that is not null.
    """
    match condition:
        case Empty():
            return f"{text} = ''"
        case Longer(than):
            return f"length({text}) > {than}"
        case HasAny(characters):
            return _like(text, _class_of(characters))
        case Padded():
            return _like(text, r"\A[ \t]|[ \t]\z")
        case OneOf(values):
            return f"{text} IN ({', '.join(map(literal, sorted(values)))})"
        case Matches(pattern):
            return _like(text, _begins(pattern) + r"\z")
        case Begins(pattern):
            return _like(text, _begins(pattern))
        case Occurs(part, times, outside):
            rest = f"regexp_replace({text}, {literal(f'(?s){outside}')}, '')"
            return f"length({rest}) - length(replace({rest}, {literal(part)}, '')) = {times * len(part)}"
        case Number():
            return _number(condition, text)
        case Not(negated):
            return f"NOT ({as_sql(negated, text)})"
        case All(conditions):
            return "(" + " AND ".join(as_sql(each, text) for each in conditions) + ")"
        case Any(conditions):
            return "(" + " OR ".join(as_sql(each, text) for each in conditions) + ")"


def literal(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def _like(text: str, pattern: str) -> str:
    return f"regexp_like({text}, {literal(pattern)})"


def _begins(pattern: str) -> str:
    return rf"(?s)\A(?:{pattern})"


def _class_of(characters: str) -> str:
    """A pattern for one of some characters."""
    return "[" + "".join(map(_in_class, characters)) + "]"


def _in_class(character: str) -> str:
    if ord(character) < 32 or ord(character) == 127:
        return f"\\x{ord(character):02x}"
    return f"\\{character}" if character.isascii() and not character.isalnum() else character


def _number(condition: Number, text: str) -> str:
    number = f"try_cast({text} AS {'bigint' if condition.whole else 'double'})"
    form = as_sql(Matches(WHOLE if condition.whole else DECIMAL), text)
    parts = [form, f"{number} IS NOT NULL"]
    if condition.whole:
        if condition.low > _LEAST_LONG:
            parts.append(f"{number} >= {condition.low}")
        if condition.high < _LARGEST_LONG:
            parts.append(f"{number} <= {condition.high}")
    else:
        parts.append(f"{number} BETWEEN {condition.low:.17e} AND {condition.high:.17e}")
    return f"({' AND '.join(parts)})"
