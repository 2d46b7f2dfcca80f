# SPDX-License-Identifier: Apache-2.0
"""What a schema must be like, before any data is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator

from personalize_import.data_rules.dataset_type import (
    METADATA_LIMITS,
    NEEDS_METADATA,
    DatasetType,
    Domain,
    Kind,
    KnownField,
    known_fields,
)
from personalize_import.data_rules.finding import Finding
from personalize_import.data_rules.rule import GUIDE, QUOTAS, SCHEMAS, Rule, Severity
from personalize_import.data_rules.schema import Field, Schema, plain_name

SCHEMA_FORM = Rule(
    "schema-form",
    "A schema must be one flat Avro record in JSON. The type of a field must be string, int, long, float, "
    "double or boolean, by itself or with null.",
    "Correct the schema. A field for a list of values is a string, with '|' between the values.",
    SCHEMAS + "#general-schema-requirements",
    found="{got}",
)
SCHEMA_NAME = Rule(
    "schema-name",
    "The name of a schema must be the type of its dataset.",
    "Rename the schema, or give another --dataset-type.",
    SCHEMAS + "#general-schema-requirements",
)
SCHEMA_DOMAIN = Rule(
    "schema-domain",
    "A dataset of actions or of action interactions must be in a custom dataset group.",
    "Leave out the domain, or use another dataset type.",
    GUIDE + "actions-datasets.html",
)
SCHEMA_FIELD_NAMES = Rule(
    "schema-field-names",
    "The names of the fields must be made of letters, digits and underscores. They must differ in more than "
    "case and underscores.",
    "Rename the field, in the schema and in the data.",
    SCHEMAS + "#general-schema-requirements",
)
SCHEMA_REQUIRED_FIELD = Rule(
    "schema-required-field",
    "A schema must have every field that the dataset type and the domain require.",
    "Add each missing field to the schema and its column to the data.",
    GUIDE + "custom-datasets-and-schemas.html",
    found="Missing: {got}",
)
SCHEMA_FIELD_TYPE = Rule(
    "schema-field-type",
    "Required and reserved fields must have the types that Amazon Personalize gives them.",
    "Use the type that the guide lists for the field, or another name for a field of your own.",
    GUIDE + "custom-datasets-and-schemas.html",
    found="{field} has the type {value}",
)
SCHEMA_CATEGORICAL = Rule(
    "schema-categorical",
    'Reserved categorical fields must have "categorical": true. Other reserved strings must not.',
    'Set "categorical" as the guide lists it for the field.',
    SCHEMAS + "#general-schema-requirements",
    found="{field} is {value}",
)
SCHEMA_METADATA_MISSING = Rule(
    "schema-metadata-missing",
    "A schema of items, users or actions must have at least one field beside its id.",
    "Add a field of metadata to the schema and its column to the data.",
    GUIDE + "custom-datasets-and-schemas.html",
)
SCHEMA_METADATA_COUNT = Rule(
    "schema-metadata-count",
    "Fields of your own must be at most 5 in a schema of interactions or of action interactions, 100 of "
    "items, 25 of users and 10 of actions.",
    "Remove the fields that say least.",
    QUOTAS,
)
SCHEMA_TEXTUAL = Rule(
    "schema-textual",
    "A schema of items must have at most one textual field. Other schemas must have none.",
    'Remove "textual" from the fields that must not have it.',
    QUOTAS,
    found="Textual: {got}",
)
SCHEMA_STRING_UNUSED = Rule(
    "schema-string-unused",
    "A string of your own must be categorical or textual, or training does not use it.",
    'Set "categorical": true, unless the field is for filters alone.',
    SCHEMAS + "#general-schema-requirements",
    Severity.WARNING,
    found="{field} is neither",
)

_ALPHANUMERIC = re.compile(r"[A-Za-z0-9_]+")


def check_schema(schema: Schema, kind: DatasetType, domain: Domain | None, file: str) -> Iterator[Finding]:
    """Everything that is wrong with a schema that can be read."""
    if DatasetType.of_schema_name(schema.name) is not kind:
        yield Finding(SCHEMA_NAME, file, value=f"{schema.name or 'no name'} instead of {kind.schema_name}")
    known = known_fields(kind, domain)
    if not known:
        yield Finding(SCHEMA_DOMAIN, file, value=f"{kind.schema_name} in the domain {domain}")
    yield from _check_names(schema, file)
    missing = [field.name for field in known.values() if field.required and field.name not in schema.keys]
    if missing:
        yield Finding(SCHEMA_REQUIRED_FIELD, file, value=", ".join(missing))
    for field in schema.fields:
        if field.key in known:
            yield from _check_known(field, known[field.key], file)
        elif known and field.is_text and not (field.categorical or field.textual):
            yield Finding(SCHEMA_STRING_UNUSED, file, field=field.name)
    yield from _check_metadata(schema, kind, known, file)


def _check_names(schema: Schema, file: str) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for field in schema.fields:
        if not _ALPHANUMERIC.fullmatch(field.name):
            yield Finding(SCHEMA_FIELD_NAMES, file, value=field.name)
        earlier = seen.setdefault(plain_name(field.name), field.name)
        if earlier is not field.name:
            yield Finding(SCHEMA_FIELD_NAMES, file, value=f"{earlier} and {field.name}")


def _check_known(field: Field, known: KnownField, file: str) -> Iterator[Finding]:
    types = field.types - {"null"}
    if not (len(types) == 1 and types <= known.types) or (field.nullable and not known.nullable):
        value = f"{' or '.join(sorted(field.types))} instead of {' or '.join(sorted(known.types))}"
        yield Finding(SCHEMA_FIELD_TYPE, file, field=field.name, value=value)
    elif field.is_text and field.categorical is not (known.kind is Kind.CATEGORICAL):
        value = "categorical" if field.categorical else "not categorical"
        yield Finding(SCHEMA_CATEGORICAL, file, field=field.name, value=value)


def _check_metadata(
    schema: Schema, kind: DatasetType, known: dict[str, KnownField], file: str
) -> Iterator[Finding]:
    own = [field for field in schema.fields if field.key not in known]
    # What a domain reserves, such as GENRES, is metadata as well; the id is not.
    if kind in NEEDS_METADATA and all(field.is_id for field in schema.fields):
        yield Finding(SCHEMA_METADATA_MISSING, file, value="no other field")
    if len(own) > METADATA_LIMITS[kind]:
        yield Finding(SCHEMA_METADATA_COUNT, file, value=f"{len(own)} fields of your own")
    textual = [field.name for field in schema.fields if field.textual]
    if textual and (kind is not DatasetType.ITEMS or len(textual) > 1):
        yield Finding(SCHEMA_TEXTUAL, file, value=", ".join(textual))
