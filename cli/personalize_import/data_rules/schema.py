# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TYPES = frozenset({"string", "int", "long", "float", "double", "boolean", "null"})
"""The Avro types that Amazon Personalize has."""

LONGEST_SHOWN = 200
"""Characters of a part of a schema that are shown."""


def is_name(name: str) -> bool:
    """Whether a name is made of letters of ASCII, digits and underscores."""
    return re.fullmatch(r"[A-Za-z0-9_]+", name) is not None


def plain_name(name: str) -> str:
    """A name without case and underscores, as Amazon Personalize compares names."""
    return name.replace("_", "").upper()


@dataclass(frozen=True)
class Field:
    """One field of a schema, which is one column of the data."""

    name: str
    types: frozenset[str]
    categorical: bool = False
    textual: bool = False

    @functools.cached_property
    def key(self) -> str:
        """The name by which it is known to Amazon Personalize."""
        return self.name.upper()

    @property
    def nullable(self) -> bool:
        """Whether a record may leave it empty."""
        return "null" in self.types

    @functools.cached_property
    def is_id(self) -> bool:
        """Whether it names a user, an item or an action."""
        return self.key in {"USER_ID", "ITEM_ID", "ACTION_ID"}

    @functools.cached_property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return not self.types.isdisjoint({"int", "long", "float", "double"})

    @functools.cached_property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        return not self.types.isdisjoint({"int", "long"})

    @functools.cached_property
    def is_text(self) -> bool:
        """Whether its type is string."""
        return "string" in self.types

    @functools.cached_property
    def type_name(self) -> str:
        """Its type, apart from null."""
        return next(iter(self.types - {"null"}))


@dataclass(frozen=True)
class Schema:
    """What the data of a dataset looks like: a flat Avro record.

    Attributes:
        name: Its name.
        fields: The fields that can be read.
        unreadable: The names, in capitals, of fields with a type that cannot be read.
    """

    name: str
    fields: tuple[Field, ...]
    unreadable: frozenset[str] = frozenset()

    @classmethod
    def read(cls, document: object) -> tuple[Schema | None, list[str]]:
        """Read the parsed JSON of a schema.

        Returns:
            The schema as far as it can be read, and what is wrong with its form.
        """
        if not isinstance(document, Mapping) or document.get("type") != "record":
            return None, ['"type" is not "record"']
        fields = document.get("fields")
        if not isinstance(fields, Sequence) or isinstance(fields, str) or not fields:
            return None, ['"fields" is not a list of fields']
        problems = [] if isinstance(document.get("name"), str) else ['"name" is missing']
        read, unreadable = [], set()
        for field in fields:
            if not isinstance(field, Mapping) or not isinstance(field.get("name"), str):
                problems.append(f"A field has no name: {_as_json(field)}")
                continue
            types = _types(field.get("type"))
            if types is None:
                problems.append(f"The field {field['name']} has the type {_as_json(field.get('type'))}")
                unreadable.add(field["name"].upper())
                continue
            problems += [
                f"{flag} of the field {field['name']} is {_as_json(field[flag])}, not true or false"
                for flag in ("categorical", "textual")
                if not isinstance(field.get(flag, False), bool)
            ]
            read.append(_field(field, types))
        if not read:
            return None, problems
        return cls(str(document.get("name", "")), tuple(read), frozenset(unreadable)), problems

    @property
    def keys(self) -> frozenset[str]:
        """The names of the fields that can be read, in capitals."""
        return frozenset(field.key for field in self.fields)

    @property
    def names(self) -> frozenset[str]:
        """The names of all its fields, in capitals."""
        return self.keys | self.unreadable


def _types(given: object) -> frozenset[str] | None:
    names = given if isinstance(given, list) else [given]
    if not all(isinstance(name, str) and name in TYPES for name in names):
        return None
    types = frozenset(names)
    # One type, alone or in a union with null.
    return types if len(types) == len(names) and len(types - {"null"}) == 1 else None


def _as_json(part: object) -> str:
    """A part of a schema, as the user wrote it."""
    try:
        text = json.dumps(part, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):  # nested too deep, or in itself
        text = str(type(part).__name__)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _field(field: Mapping[str, Any], types: frozenset[str]) -> Field:
    return Field(
        field["name"],
        types,
        categorical=field.get("categorical") is True,
        textual=field.get("textual") is True,
    )
