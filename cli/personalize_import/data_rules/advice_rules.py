# SPDX-License-Identifier: Apache-2.0
"""What the guide advises. An import succeeds without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from personalize_import.data_rules.dataset_type import Dataset, DatasetType, Domain
from personalize_import.data_rules.finding import Finding, counted
from personalize_import.data_rules.rule import GUIDE, QUOTAS, Rule, Severity

LEAST_PERCENT_FILLED = 70
MOST_CATEGORIES = 1000
LEAST_EVENTS_OF_A_TYPE = 1000

COLUMN_FILLED = Rule(
    "column-filled",
    "A column should have a value in at least 70 percent of the records.",
    "Fill in more values, or leave out the column.",
    GUIDE + "items-datasets.html",
    Severity.ADVICE,
    found="{field}: {value}",
)
CATEGORIES_COUNT = Rule(
    "categories-count",
    "A categorical column should have at most 1,000 categories.",
    "Join categories, or use the column for filters only.",
    GUIDE + "items-datasets.html",
    Severity.ADVICE,
    found="{field}: {value}",
)
INTERACTIONS_CONSIDERED = Rule(
    "interactions-considered",
    "Training should get at most 500 million interactions. It considers no more, apart from recipes that "
    "take 3 billion, or with a higher quota.",
    "Import the newest interactions only, or ask AWS for a higher quota.",
    QUOTAS,
    Severity.ADVICE,
)
ITEMS_CONSIDERED = Rule(
    "items-considered",
    "Training should get at most 750,000 items. It does not consider more, apart from recipes that take 5 "
    "million.",
    "Remove items that should not be recommended, or use User-Personalization-v2 or Personalized-Ranking-v2.",
    QUOTAS,
    Severity.ADVICE,
)
ACTIONS_CONSIDERED = Rule(
    "actions-considered",
    "Training should get at most 1,000 actions. It does not consider more.",
    "Remove actions that should not be recommended.",
    QUOTAS,
    Severity.ADVICE,
)
EVENTS_OF_USE_CASES = Rule(
    "events-of-use-cases",
    "Interactions of a domain should have at least 1,000 events of each type that its use cases need.",
    "Import more events of the type, or choose a use case that needs another type.",
    GUIDE + "domain-use-cases.html",
    Severity.ADVICE,
    found="{value}",
)

_CONSIDERED = {
    DatasetType.INTERACTIONS: (INTERACTIONS_CONSIDERED, 500_000_000),
    DatasetType.ITEMS: (ITEMS_CONSIDERED, 750_000),
    DatasetType.ACTIONS: (ACTIONS_CONSIDERED, 1000),
}
_RARE = frozenset(
    {
        "EVENT_VALUE",
        "IMPRESSION",
        "RECOMMENDATION_ID",
        "EVENT_ATTRIBUTION_SOURCE",
        "EXPIRATION_TIMESTAMP",
        "ACTION_EXPIRATION_TIMESTAMP",
        "REPEAT_FREQUENCY",
    }
)
"""Reserved fields that not every record has a use for."""

EVENT_TYPES = {Domain.ECOMMERCE: ("View", "Purchase"), Domain.VIDEO_ON_DEMAND: ("Watch", "Click")}
"""The event types that the use cases of a domain need."""


@dataclass
class ColumnTotals:
    """What has been counted for advice.

    Attributes:
        records: Records with values.
        empty: Empty values of each column, by the field's name.
        categories: Different categories of each categorical column, until there are too many.
        event_types: Events of each event type; None if there are too many types to count.
        complete: Whether all files were counted. If one was not, nothing is reported as too few.
    """

    records: int = 0
    empty: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    event_types: Mapping[str, int] | None = None
    complete: bool = True


def check_advice(totals: ColumnTotals, dataset: Dataset, place: str, import_mode: str) -> Iterator[Finding]:
    """Everything in which the data differs from the guide's advice.

    An INCREMENTAL import is a part of the dataset, so advice on the records of the dataset is left out.
    """
    for name, empty in totals.empty.items():
        percent = 100 * (totals.records - empty) // totals.records if totals.records else 100
        if percent < LEAST_PERCENT_FILLED and name.upper() not in _RARE.intersection(dataset.known):
            yield Finding(COLUMN_FILLED, place, field=name, value=f"{percent}% have a value")
    for name, count in totals.categories.items():
        if count > MOST_CATEGORIES:
            yield Finding(CATEGORIES_COUNT, place, field=name, value="more than 1,000 categories")
    if import_mode == "INCREMENTAL":
        return
    rule, most = _CONSIDERED.get(dataset.kind, (None, 0))
    if rule and totals.records > most:
        yield Finding(rule, place, value=counted(totals.records, "record"))
    is_counted = totals.complete and totals.event_types is not None
    if dataset.domain and dataset.kind is DatasetType.INTERACTIONS and is_counted:
        for name in EVENT_TYPES[dataset.domain]:
            count = (totals.event_types or {}).get(name, 0)
            if count < LEAST_EVENTS_OF_A_TYPE:
                yield Finding(EVENTS_OF_USE_CASES, place, value=f"Got {counted(count, name + ' event')}")
