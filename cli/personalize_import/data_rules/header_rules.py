# SPDX-License-Identifier: Apache-2.0
"""What the first line of a file must be like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from personalize_import.data_rules.finding import Finding
from personalize_import.data_rules.rule import FORMATTING, SCHEMAS, Rule, Severity
from personalize_import.data_rules.schema import Schema, is_name, plain_name

HEADER_MISSING = Rule(
    "header-missing",
    "The first line of each file must name the columns, with commas between the names.",
    "Begin the file with the names of the schema's fields. Separate names and values by commas, not by "
    "semicolons or tabs.",
    FORMATTING,
)
HEADER_QUOTED = Rule(
    "header-quoted",
    "The names in the header must not be in quotation marks.",
    "Write the names without quotation marks.",
    FORMATTING,
)
HEADER_NAMES = Rule(
    "header-names",
    "The names of the columns must be made of letters, digits and underscores. They must differ in more than "
    "case and underscores.",
    "Rename the column, and remove spaces around its name.",
    FORMATTING,
)
HEADER_COLUMN_MISSING = Rule(
    "header-column-missing",
    "Each field of the schema must be a column of the data.",
    "Add each missing column, or correct its name.",
    FORMATTING,
    found="Missing: {got}",
)
HEADER_CASE = Rule(
    "header-case",
    "A column must have the name of its field, with the same capitals and small letters.",
    "Write the name alike in schema and header. The guide asks for names that match, and does not say "
    "whether case counts.",
    FORMATTING,
    Severity.WARNING,
    found="Got {value} instead of {field}",
)
HEADER_ORDER = Rule(
    "header-order",
    "The columns must be in the order of the schema's fields.",
    "Reorder the columns or the fields. The guide asks for this, though samples of AWS have another order.",
    SCHEMAS + "#general-schema-requirements",
    Severity.WARNING,
)
HEADER_COLUMN_UNKNOWN = Rule(
    "header-column-unknown",
    "Each column of the data must be a field of the schema.",
    "Remove the column, or add the field. The guide does not say what becomes of a column without a field.",
    FORMATTING,
    Severity.WARNING,
    found="Not in the schema: {got}",
)
HEADER_DIFFERENT = Rule(
    "header-different",
    "All files of an import must have the same header.",
    "Give the file the header of the first file, with its columns in that order.",
    FORMATTING,
)


def names_in(line: str) -> list[str]:
    """The names that a header holds, without the spaces and quotation marks that should not be there."""
    return [name.strip().strip('"').strip() for name in line.split(",")] if line.strip() else []


def check_header(line: str, schema: Schema, file: str) -> Iterator[Finding]:
    """Everything that is wrong with a header, without a look at other files."""
    names = names_in(line)
    columns = {name.upper(): name for name in names}
    if not schema.names & columns.keys():
        yield Finding(HEADER_MISSING, file, 1, value=line or "an empty line")
        return
    if '"' in line:
        yield Finding(HEADER_QUOTED, file, 1, value=line)
    seen: dict[str, str] = {}
    for position, (name, written) in enumerate(zip(names, line.split(","), strict=True)):
        if not is_name(name) or written != written.strip():
            yield Finding(HEADER_NAMES, file, 1, value=written or f"column {position + 1} without a name")
        elif plain_name(name) in seen:
            yield Finding(HEADER_NAMES, file, 1, value=f"{seen[plain_name(name)]} and {name}")
        seen.setdefault(plain_name(name), name)
    yield from _compare(names, columns, schema, file)


def _compare(names: Sequence[str], columns: dict[str, str], schema: Schema, file: str) -> Iterator[Finding]:
    missing = [field.name for field in schema.fields if field.key not in columns]
    if missing:
        yield Finding(HEADER_COLUMN_MISSING, file, 1, value=", ".join(missing))
    for field in schema.fields:
        if field.key in columns and field.name != columns[field.key]:
            yield Finding(HEADER_CASE, file, 1, field=field.name, value=columns[field.key])
    unknown = [name for name in names if name and name.upper() not in schema.names]
    if unknown:
        yield Finding(HEADER_COLUMN_UNKNOWN, file, 1, value=", ".join(unknown))
    in_both = [name.upper() for name in names if name.upper() in schema.keys]
    if in_both != [field.key for field in schema.fields if field.key in columns]:
        yield Finding(HEADER_ORDER, file, 1, value=",".join(names))


def check_same_header(first: str, line: str, file: str) -> Iterator[Finding]:
    """Whether a file has the header of the import's first file."""
    if names_in(first) != names_in(line):
        yield Finding(HEADER_DIFFERENT, file, 1, value=line)
