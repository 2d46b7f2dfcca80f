# SPDX-License-Identifier: Apache-2.0
"""What a value must be like in its column: each rule with the condition that breaks it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from personalize_import.data_rules.condition import (
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
    OneOf,
    Padded,
    holds,
)
from personalize_import.data_rules.dataset_type import Dataset, DatasetType
from personalize_import.data_rules.rule import FORMATTING, GUIDE, QUOTAS, SCHEMAS, Rule, Severity
from personalize_import.data_rules.schema import Field

_TIMESTAMPS = GUIDE + "interactions-datasets.html#timestamp-data"
_ITEMS = GUIDE + "items-datasets.html"
_ACTIONS = GUIDE + "actions-datasets.html"
_ACTION_INTERACTIONS = GUIDE + "action-interactions-datasets.html"

VALUE_MISSING = Rule(
    "value-missing",
    "A required or reserved field must have a value in each record, unless its type includes null.",
    'Fill in the value, remove the record, or make the type ["null", ...] where the guide allows it.',
    SCHEMAS + "#personalize-datatypes",
    found="{field} is empty",
)
METADATA_MISSING = Rule(
    "metadata-missing",
    "A field must have a value in each record, unless its type includes null. This is a field of your own.",
    'Make the type ["null", ...], or fill in the value.',
    SCHEMAS + "#personalize-datatypes",
    found="{field} is empty",
    certain=False,
)
VALUE_TYPE = Rule(
    "value-type",
    "A value must be of its field's type: a whole number for int (32 bits) and long (64 bits), a decimal "
    "number for float and double.",
    "Correct the value or the type. Leave a missing value empty, without NaN or NULL. Remove a second "
    "header, as in files that were joined.",
    FORMATTING,
)
METADATA_TYPE = Rule(
    "metadata-type",
    "A value must be of its field's type: a whole number for int (32 bits) and long (64 bits), a decimal "
    "number for float and double. This is a field of your own.",
    "Correct the value or the type. Leave a missing value empty, without NaN or NULL.",
    FORMATTING,
    certain=False,
)
VALUE_BOOLEAN = Rule(
    "value-boolean",
    "A boolean must be true or false, in small letters.",
    "Write true or false. To train with the field, make it a categorical string or a number.",
    SCHEMAS + "#personalize-datatypes",
    certain=False,
)
TIMESTAMP_DATE = Rule(
    "timestamp-date",
    "A timestamp must be in seconds since 1970. This one looks like a date: YYYYMMDD or YYYYMMDDhhmmss.",
    "Convert the date to seconds since 1970.",
    _TIMESTAMPS,
    Severity.WARNING,
    certain=False,
)
TIMESTAMP_SECONDS = Rule(
    "timestamp-seconds",
    "A timestamp must be in seconds since 1970.",
    "Divide milliseconds by 1,000, microseconds by 1,000,000 or nanoseconds by 1,000,000,000, and drop the "
    "decimals. Convert a date.",
    _TIMESTAMPS,
    hint=lambda value: _unit(value),
)
TIMESTAMP_IMPLAUSIBLE = Rule(
    "timestamp-implausible",
    "A timestamp must be in seconds since 1970. This one is before 1990 or after 2100, as a missing value or "
    "another unit would be.",
    "Convert the timestamp to seconds since 1970, or remove the record.",
    _TIMESTAMPS,
    Severity.WARNING,
    certain=False,
)
ACTION_VALUE = Rule(
    "action-value",
    "The VALUE of an action must be from 1 to 10.",
    "Scale the values so that the most valuable action has 10.",
    _ACTIONS,
)
ACTION_REPEAT = Rule(
    "action-repeat",
    "The REPEAT_FREQUENCY of an action must be from 1 to 30 days.",
    "Use days, at most 30.",
    _ACTIONS,
)
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
    "Categories, impressions and the strings of items must have at most 1,000 characters.",
    "Shorten the value. In a schema of items, a field for longer texts can be textual.",
    QUOTAS,
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

LARGEST_FLOAT = 3.4028234663852886e38
NUMBERS = {
    "int": Number(True, -(2**31), 2**31 - 1),
    "long": Number(True, -(2**63), 2**63 - 1),
    "float": Number(False, -LARGEST_FLOAT, LARGEST_FLOAT),
    "double": Number(False, -sys.float_info.max, sys.float_info.max),
}
"""The values of each Avro type that is a number."""

_BOOLEANS = OneOf(frozenset({"true", "false"}))
_DAY = "(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_HOUR_AND_MINUTE = "(?:[01][0-9]|2[0-3])[0-5][0-9]"
_TIME = f"{_HOUR_AND_MINUTE}[0-5][0-9]"
_DATE = Any(
    (
        All((Number(True, 19_000_101, 20_991_231), Matches(_DAY))),
        All((Number(True, 19_000_101_000_000, 20_991_231_235_959), Matches(_DAY + _TIME))),
    )
)
_NO_SECOND = 10**11
"""Seconds since 1970 reach this in the year 5138; milliseconds reached it in 1973."""
_SECONDS = Number(False, -_NO_SECOND + 1, _NO_SECOND - 1)
_UNITS = (
    ("", _SECONDS),
    ("a date, YYYYMMDDhhmm", Matches(f"{_DAY}{_HOUR_AND_MINUTE}")),
    ("milliseconds", Number(False, -_NO_SECOND * 1e3, _NO_SECOND * 1e3)),
    ("microseconds", Number(False, -_NO_SECOND * 1e6, _NO_SECOND * 1e6)),
    ("nanoseconds", Number(False, -(2.0**63), 2.0**63)),
)
_1990, _2100 = 631_152_000, 4_102_444_800


def _unit(timestamp: str) -> str:
    """What a timestamp probably is that is not in seconds."""
    return next((name for name, condition in _UNITS if holds(condition, timestamp)), "")


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
_CHINESE_OR_JAPANESE = Begins(
    "[^\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]*[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
)
_CONTROL = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 127]))
_ZERO_WIDTH = "\u200b\u200e\u200f\u2028\u2029\u2060\ufeff"
_JOINERS = "\u200c\u200d"
"""They join emoji and the letters of several languages."""


def value_rules(field: Field, dataset: Dataset) -> Iterator[tuple[Rule, Condition]]:
    """The rules on the values of a field, each with the condition that breaks it.

    Their order matters: of a value that breaks several, only the first is reported. An empty value breaks
    none but those for missing values.
    """
    known = field.key in dataset.known
    if not field.nullable:
        yield (VALUE_MISSING if known or field.is_id else METADATA_MISSING), Empty()
    if field.is_text:
        rules = _text_rules(field, dataset)
    else:
        rules = _number_rules(field, dataset, VALUE_TYPE if known else METADATA_TYPE)
    for rule, condition in rules:
        yield rule, All((Not(Empty()), condition))


def _number_rules(field: Field, dataset: Dataset, type_rule: Rule) -> Iterator[tuple[Rule, Condition]]:
    if field.type_name == "boolean":
        yield VALUE_BOOLEAN, Not(_BOOLEANS)
        return
    yield type_rule, Not(NUMBERS[field.type_name])
    if field.key in dataset.timestamps:
        yield TIMESTAMP_DATE, _DATE
        yield TIMESTAMP_SECONDS, Not(_SECONDS)
        if field.key == "TIMESTAMP":
            yield TIMESTAMP_IMPLAUSIBLE, Not(Number(False, _1990, _2100))
        elif field.key == "CREATION_TIMESTAMP":  # of what is older than 1970 it is negative
            yield TIMESTAMP_IMPLAUSIBLE, Any((Not(Number(False, -_2100, _2100)), Number(False, 0, 0)))
    if dataset.kind is DatasetType.ACTIONS and field.key == "VALUE":
        yield ACTION_VALUE, Not(Number(False, 1, 10))
    if dataset.kind is DatasetType.ACTIONS and field.key == "REPEAT_FREQUENCY":
        yield ACTION_REPEAT, Not(Number(False, 1, 30))


def _text_rules(field: Field, dataset: Dataset) -> Iterator[tuple[Rule, Condition]]:
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
    else:
        is_limited = field.categorical or field.key == "IMPRESSION" or dataset.kind is DatasetType.ITEMS
        yield STRING_LENGTH if is_limited else STRING_LENGTH_OTHER, Longer(LONGEST_STRING)
    yield VALUE_CONTROL, HasAny(_invisible(field))


def _invisible(field: Field) -> str:
    """The characters that cannot be seen and should not be in a field."""
    if field.textual:
        return _CONTROL
    return _CONTROL + _ZERO_WIDTH + (_JOINERS if field.is_id else "")
