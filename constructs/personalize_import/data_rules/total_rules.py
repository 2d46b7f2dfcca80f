# SPDX-License-Identifier: Apache-2.0
"""What the data must be like as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from personalize_import.data_rules.dataset_type import DatasetType
from personalize_import.data_rules.finding import Finding
from personalize_import.data_rules.rule import GUIDE, QUOTAS, Rule, Severity
from personalize_import.data_rules.schema import Schema

LEAST_INTERACTIONS = 1000
LEAST_USERS = 25
LEAST_SHARE_OF_USERS = 0.01
MOST_EVENT_TYPES_AND_FIELDS = 10

RECORDS_NONE = Rule(
    "records-none",
    "There is a record to import.",
    "Add the data below the header.",
    QUOTAS,
)
INTERACTIONS_COUNT = Rule(
    "interactions-count",
    "An import of interactions has at least 1,000 records, FULL or INCREMENTAL.",
    "Wait for more data, or send single events with PutEvents.",
    QUOTAS,
)
USERS_COUNT = Rule(
    "users-count",
    "To train, at least 25 users have 2 interactions or more each.",
    "Import the data of more users before you train.",
    QUOTAS,
    Severity.WARNING,
)
USERS_SHARE = Rule(
    "users-share",
    "To train, at least 1 percent of the users have 2 interactions or more.",
    "Import more of the history of the users that return.",
    QUOTAS,
    Severity.WARNING,
)
EVENT_TYPES_COUNT = Rule(
    "event-types-count",
    "There are at most 10 event types and optional fields of interactions together.",
    "Join event types that mean nearly the same, or leave out a field.",
    QUOTAS,
    Severity.WARNING,
)
ID_REPEATED = Rule(
    "id-repeated",
    "Each record of items, users or actions has an id of its own.",
    "Keep one record of each id; of several, only one can be kept.",
    GUIDE + "items-datasets.html",
    Severity.WARNING,
)

_NOT_OPTIONAL = frozenset(
    {"USER_ID", "ITEM_ID", "TIMESTAMP", "IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE"}
)

IDS = {
    DatasetType.INTERACTIONS: "USER_ID",
    DatasetType.ITEMS: "ITEM_ID",
    DatasetType.USERS: "USER_ID",
    DatasetType.ACTIONS: "ACTION_ID",
}
"""The column whose values are counted."""


@dataclass(frozen=True)
class Totals:
    """What has been counted.

    Attributes:
        records: Records in all files.
        ids: Different values of the column in `IDS`; None where it was not counted.
        repeated_ids: How many of these have two records or more.
        exact: Whether these two are counts, rather than estimates from a sample.
        event_types: Different event types; counting ends soon after there are too many.
    """

    records: int
    ids: int | None = None
    repeated_ids: int = 0
    exact: bool = True
    event_types: int = 0


def check_totals(totals: Totals, schema: Schema, kind: DatasetType, place: str) -> Iterator[Finding]:
    """Everything that is wrong with the data as a whole."""
    if not totals.records:
        yield Finding(RECORDS_NONE, place)
    elif kind is DatasetType.INTERACTIONS:
        yield from _check_interactions(totals, schema, place)
    elif kind in IDS and totals.repeated_ids:
        about = "" if totals.exact else "about "
        yield Finding(ID_REPEATED, place, field=IDS[kind], value=f"{about}{totals.repeated_ids:,} ids")


def _check_interactions(totals: Totals, schema: Schema, place: str) -> Iterator[Finding]:
    if totals.records < LEAST_INTERACTIONS:
        yield Finding(INTERACTIONS_COUNT, place, value=f"{totals.records} records")
    if totals.ids is not None:
        enough = totals.repeated_ids
        if enough < LEAST_USERS:
            yield Finding(USERS_COUNT, place, value=f"{enough} users")
        elif enough < LEAST_SHARE_OF_USERS * totals.ids:
            yield Finding(USERS_SHARE, place, value=f"{enough:,} of {totals.ids:,} users")
    optional = len(schema.keys - _NOT_OPTIONAL)
    if totals.event_types and totals.event_types + optional > MOST_EVENT_TYPES_AND_FIELDS:
        value = f"{totals.event_types} event types and {optional} fields"
        yield Finding(EVENT_TYPES_COUNT, place, value=value)
