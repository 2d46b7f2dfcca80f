# SPDX-License-Identifier: Apache-2.0
"""What ids, event types and other strings must be like: each rule with the condition that breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from personalize_import.data_rules.condition import (
    All,
    Begins,
    Condition,
    HasAny,
    Longer,
    Matches,
    Not,
    OneOf,
    Padded,
)
from personalize_import.data_rules.dataset_type import Dataset, DatasetType
from personalize_import.data_rules.rule import FORMATTING, GUIDE, QUOTAS, SCHEMAS, Rule, Severity
from personalize_import.data_rules.schema import Field

_ITEMS = GUIDE + "items-datasets.html"
_ACTION_INTERACTIONS = GUIDE + "action-interactions-datasets.html"

ACTION_EVENT_TYPE = Rule(
    "action-event-type",
    "The EVENT_TYPE of an action interaction must be Taken, Not Taken or Viewed.",
    "Use one of the three event types.",
    _ACTION_INTERACTIONS,
    certain=False,
)
VALUE_KEYWORD = Rule(
    "value-keyword",
    "A value must not be the name of a field that Amazon Personalize reserves.",
    "Remove the line if it is a second header, as in files that were joined. Otherwise change the value.",
    SCHEMAS + "#general-schema-requirements",
    Severity.WARNING,
)
VALUE_NULL = Rule(
    "value-null",
    "An id or an event type must not be a word for a missing value, such as NULL, None or nan.",
    "Remove the record, or write the id. Programs that export tables write such words for missing values.",
    FORMATTING,
    Severity.WARNING,
    certain=False,
)
ID_LENGTH = Rule(
    "id-length",
    "An id must have at most 256 characters.",
    "Use shorter ids, in all datasets of the group.",
    QUOTAS,
)
ID_QUOTE = Rule(
    "id-quote",
    "An id must not have a quotation mark in it.",
    "Remove the quotation mark, in all datasets of the group.",
    FORMATTING,
    Severity.WARNING,
)
ID_SPECIAL = Rule(
    "id-special",
    "An id must not have special characters in it: '|' separates the ids of an impression, '\\' escapes the "
    "next character, and a tab cannot be seen.",
    "Replace the character, in all datasets of the group.",
    FORMATTING,
    Severity.WARNING,
)
ID_SPACES = Rule(
    "id-spaces",
    "An id must not begin or end with a space.",
    "Remove the spaces, in all datasets of the group.",
    FORMATTING,
    Severity.WARNING,
)
STRING_LENGTH = Rule(
    "string-length",
    "A category, an impression and a string of items must have at most 1,000 characters.",
    "Shorten the value. In a schema of items, a field for longer texts can be textual.",
    QUOTAS,
)
CATEGORIES_LENGTH = Rule(
    "categories-length",
    "A value of several categories must have at most 1,000 characters. The guide limits each category, and "
    "does not say whether the limit is for all together.",
    "Shorten or remove categories.",
    QUOTAS,
    Severity.WARNING,
    certain=False,
)
STRING_LENGTH_OTHER = Rule(
    "string-length-other",
    "A string must have at most 1,000 characters. The guide limits categories, impressions and the strings "
    "of items, and says nothing of this one.",
    "Shorten the value, or leave out the field.",
    QUOTAS,
    Severity.WARNING,
    certain=False,
)
TEXT_LENGTH = Rule(
    "text-length",
    "A textual value must have at most 20,000 characters. Amazon Personalize cuts off the rest.",
    "Put what matters most first, or shorten the text.",
    _ITEMS + "#text-data",
    Severity.WARNING,
)
TEXT_LENGTH_CJK = Rule(
    "text-length-cjk",
    "A textual value in Chinese or Japanese must have at most 7,000 characters. Amazon Personalize cuts off "
    "the rest.",
    "Put what matters most first, or shorten the text.",
    _ITEMS + "#text-data",
    Severity.WARNING,
    certain=False,
)
VALUE_CONTROL = Rule(
    "value-control",
    "A value must not have control characters or zero-width characters in it. The joiners U+200C and U+200D, "
    "which words and emoji need, are reported in ids only.",
    "Remove the characters that cannot be seen. Two values that look alike are then the same.",
    FORMATTING,
    Severity.WARNING,
    certain=False,
)

LONGEST_ID = 256
LONGEST_STRING = 1000
LONGEST_TEXT = 20_000
LONGEST_TEXT_CJK = 7_000
"""Characters."""


def _any_case(*words: str) -> OneOf:
    """The words in small letters, in capitals, and with a capital at the beginning of each word."""
    return OneOf(frozenset(form for word in words for form in (word, word.upper(), word.title())))


def _in_letters_of_any_case(pattern: str) -> str:
    """A pattern in which each small letter also stands for its capital.

    (?i) would add letters beyond ASCII, and not the same ones in each engine.
    """
    return re.sub("[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", pattern)


_NULL_WORDS = OneOf(_any_case("null", "none", "nan", "nil", "n/a", "na").values | {"NaN", "\\N", "<NA>"})
_EVENT_TYPE_WORDS = OneOf(_any_case("event_type", "eventtype").values | {"eventType"})
_ACTION_EVENT_TYPES = Matches("|".join(map(_in_letters_of_any_case, ("taken", "viewed", "not[ _]taken"))))
_HAS_LONG_CATEGORY = Begins(rf"(?:[^|]{{0,{LONGEST_STRING}}}\|)*[^|]{{{LONGEST_STRING}}}[^|]")
_CHINESE_OR_JAPANESE = Begins(
    "[^\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]*[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
)
_CONTROL = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 127]))
_ZERO_WIDTH = "\u200b\u200e\u200f\u2028\u2029\u2060\ufeff"
_JOINERS = "\u200c\u200d"
"""They join emoji and the letters of several languages."""


def text_rules(field: Field, dataset: Dataset) -> Iterator[tuple[Rule, Condition]]:
    """The rules on the values of a string, each with the condition that breaks it."""
    is_event_type = field.key == "EVENT_TYPE"
    # An error, so it comes before the warnings on the same values.
    if is_event_type and dataset.kind is DatasetType.ACTION_INTERACTIONS:
        yield ACTION_EVENT_TYPE, Not(_ACTION_EVENT_TYPES)
    if dataset.keywords:
        yield VALUE_KEYWORD, OneOf(dataset.keywords)
        if is_event_type:
            yield VALUE_KEYWORD, _EVENT_TYPE_WORDS
    if field.is_id or is_event_type:
        yield VALUE_NULL, _NULL_WORDS
    if field.is_id:
        yield ID_LENGTH, Longer(LONGEST_ID)
        yield ID_QUOTE, HasAny('"')
        yield ID_SPECIAL, HasAny("|\\\t")
        yield ID_SPACES, Padded()
    elif field.textual:
        yield TEXT_LENGTH, Longer(LONGEST_TEXT)
        yield TEXT_LENGTH_CJK, All((Longer(LONGEST_TEXT_CJK), _CHINESE_OR_JAPANESE))
    elif field.categorical:
        yield STRING_LENGTH, All((Longer(LONGEST_STRING), _HAS_LONG_CATEGORY))
        yield CATEGORIES_LENGTH, Longer(LONGEST_STRING)
    else:
        is_limited = field.key == "IMPRESSION" or dataset.kind is DatasetType.ITEMS
        yield STRING_LENGTH if is_limited else STRING_LENGTH_OTHER, Longer(LONGEST_STRING)
    yield VALUE_CONTROL, HasAny(_invisible(field))


def _invisible(field: Field) -> str:
    """The characters that cannot be seen and should not be in a field."""
    if field.textual:
        return _CONTROL
    return _CONTROL + _ZERO_WIDTH + (_JOINERS if field.is_id else "")
