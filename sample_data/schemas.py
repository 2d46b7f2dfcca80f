# SPDX-License-Identifier: Apache-2.0
"""The Avro schemas of the sample; the CSV headers are made from them, so that both always agree.

Rules: https://docs.aws.amazon.com/personalize/latest/dg/how-it-works-dataset-schema.html
"""

from typing import Any

Schema = dict[str, Any]


def _record(name: str, *fields: dict[str, Any]) -> Schema:
    return {
        "type": "record",
        "name": name,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": list(fields),
        "version": "1.0",
    }


def _field(name: str, kind: str, *, nullable: bool = False, categorical: bool = False) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "type": [kind, "null"] if nullable else kind}
    return {**field, "categorical": True} if categorical else field


INTERACTIONS = _record(
    "Interactions",
    _field("USER_ID", "string"),
    _field("ITEM_ID", "string"),
    _field("TIMESTAMP", "long"),
    _field("EVENT_TYPE", "string"),
    _field("EVENT_VALUE", "float", nullable=True),
)
ITEMS = _record(
    "Items",
    _field("ITEM_ID", "string"),
    _field("GENRES", "string", categorical=True),
    _field("PRICE", "float"),
    _field("PUBLISHER", "string", nullable=True, categorical=True),
    _field("CREATION_TIMESTAMP", "long"),
)
USERS = _record(
    "Users",
    _field("USER_ID", "string"),
    _field("COUNTRY", "string", categorical=True),
    _field("AGE_GROUP", "string", nullable=True, categorical=True),
)


def header(schema: Schema) -> list[str]:
    """The names of a schema's fields, in their order."""
    return [field["name"] for field in schema["fields"]]
