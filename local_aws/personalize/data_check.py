# SPDX-License-Identifier: Apache-2.0
"""Checks the data of an import: the header against the schema, then every value against its column."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .avro import IDS, Column
from .errors import FORMATTING, invalid_input, missing_columns
from .state import Records

LEAST_INTERACTIONS = 1000
LONGEST_ID = 256
LONGEST_STRING = 1000
LONGEST_TEXT = 20000
"""Characters. Ids, categorical values and texts: the service's quotas and its guide to preparing data."""

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_ID_COLUMNS = frozenset({"USER_ID", "ITEM_ID", "ACTION_ID"})


@dataclass(frozen=True)
class Outcome:
    """The result of an import: its records, or the reason of its failure."""

    records: Records
    failure_reason: str | None = None


class _BadRow(Exception):
    """A value that the schema does not allow; the message is the job's failure reason."""


def check(files: Sequence[tuple[str, bytes]], columns: Sequence[Column], dataset_type: str) -> Outcome:
    """The outcome of importing the files.

    Args:
        files: Key and content of each object at the location.
        columns: The fields of the dataset's schema.
        dataset_type: The dataset's type, in any case.

    Raises:
        ServiceError: InvalidInputException, if a header lacks columns. The create call raises it.
    """
    kind = dataset_type.lower()
    tables = []
    for key, content in files:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return Outcome(Records(), f"Input file {key} is not encoded in UTF-8.")
        rows = csv.reader(io.StringIO(text, newline=""), escapechar="\\", doublequote=True)
        header = next(rows, [])
        tables.append((len(header), _positions(header, columns), rows))
    records = Records()
    try:
        for width, positions, rows in tables:
            records = records.merge(_records(_whole(rows, width), positions, kind))
    except (_BadRow, csv.Error) as problem:
        return Outcome(Records(), str(problem))
    if kind == "interactions" and len(records) < LEAST_INTERACTIONS:
        return Outcome(
            Records(),
            f"The input has {len(records)} interactions, but at least {LEAST_INTERACTIONS} are required.",
        )
    return Outcome(records) if len(records) else Outcome(records, "The input has no records.")


def _positions(header: list[str], columns: Sequence[Column]) -> list[tuple[int, Column]]:
    """Return the position of each column of the schema in the header.

    Upper and lower case do not matter. AWS's public sample aws-samples/personalize-pet-recommendations
    declares `item_value` and its file is headed `ITEM_VALUE`, and no document asks for the same case.
    """
    found = {name.strip().upper(): index for index, name in enumerate(header)}
    missing = [column.name for column in columns if column.name.upper() not in found]
    if missing:
        raise missing_columns(missing)
    return [(found[column.name.upper()], column) for column in columns]


def _whole(rows: Iterable[list[str]], width: int) -> Iterator[list[str]]:
    """Yield the rows without empty lines. A row that is longer or shorter than the header is an error."""
    for number, row in enumerate(rows, start=2):
        if row and len(row) != width:
            raise _BadRow(f"Row {number} of the input has {len(row)} values, but the header has {width}.")
        if row:
            yield row


def _records(rows: Iterable[list[str]], positions: list[tuple[int, Column]], kind: str) -> Records:
    id_position = next((index for index, column in positions if column.name.upper() == IDS.get(kind)), None)
    records = Records()
    for row in rows:
        _check_row(row, positions)
        if id_position is None:
            records.anonymous += 1
        else:
            records.ids.add(row[id_position])
    return records


def _check_row(row: list[str], positions: Iterable[tuple[int, Column]]) -> None:
    for index, column in positions:
        value = row[index]
        if value == "":
            if not column.nullable:
                raise _BadRow(f"Column {column.name} has a missing value, but is not nullable in the schema.")
        elif "string" in column.types:
            _check_string(value, column)
        elif not any(_fits(value, name) for name in column.types):
            raise _BadRow(
                f"Column {column.name} has the value {value[:100]!r}, "
                f"which is not of type {'/'.join(sorted(column.types - {'null'}))}."
            )


def _check_string(value: str, column: Column) -> None:
    is_id = column.name.upper() in _ID_COLUMNS
    limit = LONGEST_ID if is_id else LONGEST_TEXT if column.textual else LONGEST_STRING
    if len(value) > limit:
        raise _BadRow(
            f"Length cannot be more than {limit} characters for {column.name}. "
            "If no values exceed the character limit, "
            f"make sure your data follows the formatting guidelines listed in {FORMATTING}."
        )
    if is_id and '"' in value:
        raise _BadRow(f"Column {column.name} has a quotation mark in the value {value[:100]!r}.")


def _fits(value: str, type_name: str) -> bool:
    if type_name in {"int", "long"}:
        limit: int = 2 ** (31 if type_name == "int" else 63)
        return bool(_WHOLE_NUMBER.fullmatch(value)) and -limit <= int(value) < limit
    if type_name in {"float", "double"}:
        return bool(_NUMBER.fullmatch(value))
    return type_name == "boolean" and value.lower() in {"true", "false"}


def location_of(data_location: str) -> tuple[str, str]:
    """Bucket and key, or bucket and prefix that ends in a slash, of a data location.

    Raises:
        ServiceError: InvalidInputException, when it names no bucket of S3.
    """
    scheme, _, rest = data_location.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise invalid_input("Invalid Data location.")
    return bucket, key


def first_level(keys: Iterable[str], prefix: str) -> list[str]:
    """Return the keys of a location: its own, or those of the first level of a folder."""
    if prefix and not prefix.endswith("/"):
        return [key for key in keys if key == prefix]
    return [key for key in keys if key.startswith(prefix) and key != prefix and "/" not in key[len(prefix) :]]
