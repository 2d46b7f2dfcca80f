# SPDX-License-Identifier: Apache-2.0
"""The fields that Amazon Personalize knows by name, from its tables of each dataset type and domain.

https://docs.aws.amazon.com/personalize/latest/dg/custom-datasets-and-schemas.html
https://docs.aws.amazon.com/personalize/latest/dg/ECOMMERCE-datasets-and-schemas.html
https://docs.aws.amazon.com/personalize/latest/dg/VIDEO-ON-DEMAND-datasets-and-schemas.html
"""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass
from typing import Self


class Domain(enum.StrEnum):
    """The domain of a dataset group; a custom group has none."""

    ECOMMERCE = "ECOMMERCE"
    VIDEO_ON_DEMAND = "VIDEO_ON_DEMAND"


class DatasetType(enum.StrEnum):
    """The type of a dataset, as the API spells it in lower case."""

    INTERACTIONS = "interactions"
    ITEMS = "items"
    USERS = "users"
    ACTIONS = "actions"
    ACTION_INTERACTIONS = "action_interactions"

    @classmethod
    def of_schema_name(cls, name: str) -> Self | None:
        """The type that a schema of this name is for, or None where the name says nothing."""
        plain = name.replace("_", "").replace(" ", "").lower()
        return next((kind for kind in cls if kind.replace("_", "") == plain), None)

    @property
    def schema_name(self) -> str:
        """The name that the type's schema has to have."""
        return "".join(part.capitalize() for part in self.split("_"))


class TextUse(enum.Enum):
    """What a string is used for."""

    PLAIN = "plain"
    CATEGORICAL = "categorical"
    TEXTUAL = "textual"


@dataclass(frozen=True)
class KnownField:
    """A field that has a meaning of its own.

    Attributes:
        name: Its name.
        types: The Avro types that it may have, any one of them.
        use: What a string is used for.
        required: Whether each schema must have it.
        nullable: Whether its type may be joined with null.
    """

    name: str
    types: frozenset[str]
    use: TextUse = TextUse.PLAIN
    required: bool = False
    nullable: bool = True


def _key(name: str, type_name: str = "string") -> KnownField:
    return KnownField(name, frozenset({type_name}), required=True, nullable=False)


def _number(name: str, *types: str, required: bool = False) -> KnownField:
    return KnownField(name, frozenset(types), required=required, nullable=not required)


def _text(
    name: str, use: TextUse = TextUse.PLAIN, required: bool = False, nullable: bool = True
) -> KnownField:
    return KnownField(name, frozenset({"string"}), use, required, nullable and not required)


def _categories(*names: str) -> tuple[KnownField, ...]:
    return tuple(_text(name, TextUse.CATEGORICAL) for name in names)


_OF_EVENTS = (
    _number("EVENT_VALUE", "float"),
    *map(_text, ("IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE")),
)

_CUSTOM: dict[DatasetType, tuple[KnownField, ...]] = {
    DatasetType.INTERACTIONS: (
        _key("USER_ID"),
        _key("ITEM_ID"),
        _key("TIMESTAMP", "long"),
        _text("EVENT_TYPE", nullable=False),  # the table names no null, unlike that of the fields below
        *_OF_EVENTS,
    ),
    DatasetType.ITEMS: (_key("ITEM_ID"), _number("CREATION_TIMESTAMP", "long")),
    DatasetType.USERS: (_key("USER_ID"),),
    DatasetType.ACTIONS: (
        _key("ACTION_ID"),
        _text("TYPE"),
        *(
            _number(name, "long")
            for name in (
                "CREATION_TIMESTAMP",
                "VALUE",
                "EXPIRATION_TIMESTAMP",
                "ACTION_EXPIRATION_TIMESTAMP",  # the name that the page on action data has for it
                "REPEAT_FREQUENCY",
            )
        ),
    ),
    DatasetType.ACTION_INTERACTIONS: (
        _key("USER_ID"),
        _key("ACTION_ID"),
        _text("EVENT_TYPE", required=True),
        _key("TIMESTAMP", "long"),
        _text("IMPRESSION"),
        _text("RECOMMENDATION_ID"),
    ),
}

_EVENTS_OF_A_DOMAIN = (
    _key("USER_ID"),
    _key("ITEM_ID"),
    _key("TIMESTAMP", "long"),
    _text("EVENT_TYPE", required=True),
    *_OF_EVENTS,
)

_OF_DOMAINS: dict[Domain, dict[DatasetType, tuple[KnownField, ...]]] = {
    Domain.ECOMMERCE: {
        DatasetType.INTERACTIONS: _EVENTS_OF_A_DOMAIN,
        DatasetType.ITEMS: (
            _key("ITEM_ID"),
            _number("PRICE", "float", required=True),
            _text("CATEGORY_L1", TextUse.CATEGORICAL, required=True),
            *_categories("CATEGORY_L2", "CATEGORY_L3", "AGE_GROUP", "ADULT", "GENDER"),
            _text("PRODUCT_DESCRIPTION", TextUse.TEXTUAL),
            # The guide says float here and long everywhere else.
            _number("CREATION_TIMESTAMP", "long", "float"),
        ),
        DatasetType.USERS: (_key("USER_ID"), *_categories("MEMBERSHIP_STATUS")),
    },
    Domain.VIDEO_ON_DEMAND: {
        DatasetType.INTERACTIONS: _EVENTS_OF_A_DOMAIN,
        DatasetType.ITEMS: (
            _key("ITEM_ID"),
            _number("CREATION_TIMESTAMP", "long", required=True),
            _text("GENRES", TextUse.CATEGORICAL, required=True),
            *(_number(name, "float") for name in ("PRICE", "DURATION", "AVERAGE_RATING")),
            *_categories("GENRE_L2", "GENRE_L3", "CONTENT_OWNER", "CONTENT_CLASSIFICATION"),
            _text("PRODUCT_DESCRIPTION", TextUse.TEXTUAL),
        ),
        DatasetType.USERS: (_key("USER_ID"), *_categories("SUBSCRIPTION_MODEL")),
    },
}

METADATA_LIMITS = {
    DatasetType.INTERACTIONS: 5,
    DatasetType.ITEMS: 100,
    DatasetType.USERS: 25,
    DatasetType.ACTIONS: 10,
    DatasetType.ACTION_INTERACTIONS: 5,
}
"""How many fields of the user's own a schema may have."""

NEEDS_METADATA = frozenset({DatasetType.ITEMS, DatasetType.USERS, DatasetType.ACTIONS})
"""The types whose schema must have metadata."""


def known_fields(kind: DatasetType, domain: Domain | None) -> dict[str, KnownField]:
    """The fields with a meaning of their own, by name; empty where the domain has no such datasets."""
    fields = _OF_DOMAINS[domain].get(kind, ()) if domain else _CUSTOM[kind]
    return {field.name: field for field in fields}


@dataclass(frozen=True)
class Dataset:
    """The dataset that data is imported into.

    Attributes:
        kind: Its type.
        domain: The domain of its group; None for a custom group.
    """

    kind: DatasetType
    domain: Domain | None = None

    @functools.cached_property
    def known(self) -> dict[str, KnownField]:
        """The fields that Amazon Personalize requires or reserves, by name."""
        return known_fields(self.kind, self.domain)

    @functools.cached_property
    def timestamps(self) -> frozenset[str]:
        """The reserved fields that are points in time. Other datasets may have fields of these names."""
        return frozenset(name for name in self.known if name.endswith("TIMESTAMP"))

    @functools.cached_property
    def keywords(self) -> frozenset[str]:
        """The names that may not be values."""
        return frozenset(self.known)
