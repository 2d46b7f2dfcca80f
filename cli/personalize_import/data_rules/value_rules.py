# SPDX-License-Identifier: Apache-2.0
"""What a value must be like in its column."""

from __future__ import annotations

import math
import re

from personalize_import.data_rules.rule import FORMATTING, GUIDE, QUOTAS, SCHEMAS, Rule, Severity
from personalize_import.data_rules.schema import Field

LONGEST_ID = 256
LONGEST_STRING = 1000
LONGEST_TEXT = 20_000
LONGEST_TEXT_IN_CHINESE_OR_JAPANESE = 7_000
"""Characters."""

FIRST_THAT_IS_NO_SECOND = 10**11
"""Seconds since 1970 reach this in the year 5138; milliseconds reached it in 1973."""

VALUE_MISSING = Rule(
    "value-missing",
    "A field must have a value in each record, unless its type includes null.",
    'Fill in the value, remove the record, or make the type ["null", ...] where the guide allows it.',
    SCHEMAS + "#personalize-datatypes",
    found="{field} is empty",
)
VALUE_TYPE = Rule(
    "value-type",
    "A value must be of its field's type: a whole number for int (32 bits) and long (64 bits), a decimal "
    "number for float and double.",
    "Correct the value or the type. Leave a missing value empty, without NaN or NULL.",
    FORMATTING,
)
VALUE_BOOLEAN = Rule(
    "value-boolean",
    "A boolean must be true or false, in small letters.",
    "Write true or false. To train with the field, make it a categorical string or a number.",
    SCHEMAS + "#personalize-datatypes",
)
TIMESTAMP_SECONDS = Rule(
    "timestamp-seconds",
    "A timestamp must be in seconds since 1970.",
    "Divide milliseconds by 1,000 and drop the decimals.",
    GUIDE + "interactions-datasets.html#timestamp-data",
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
)
ID_SPECIAL = Rule(
    "id-special",
    "An id must not have special characters in it: '|' separates the ids of an impression, '\\' escapes the "
    "next character, and a tab cannot be seen.",
    "Replace the character, in all datasets of the group.",
    FORMATTING,
    Severity.WARNING,
)
STRING_LENGTH = Rule(
    "string-length",
    "Categories, impressions and other strings must have at most 1,000 characters.",
    "Shorten the value. In a schema of items, a field for longer texts can be textual.",
    QUOTAS,
)
TEXT_LENGTH = Rule(
    "text-length",
    "A textual value must have at most 20,000 characters.",
    "Shorten the text.",
    QUOTAS,
)
TEXT_LENGTH_CJK = Rule(
    "text-length-cjk",
    "A textual value in Chinese or Japanese must have at most 7,000 characters.",
    "Shorten the text.",
    QUOTAS,
    Severity.WARNING,
)
VALUE_KEYWORD = Rule(
    "value-keyword",
    "A value must not be the name of a field that Amazon Personalize reserves.",
    "Remove the line if it is a second header, as in files that were joined. Otherwise change the value.",
    SCHEMAS + "#general-schema-requirements",
    Severity.WARNING,
)

SPECIAL = frozenset("|\\\t")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CHINESE_OR_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_BITS = {"int": 31, "long": 63}
_MOST_DIGITS = 19
LARGEST_FLOAT = 3.4028234663852886e38


def broken_rule(value: str, field: Field, keywords: frozenset[str]) -> Rule | None:
    """The rule that a value breaks in its column, if any; where it breaks several, the first.

    Args:
        value: The value; empty where there is none.
        field: The column's field.
        keywords: The names that Amazon Personalize reserves in the dataset.
    """
    if value == "":
        return None if field.nullable else VALUE_MISSING
    if value in keywords:
        return VALUE_KEYWORD
    if field.is_text:
        return _broken_by_text(value, field)
    if not any(_fits(value, type_name) for type_name in field.types):
        return VALUE_BOOLEAN if field.types - {"null"} == {"boolean"} else VALUE_TYPE
    if field.is_timestamp and abs(float(value)) >= FIRST_THAT_IS_NO_SECOND:
        return TIMESTAMP_SECONDS
    return None


def longest(field: Field) -> int:
    """How many characters a text may have."""
    if field.is_id:
        return LONGEST_ID
    return LONGEST_TEXT if field.textual else LONGEST_STRING


def _broken_by_text(value: str, field: Field) -> Rule | None:
    if len(value) > longest(field):
        return ID_LENGTH if field.is_id else TEXT_LENGTH if field.textual else STRING_LENGTH
    if field.is_id and '"' in value:
        return ID_QUOTE
    if field.is_id and not SPECIAL.isdisjoint(value):
        return ID_SPECIAL
    if field.textual and len(value) > LONGEST_TEXT_IN_CHINESE_OR_JAPANESE:
        return TEXT_LENGTH_CJK if _CHINESE_OR_JAPANESE.search(value) else None
    return None


def _fits(value: str, type_name: str) -> bool:
    if type_name in _BITS:
        if not _WHOLE.fullmatch(value):
            return False
        digits = value.lstrip("+-").lstrip("0") or "0"
        if len(digits) > _MOST_DIGITS:
            return False
        limit = 1 << _BITS[type_name]
        return int(digits) <= limit if value.startswith("-") else int(digits) < limit
    if type_name in {"float", "double"}:
        if not _DECIMAL.fullmatch(value):
            return False
        size = abs(float(value))
        return size <= LARGEST_FLOAT if type_name == "float" else math.isfinite(size)
    return type_name == "boolean" and value in {"true", "false"}
