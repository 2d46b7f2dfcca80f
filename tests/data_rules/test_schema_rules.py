# SPDX-License-Identifier: Apache-2.0
"""What a schema must be like."""

from collections.abc import Callable
from typing import Any

import pytest

from personalize_import.data_rules.dataset_type import Dataset, DatasetType, Domain
from personalize_import.data_rules.schema import Schema
from personalize_import.data_rules.schema_rules import check_schema


def schema(name: str, **fields: Any) -> Schema:
    """A schema; each field is a type or a whole description."""
    document = {
        "type": "record",
        "name": name,
        "fields": [
            {"name": key, **(value if isinstance(value, dict) else {"type": value})}
            for key, value in fields.items()
        ],
    }
    read, problems = Schema.read(document)
    assert read is not None
    assert problems == []
    return read


def categorical(types: Any = "string") -> dict[str, Any]:
    """A categorical field."""
    return {"type": types, "categorical": True}


def interactions(**more: Any) -> Schema:
    """A schema of interactions that has all it needs, and more."""
    return schema("Interactions", USER_ID="string", ITEM_ID="string", TIMESTAMP="long", **more)


def items(**more: Any) -> Schema:
    """A schema of items, and more."""
    return schema("Items", ITEM_ID="string", **more)


def broken(
    read: Schema, kind: DatasetType = DatasetType.INTERACTIONS, domain: Domain | None = None
) -> list[str]:
    """The ids of the rules that a schema breaks."""
    return [finding.rule.id for finding in check_schema(read, Dataset(kind, domain), "schema.json")]


@pytest.mark.parametrize(
    ("read", "kind", "domain"),
    [
        (interactions(), DatasetType.INTERACTIONS, None),
        (
            interactions(EVENT_TYPE="string", EVENT_VALUE=["float", "null"]),
            DatasetType.INTERACTIONS,
            Domain.ECOMMERCE,
        ),
        (items(GENRES=categorical(["null", "string"]), CREATION_TIMESTAMP="long"), DatasetType.ITEMS, None),
        (
            items(PRICE="float", CATEGORY_L1=categorical()),
            DatasetType.ITEMS,
            Domain.ECOMMERCE,
        ),
        (
            items(CREATION_TIMESTAMP="long", GENRES=categorical()),
            DatasetType.ITEMS,
            Domain.VIDEO_ON_DEMAND,
        ),
        (schema("Users", USER_ID="string", AGE="int"), DatasetType.USERS, None),
        (schema("Users", USER_ID="string", CREATION_TIMESTAMP="long"), DatasetType.USERS, None),
        (
            schema("Actions", ACTION_ID="string", VALUE=["long", "null"], LEVEL=categorical()),
            DatasetType.ACTIONS,
            None,
        ),
        (schema("Actions", ACTION_ID="string", VALUE="long"), DatasetType.ACTIONS, None),
        (
            schema(
                "ActionInteractions",
                USER_ID="string",
                ACTION_ID="string",
                EVENT_TYPE="string",
                TIMESTAMP="long",
            ),
            DatasetType.ACTION_INTERACTIONS,
            None,
        ),
    ],
)
def test_the_schemas_of_the_guide_break_no_rule(
    read: Schema, kind: DatasetType, domain: Domain | None
) -> None:
    """What the guide shows as an example is fine, and its name tells its type."""
    assert broken(read, kind, domain) == []
    assert kind is DatasetType.of_schema_name(read.name)


