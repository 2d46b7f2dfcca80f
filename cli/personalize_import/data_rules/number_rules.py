# SPDX-License-Identifier: Apache-2.0
"""What numbers, timestamps and booleans must be like: each rule with the condition that breaks it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from personalize_import.data_rules.condition import All, Any, Condition, Matches, Not, Number, OneOf, holds
from personalize_import.data_rules.dataset_type import Dataset, DatasetType
from personalize_import.data_rules.rule import FORMATTING, GUIDE, SCHEMAS, Rule, Severity
from personalize_import.data_rules.schema import Field

_TIMESTAMPS = GUIDE + "interactions-datasets.html#timestamp-data"
_ACTIONS = GUIDE + "actions-datasets.html"

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


def number_rules(field: Field, dataset: Dataset) -> Iterator[tuple[Rule, Condition]]:
    """The rules on the values of a number or a boolean, each with the condition that breaks it."""
    if field.type_name == "boolean":
        yield VALUE_BOOLEAN, Not(_BOOLEANS)
        return
    yield (VALUE_TYPE if field.key in dataset.known else METADATA_TYPE), Not(NUMBERS[field.type_name])
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
