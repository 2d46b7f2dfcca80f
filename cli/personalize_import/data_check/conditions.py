# SPDX-License-Identifier: Apache-2.0
"""Conditions on values, rendered for polars; and what statistics of a column already rule out."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

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


@dataclass(frozen=True)
class Statistics:
    """What is known of the values of a column before any is looked at by itself.

    Attributes:
        empty: Whether any is empty.
        longest: The bytes of the longest.
        characters: The characters of conditions that may occur in a value.
        lowest: The lowest number; None where there is none.
        highest: The highest number.
        all_numbers: Whether all values that are not empty are numbers of the column's type.
        words: Whether any value is a word of the conditions.
    """

    empty: bool
    longest: int
    characters: frozenset[str] = frozenset()
    lowest: float | None = None
    highest: float | None = None
    all_numbers: bool = False
    words: bool = False


def as_polars(condition: Condition, value: pl.Expr) -> pl.Expr:
    """The condition as an expression on values, none of which is null."""
    match condition:
        case Empty():
            return value.str.len_bytes() == 0
        case Longer(than):
            return value.str.len_chars() > than
        case HasAny(characters):
            return value.str.contains_any(list(characters))
        case Padded():
            return functools.reduce(
                pl.Expr.__or__,
                [
                    end
                    for space in (" ", "\t")
                    for end in (value.str.starts_with(space), value.str.ends_with(space))
                ],
            )
        case OneOf(values):
            return value.is_in(sorted(values))
        case Matches(pattern):
            return value.str.contains(rf"(?s)\A(?:{pattern})\z")
        case Begins(pattern):
            return value.str.contains(rf"(?s)\A(?:{pattern})")
        case Occurs(text, times, outside):
            rest = value.str.replace_all(f"(?s){outside}", "")
            return rest.str.count_matches(text, literal=True) == times
        case Number(whole, low, high):
            number = value.cast(pl.Int64 if whole else pl.Float64, strict=False)
            inside = (number >= low) & (number <= high)
            # The cast also takes words for infinity and for no number.
            form = value.str.contains(rf"\A(?:{WHOLE if whole else DECIMAL})\z")
            return inside.fill_null(False) & form
        case Not(negated):
            return ~as_polars(negated, value)
        case All(conditions):
            return functools.reduce(pl.Expr.__and__, [as_polars(each, value) for each in conditions])
        case Any(conditions):
            return functools.reduce(pl.Expr.__or__, [as_polars(each, value) for each in conditions])


def may_hold(condition: Condition, known: Statistics) -> bool:
    """Whether a condition may hold for any of the values; False only if it surely does not."""
    match condition:
        case Empty():
            return known.empty
        case Longer(than):
            return known.longest > than
        case HasAny(characters):
            return not known.characters.isdisjoint(characters)
        case Padded():
            return not known.characters.isdisjoint(" \t")
        case OneOf():
            return known.words
        case Number(_, low, high):
            if known.lowest is None or known.highest is None:
                return not known.all_numbers
            return not known.all_numbers or (known.lowest <= high and known.highest >= low)
        case Not(Number(_, low, high)):
            if not known.all_numbers:
                return True
            return known.lowest is not None and (known.lowest < low or (known.highest or 0) > high)
        case All(conditions):
            return all(may_hold(each, known) for each in conditions)
        case Any(conditions):
            return any(may_hold(each, known) for each in conditions)
    return True  # a pattern, or the negation of one of the others


def words_in(conditions: Iterable[Condition]) -> set[str]:
    """The words of the conditions."""
    found: set[str] = set()
    for condition in conditions:
        match condition:
            case OneOf(values):
                found |= values
            case Not(negated):
                found |= words_in([negated])
            case All(parts) | Any(parts):
                found |= words_in(parts)
    return found


def characters_in(conditions: Iterable[Condition]) -> set[str]:
    """The characters of the conditions."""
    found: set[str] = set()
    for condition in conditions:
        match condition:
            case HasAny(characters):
                found |= set(characters)
            case Padded():
                found |= set(" \t")
            case Not(negated):
                found |= characters_in([negated])
            case All(parts) | Any(parts):
                found |= characters_in(parts)
    return found
