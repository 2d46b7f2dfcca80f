# SPDX-License-Identifier: Apache-2.0
"""Reads the Avro schema of a dataset: a flat record whose fields are the columns of its data."""

import json
from dataclasses import dataclass
from typing import Any

from .errors import invalid_input

PRIMITIVES = frozenset({"string", "int", "long", "float", "double", "boolean", "null"})

REQUIRED = {
    "interactions": ("USER_ID", "ITEM_ID", "TIMESTAMP"),
    "items": ("ITEM_ID",),
    "users": ("USER_ID",),
    "actions": ("ACTION_ID",),
    "action_interactions": ("USER_ID", "ACTION_ID", "EVENT_TYPE", "TIMESTAMP"),
}
"""The fields that a schema of the type must have in a group without a domain."""

REQUIRED_BY_DOMAIN: dict[str, dict[str, tuple[str, ...]]] = {
    "ECOMMERCE": {"interactions": ("EVENT_TYPE",), "items": ("PRICE", "CATEGORY_L1")},
    "VIDEO_ON_DEMAND": {"interactions": ("EVENT_TYPE",), "items": ("CREATION_TIMESTAMP", "GENRES")},
}
"""The additional fields that a domain requires."""

IDS = {"items": "ITEM_ID", "users": "USER_ID", "actions": "ACTION_ID"}
"""The types whose records have an id. A later record with the same id replaces the earlier one."""

NEEDS_METADATA = frozenset({"items", "users"})
"""The types that need at least one field beside the required ones."""


@dataclass(frozen=True)
class Column:
    """One field of the schema."""

    name: str
    types: frozenset[str]
    textual: bool = False

    @property
    def nullable(self) -> bool:
        """Whether a record may leave it empty."""
        return "null" in self.types


def columns(text: str) -> tuple[Column, ...]:
    """The fields of a schema, in order.

    Raises:
        ServiceError: InvalidInputException, when the text is no flat Avro record.
    """
    try:
        schema = json.loads(text)
    except ValueError as problem:
        raise invalid_input(f"Input schema is not valid JSON: {problem}") from None
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise invalid_input("Input schema must be an Avro record.")
    fields = schema.get("fields")
    if not isinstance(schema.get("name"), str) or not isinstance(fields, list) or not fields:
        raise invalid_input("Input schema must have a name and fields.")
    read = tuple(_column(each) for each in fields)
    names = [column.name.upper() for column in read]
    if len(set(names)) < len(names):
        raise invalid_input("Input schema has duplicate fields.")
    return read


def _column(field: Any) -> Column:
    if not isinstance(field, dict) or not isinstance(field.get("name"), str):
        raise invalid_input("Each field of the input schema must have a name and a type.")
    types = field.get("type")
    names = frozenset(types if isinstance(types, list) else [str(types)])
    if not names <= PRIMITIVES:
        raise invalid_input(f"Field {field['name']} of the input schema has an unsupported type.")
    return Column(field["name"], names, textual=bool(field.get("textual")))


def check_for_type(read: tuple[Column, ...], dataset_type: str, domain: str | None) -> None:
    """Raise when a dataset of the type cannot have this schema."""
    kind = dataset_type.lower()
    if kind not in REQUIRED:
        raise invalid_input(f"Invalid dataset type {dataset_type}.")
    if domain and kind in {"actions", "action_interactions"}:
        raise invalid_input(f"Dataset type {dataset_type} is not supported in a {domain} dataset group.")
    required = REQUIRED[kind] + REQUIRED_BY_DOMAIN.get(domain or "", {}).get(kind, ())
    names = {column.name.upper() for column in read}
    missing = [name for name in required if name not in names]
    if missing:
        raise invalid_input(f"Input schema is missing the following fields: [{', '.join(missing)}]")
    if kind in NEEDS_METADATA and len(names) <= len(REQUIRED[kind]):
        raise invalid_input(f"Input schema of type {dataset_type} must have at least one metadata field.")