@pytest.mark.parametrize(
    ("read", "kind", "domain", "rule"),
    [
        (items(PRICE="float"), DatasetType.INTERACTIONS, None, "schema-name"),
        (schema("Actions", ACTION_ID="string"), DatasetType.ACTIONS, Domain.ECOMMERCE, "schema-domain"),
        (interactions(GENRE_S="int", GENRES="int"), DatasetType.INTERACTIONS, None, "schema-field-names"),
        (interactions(**{"my field": "int"}), DatasetType.INTERACTIONS, None, "schema-field-names"),
        (interactions(), DatasetType.INTERACTIONS, Domain.ECOMMERCE, "schema-required-field"),
        (items(PRICE="float"), DatasetType.ITEMS, Domain.ECOMMERCE, "schema-required-field"),
        (items(GENRES=categorical()), DatasetType.ITEMS, Domain.VIDEO_ON_DEMAND, "schema-required-field"),
        (interactions(EVENT_VALUE="string"), DatasetType.INTERACTIONS, None, "schema-field-type"),
        (
            schema("Interactions", USER_ID=["string", "null"], ITEM_ID="string", TIMESTAMP="long"),
            DatasetType.INTERACTIONS,
            None,
            "schema-field-type",
        ),
        (interactions(EVENT_TYPE=categorical()), DatasetType.INTERACTIONS, None, "schema-categorical"),
        (
            items(PRICE="float", CATEGORY_L1="string"),
            DatasetType.ITEMS,
            Domain.ECOMMERCE,
            "schema-categorical",
        ),
        (items(), DatasetType.ITEMS, None, "schema-metadata-missing"),
        (
            interactions(**{f"F{n}": "int" for n in range(6)}),
            DatasetType.INTERACTIONS,
            None,
            "schema-metadata-count",
        ),
        (
            interactions(TEXT={"type": "string", "textual": True}),
            DatasetType.INTERACTIONS,
            None,
            "schema-textual",
        ),
        (interactions(EVENT_TYPE=["null", "string"]), DatasetType.INTERACTIONS, None, "schema-field-type"),
        (
            items(PRICE=["null", "float"], CATEGORY_L1=categorical()),
            DatasetType.ITEMS,
            Domain.ECOMMERCE,
            "schema-field-type",
        ),
        (
            items(PRICE="float", CATEGORY_L1=categorical(["null", "string"])),
            DatasetType.ITEMS,
            Domain.ECOMMERCE,
            "schema-field-type",
        ),
        (
            items(CREATION_TIMESTAMP=["null", "long"], GENRES=categorical()),
            DatasetType.ITEMS,
            Domain.VIDEO_ON_DEMAND,
            "schema-field-type",
        ),
        (
            items(CREATION_TIMESTAMP="long", GENRES=categorical(["string", "null"])),
            DatasetType.ITEMS,
            Domain.VIDEO_ON_DEMAND,
            "schema-field-type",
        ),
        (items(CREATION_TIMESTAMP="long"), DatasetType.ITEMS, None, "schema-metadata-missing"),
        (items(IS_NEW="boolean"), DatasetType.ITEMS, None, "schema-metadata-missing"),
        (items(TITLE="string"), DatasetType.ITEMS, None, "schema-metadata-missing"),
        (
            schema("Users", USER_ID="string", IS_NEW="boolean"),
            DatasetType.USERS,
            None,
            "schema-metadata-missing",
        ),
        (
            schema("Users", USER_ID="string", NAME="string"),
            DatasetType.USERS,
            None,
            "schema-metadata-missing",
        ),
        (
            schema("Users", USER_ID="string", BIO={"type": "string", "textual": True}),
            DatasetType.USERS,
            None,
            "schema-metadata-missing",
        ),
        (
            schema("Actions", ACTION_ID="string", CREATION_TIMESTAMP="long"),
            DatasetType.ACTIONS,
            None,
            "schema-metadata-missing",
        ),
        (items(AGE={"type": "int", "textual": True}), DatasetType.ITEMS, None, "schema-attributes"),
        (items(AGE=categorical("int")), DatasetType.ITEMS, None, "schema-attributes"),
        (
            items(TEXT={"type": "string", "textual": True, "categorical": True}),
            DatasetType.ITEMS,
            None,
            "schema-attributes",
        ),
        (
            items(PRICE="float", CATEGORY_L1=categorical(), PRODUCT_DESCRIPTION="string"),
            DatasetType.ITEMS,
            Domain.ECOMMERCE,
            "schema-textual-missing",
        ),
        (interactions(DEVICE="string"), DatasetType.INTERACTIONS, None, "schema-string-unused"),
    ],
)
def test_a_schema_breaks_the_rule_that_is_about_it(
    read: Schema, kind: DatasetType, domain: Domain | None, rule: str
) -> None:
    """Each rule is broken by a schema that is fine but for that."""
    assert rule in broken(read, kind, domain)


@pytest.mark.parametrize("name", ["F", "FLAG"])
def test_a_field_that_is_there_twice_is_reported(name: str) -> None:
    """Also where Python has one object for both names."""
    fields = [{"name": each, "type": "int"} for each in ("ITEM_ID", name, name)]
    read, _ = Schema.read({"type": "record", "name": "Items", "fields": fields})

    assert read is not None
    assert "schema-field-names" in broken(read, DatasetType.ITEMS)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["fields"].append({"name": "MIXED", "type": ["int", "string"]}),
        lambda document: document["fields"].append({"name": "TWICE", "type": ["string", "string"]}),
        lambda document: document["fields"].append({"name": "NONE", "type": []}),
        lambda document: document["fields"].append({"name": "A", "type": "string", "categorical": "false"}),
        lambda document: document["fields"].append({"name": "A", "type": "string", "textual": 1}),
        lambda document: document.update(type="map"),
        lambda document: document.update(fields=[]),
        lambda document: document.pop("name"),
        lambda document: document["fields"].append({"type": "string"}),
        lambda document: document["fields"].append({"name": "TAGS", "type": "array"}),
        lambda document: document["fields"].append({"name": "TAGS", "type": {"type": "record"}}),
        lambda document: document["fields"].append({"name": "NOTHING", "type": "null"}),
    ],
)
def test_what_is_no_flat_record_is_told(change: Callable[[dict[str, Any]], object]) -> None:
    """Whatever is wrong with the form of a schema is a problem, not a crash."""
    document: dict[str, Any] = {
        "type": "record",
        "name": "Users",
        "fields": [{"name": "USER_ID", "type": "string"}],
    }

    change(document)

    assert Schema.read(document)[1]


def test_a_type_that_is_not_flat_is_shown_as_it_was_written() -> None:
    """The user knows it as JSON."""
    tags = {"name": "TAGS", "type": {"type": "array", "items": "string"}}

    _, problems = Schema.read({"type": "record", "name": "Users", "fields": [tags, {"type": "string"}]})

    assert problems == [
        'The field TAGS has the type {"type": "array", "items": "string"}',
        'A field has no name: {"type": "string"}',
    ]
