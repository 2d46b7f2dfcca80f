# SPDX-License-Identifier: Apache-2.0
"""What a schema must be like, before any data is looked at."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_import.data_rules.dataset_type import (
    METADATA_LIMITS,
    NEEDS_METADATA,
    Dataset,
    DatasetType,
    KnownField,
    TextUse,
)
from personalize_import.data_rules.finding import Finding
from personalize_import.data_rules.rule import GUIDE, QUOTAS, SCHEMAS, Rule, Severity
from personalize_import.data_rules.schema import Field, Schema, is_name, plain_name

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
SCHEMA_ATTRIBUTES = Rule(
    "schema-attributes",
    'Only a string must have "categorical" or "textual", and not both of them.',
    "Remove the attribute, or make the field a string.",
    SCHEMAS + "#general-schema-requirements",
    found="{field} is {value}",
)
SCHEMA_TEXTUAL_MISSING = Rule(
    "schema-textual-missing",
    'A reserved textual field must have "textual": true.',
    'Set "textual": true, or use another name for a field of your own.',
    GUIDE + "ECOMMERCE-datasets-and-schemas.html",
    found="{field} is not textual",
    certain=False,
)
SCHEMA_METADATA_MISSING = Rule(
    "schema-metadata-missing",
    "A schema of items, users or actions must have at least one metadata field that is a categorical string, "
    "a number or (items only) a textual string. Booleans and other strings do not count, nor do the reserved "
    "fields of items and users in a custom dataset group.",
    'Add such a field to the schema and its column to the data, or set "categorical": true for a string.',
    GUIDE + "custom-datasets-and-schemas.html",
    found="{got}",
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


def check_schema(schema: Schema, dataset: Dataset, file: str) -> Iterator[Finding]:
    """Everything that is wrong with a schema that can be read."""
    kind, known = dataset.kind, dataset.known
    if DatasetType.of_schema_name(schema.name) is not kind:
        yield Finding(SCHEMA_NAME, file, value=f"{schema.name or 'no name'} instead of {kind.schema_name}")
    if not known:
        yield Finding(SCHEMA_DOMAIN, file, value=f"{kind.schema_name} in the domain {dataset.domain}")
    yield from _check_names(schema, file)
    missing = [field.name for field in known.values() if field.required and field.name not in schema.names]
    if missing:
        yield Finding(SCHEMA_REQUIRED_FIELD, file, value=", ".join(missing))
    for field in schema.fields:
        attributes = _attributes(field)
        if attributes and (not field.is_text or len(attributes) > 1):
            value = " and ".join([*attributes, *([] if field.is_text else [f"a {field.type_name}"])])
            yield Finding(SCHEMA_ATTRIBUTES, file, field=field.name, value=value)
        if field.key in known:
            yield from _check_known(field, known[field.key], file)
        elif known and field.is_text and not (field.categorical or field.textual):
            yield Finding(SCHEMA_STRING_UNUSED, file, field=field.name)
    if known:
        yield from _check_metadata(schema, dataset, file)


def _attributes(field: Field) -> list[str]:
    return [
        name for name, is_set in (("categorical", field.categorical), ("textual", field.textual)) if is_set
    ]


def _check_names(schema: Schema, file: str) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for field in schema.fields:
        if not is_name(field.name):
            yield Finding(SCHEMA_FIELD_NAMES, file, value=field.name)
        plain = plain_name(field.name)
        if plain in seen:
            yield Finding(SCHEMA_FIELD_NAMES, file, value=f"{seen[plain]} and {field.name}")
        seen.setdefault(plain, field.name)


def _check_known(field: Field, known: KnownField, file: str) -> Iterator[Finding]:
    if field.type_name not in known.types or (field.nullable and not known.nullable):
        value = f"{' or '.join(sorted(field.types))} instead of {' or '.join(sorted(known.types))}"
        yield Finding(SCHEMA_FIELD_TYPE, file, field=field.name, value=value)
    elif field.is_text and field.categorical is not (known.use is TextUse.CATEGORICAL):
        value = "categorical" if field.categorical else "not categorical"
        yield Finding(SCHEMA_CATEGORICAL, file, field=field.name, value=value)
    elif field.is_text and known.use is TextUse.TEXTUAL and not field.textual:
        yield Finding(SCHEMA_TEXTUAL_MISSING, file, field=field.name)


def _check_metadata(schema: Schema, dataset: Dataset, file: str) -> Iterator[Finding]:
    kind = dataset.kind
    own = [field for field in schema.fields if field.key not in dataset.known]
    # The guide's default schema of ECOMMERCE users has no field beside a reserved categorical one. Of actions
    # it asks for a categorical string or a number, and VALUE is one.
    candidates = schema.fields if dataset.domain or kind is DatasetType.ACTIONS else own
    has_metadata = any(_is_metadata(field, dataset) for field in candidates) or schema.unreadable
    if kind in NEEDS_METADATA and not has_metadata:
        names = ", ".join(field.name for field in schema.fields)
        yield Finding(SCHEMA_METADATA_MISSING, file, value=f"The schema has {names}")
    if len(own) > METADATA_LIMITS[kind]:
        yield Finding(SCHEMA_METADATA_COUNT, file, value=f"{len(own)} fields of your own")
    textual = [field.name for field in schema.fields if field.textual]
    if textual and (kind is not DatasetType.ITEMS or len(textual) > 1):
        yield Finding(SCHEMA_TEXTUAL, file, value=", ".join(textual))


def _is_metadata(field: Field, dataset: Dataset) -> bool:
    if field.is_text:
        return field.categorical or (field.textual and dataset.kind is DatasetType.ITEMS)
    return field.is_number and field.key not in dataset.timestamps
