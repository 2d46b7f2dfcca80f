# SPDX-License-Identifier: Apache-2.0
"""What the data must be like as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from personalize_import.data_rules.dataset_type import Dataset, DatasetType
from personalize_import.data_rules.finding import Finding, counted
from personalize_import.data_rules.rule import GUIDE, QUOTAS, Rule, Severity
from personalize_import.data_rules.schema import Schema

LEAST_INTERACTIONS = 1000
LEAST_USERS = 25
LEAST_SHARE_OF_USERS = 0.01
MOST_EVENT_TYPES_AND_FIELDS = 10

RECORDS_NONE = Rule(
    "records-none",
    "There must be at least one record.",
    "Add records below the header.",
    QUOTAS,
)
INTERACTIONS_COUNT = Rule(
    "interactions-count",
    "An import of interactions, FULL or INCREMENTAL, must have at least 1,000 records.",
    "Wait for more data, or send single events with PutEvents.",
    QUOTAS,
)
INTERACTIONS_UNIQUE = Rule(
    "interactions-unique",
    "For training, at least 1,000 interactions must be unique.",
    "Import more data before you train.",
    QUOTAS,
    Severity.WARNING,
)
EVENT_REPEATED = Rule(
    "event-repeated",
    "Each interaction must be unique. Of those with the same timestamp and the same properties, Amazon "
    "Personalize keeps one.",
    "Remove the repeated records. Check whether the timestamps have lost precision.",
    GUIDE + "interactions-datasets.html#item-interaction-requirements",
    Severity.WARNING,
)
USERS_COUNT = Rule(
    "users-count",
    "For training, at least 25 users must have 2 interactions or more each.",
    "Import the data of more users before you train.",
    QUOTAS,
    Severity.WARNING,
)
USERS_SHARE = Rule(
    "users-share",
    "For training, at least 1 percent of the users must have 2 interactions or more each.",
    "Import more of the history of users who return.",
    QUOTAS,
    Severity.WARNING,
)
EVENT_TYPES_COUNT = Rule(
    "event-types-count",
    "Event types and optional fields of interactions must be at most 10 together. EVENT_TYPE is one of the "
    "fields.",
    "Join event types that mean nearly the same, or remove a field.",
    QUOTAS,
    Severity.WARNING,
)
ID_REPEATED = Rule(
    "id-repeated",
    "Each record of items, users or actions must have an id of its own.",
    "Keep one record of each id. Of several, only one can be kept.",
    GUIDE + "items-datasets.html",
    Severity.WARNING,
    found="Got {value} of {field} more than once",
)

_NOT_COUNTED = frozenset(
    {"USER_ID", "ITEM_ID", "TIMESTAMP", "IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE"}
)
"""Fields that the quota does not count. EVENT_TYPE counts, also in a domain, which requires it."""

IDS = {
    DatasetType.ITEMS: "ITEM_ID",
    DatasetType.USERS: "USER_ID",
    DatasetType.ACTIONS: "ACTION_ID",
}
"""The column of which each record must have a value of its own."""


@dataclass(frozen=True)
class Totals:
    """What has been counted.

    Attributes:
        records: Records in all files, those included that cannot be split into values.
        ids: Different values of the column in `IDS`, or users of interactions; None where not counted.
        repeated_ids: How many of these have two records or more; of users, two unique events or more.
        exact: Whether these two are counts, rather than estimates from a sample.
        events: Records of which interactions were made; None where they were not counted.
        unique_events: How many of these are different.
        exact_events: Whether that is a count, rather than an estimate from a sample.
        event_types: Different event types; counting ends soon after there are too many.
        complete: Whether all files were counted. If one was not, nothing is reported as too few.
    """

    records: int
    ids: int | None = None
    repeated_ids: int = 0
    exact: bool = True
    events: int | None = None
    unique_events: int = 0
    exact_events: bool = True
    event_types: int = 0
    complete: bool = True


def check_totals(
    totals: Totals, schema: Schema, dataset: Dataset, place: str, import_mode: str
) -> Iterator[Finding]:
    """Everything that is wrong with the data as a whole.

    An INCREMENTAL import is a part of the dataset, so what training needs is not asked of it.
    """
    kind = dataset.kind
    if not totals.records:
        if totals.complete:
            yield Finding(RECORDS_NONE, place, value=counted(0, "record"))
        return
    if totals.events is not None and totals.unique_events < totals.events:
        about = "" if totals.exact_events else "about "
        value = f"{counted(totals.events, 'record')}, of which {about}{totals.unique_events:,} are unique"
        yield Finding(EVENT_REPEATED, place, value=value)
    if kind is DatasetType.INTERACTIONS:
        if totals.complete:
            yield from _check_too_few(totals, place, import_mode)
        yield from _check_event_types(totals, schema, place)
    elif kind in IDS and totals.repeated_ids:
        value = _about(totals) + counted(totals.repeated_ids, "value")
        yield Finding(ID_REPEATED, place, field=IDS[kind], value=value)


def _check_event_types(totals: Totals, schema: Schema, place: str) -> Iterator[Finding]:
    optional = len(schema.keys - _NOT_COUNTED)
    if totals.event_types and totals.event_types + optional > MOST_EVENT_TYPES_AND_FIELDS:
        # Counting has ended where the event types by themselves are too many.
        more = " or more" if totals.event_types > MOST_EVENT_TYPES_AND_FIELDS else ""
        types = (
            f"{totals.event_types}{more} event types" if more else counted(totals.event_types, "event type")
        )
        yield Finding(EVENT_TYPES_COUNT, place, value=f"{types} and {counted(optional, 'optional field')}")


def _check_too_few(totals: Totals, place: str, import_mode: str) -> Iterator[Finding]:
    if totals.records < LEAST_INTERACTIONS:
        yield Finding(INTERACTIONS_COUNT, place, value=counted(totals.records, "record"))
    if import_mode == "INCREMENTAL":
        return
    few_unique = totals.events is not None and totals.unique_events < LEAST_INTERACTIONS
    if few_unique and totals.records >= LEAST_INTERACTIONS:
        yield Finding(INTERACTIONS_UNIQUE, place, value=f"{totals.unique_events:,} unique interactions")
    if totals.ids is None:
        return
    enough = totals.repeated_ids
    if enough < LEAST_USERS:
        yield Finding(USERS_COUNT, place, value=_about(totals) + counted(enough, "such user"))
    elif enough < LEAST_SHARE_OF_USERS * totals.ids:
        value = f"{_about(totals)}{enough:,} of {counted(totals.ids, 'user')}"
        yield Finding(USERS_SHARE, place, value=value)


def _about(totals: Totals) -> str:
    return "" if totals.exact else "about "
