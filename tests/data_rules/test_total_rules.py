# SPDX-License-Identifier: Apache-2.0
"""What the data must be like as a whole."""

import pytest

from personalize_import.data_rules.advice_rules import ColumnTotals, check_advice
from personalize_import.data_rules.dataset_type import Dataset, DatasetType, Domain
from personalize_import.data_rules.file_rules import GIBIBYTE, SIZE_FULL, SIZE_INCREMENTAL, size_rule
from personalize_import.data_rules.schema import Field, Schema
from personalize_import.data_rules.total_rules import Totals, check_totals

STRING = frozenset({"string"})
SCHEMA = Schema("Interactions", tuple(Field(name, STRING) for name in ("USER_ID", "ITEM_ID", "EVENT_TYPE")))
INTERACTIONS = DatasetType.INTERACTIONS


@pytest.mark.parametrize(
    ("totals", "kind", "rules"),
    [
        (Totals(1000, ids=500, repeated_ids=25, event_types=9), INTERACTIONS, []),
        (Totals(0), INTERACTIONS, ["records-none"]),
        (Totals(999, ids=500, repeated_ids=25), INTERACTIONS, ["interactions-count"]),
        (Totals(1000, ids=500, repeated_ids=24), INTERACTIONS, ["users-count"]),
        (Totals(9000, ids=2501, repeated_ids=25), INTERACTIONS, ["users-share"]),
        (Totals(1000, ids=500, repeated_ids=25, event_types=10), INTERACTIONS, ["event-types-count"]),
        (Totals(1, ids=1), DatasetType.ITEMS, []),
        (Totals(0), DatasetType.ITEMS, ["records-none"]),
        (Totals(3, ids=2, repeated_ids=1), DatasetType.ITEMS, ["id-repeated"]),
        (Totals(3), DatasetType.ACTION_INTERACTIONS, []),
    ],
)
def test_data_breaks_the_rule_that_is_about_it(totals: Totals, kind: DatasetType, rules: list[str]) -> None:
    """Each limit of the service's quotas holds, and not one record earlier."""
    assert rules == [
        finding.rule.id for finding in check_totals(totals, SCHEMA, Dataset(kind), "data", "FULL")
    ]


def test_too_few_is_not_reported_where_not_all_was_counted() -> None:
    """What a file without a header has is unknown; what is too much stays too much."""
    nothing = Totals(0, complete=False)
    few = Totals(1, ids=1, event_types=11, complete=False)

    assert list(check_totals(nothing, SCHEMA, Dataset(INTERACTIONS), "data", "FULL")) == []
    assert [
        finding.rule.id for finding in check_totals(few, SCHEMA, Dataset(INTERACTIONS), "data", "FULL")
    ] == ["event-types-count"]


@pytest.mark.parametrize(
    ("totals", "rules"),
    [
        (Totals(1000, ids=500, repeated_ids=0), []),
        (Totals(9000, ids=2501, repeated_ids=25), []),
        (Totals(1000, ids=500, repeated_ids=25, events=1000, unique_events=999), ["event-repeated"]),
        (Totals(999, ids=500, repeated_ids=25), ["interactions-count"]),
        (Totals(1000, ids=500, repeated_ids=25, event_types=10), ["event-types-count"]),
        (Totals(0), ["records-none"]),
    ],
)
def test_an_incremental_import_is_a_part_of_the_dataset(totals: Totals, rules: list[str]) -> None:
    """It need not have what training needs, because the dataset may have it."""
    found = check_totals(totals, SCHEMA, Dataset(INTERACTIONS), "data", "INCREMENTAL")

    assert rules == [finding.rule.id for finding in found]


def columns(records: int, **events: int) -> ColumnTotals:
    """The totals for advice, of data with one empty column."""
    return ColumnTotals(records, {"DEVICE": records}, {"GENRES": 1001}, events)


@pytest.mark.parametrize(
    ("import_mode", "rules"),
    [
        ("FULL", ["column-filled", "categories-count", "items-considered"]),
        ("INCREMENTAL", ["column-filled", "categories-count"]),
    ],
)
def test_advice_on_the_whole_dataset_is_for_full_imports(import_mode: str, rules: list[str]) -> None:
    """What training considers is a number of the dataset, not of its part."""
    found = check_advice(columns(750_001), Dataset(DatasetType.ITEMS), "data", import_mode)

    assert rules == [finding.rule.id for finding in found]


@pytest.mark.parametrize(
    ("empty", "found"), [(300, []), (301, ["DEVICE: 69% have a value"]), (1000, ["DEVICE: 0% have a value"])]
)
def test_the_share_of_filled_values_is_rounded_down(empty: int, found: list[str]) -> None:
    """69.9 percent are not said to be the 70 that are asked for."""
    advised = check_advice(ColumnTotals(1000, {"DEVICE": empty}), Dataset(INTERACTIONS), "data", "FULL")

    assert [finding.found for finding in advised] == found


@pytest.mark.parametrize(
    ("kind", "name", "count"),
    [
        (INTERACTIONS, "recommendation_id", 0),
        (INTERACTIONS, "EVENT_ATTRIBUTION_SOURCE", 0),
        (INTERACTIONS, "IMPRESSION", 0),
        (DatasetType.ACTIONS, "EXPIRATION_TIMESTAMP", 0),
        (DatasetType.ITEMS, "EXPIRATION_TIMESTAMP", 1),
        (DatasetType.ITEMS, "CREATION_TIMESTAMP", 1),
    ],
)
def test_reserved_fields_that_few_records_need_may_be_empty(kind: DatasetType, name: str, count: int) -> None:
    """In another dataset, a field of the same name is the user's own."""
    advised = check_advice(ColumnTotals(1000, {name: 900}), Dataset(kind), "data", "INCREMENTAL")

    assert len(list(advised)) == count


@pytest.mark.parametrize(("import_mode", "count"), [("FULL", 2), ("INCREMENTAL", 0)])
def test_events_of_use_cases_are_counted_in_full_imports(import_mode: str, count: int) -> None:
    """The dataset may have the other events."""
    dataset = Dataset(INTERACTIONS, Domain.ECOMMERCE)
    found = check_advice(columns(1000, View=1), dataset, "data", import_mode)

    assert count == [finding.rule.id for finding in found].count("events-of-use-cases")


@pytest.mark.parametrize(
    ("field", "event_types", "rules"),
    [
        ("IMPRESSION", 9, []),
        ("IMPRESSION", 10, ["event-types-count"]),
        ("DEVICE", 8, []),
        ("DEVICE", 9, ["event-types-count"]),
    ],
)
@pytest.mark.parametrize("domain", [None, *Domain])
def test_the_event_type_counts_as_a_field_in_every_dataset_group(
    domain: Domain | None, field: str, event_types: int, rules: list[str]
) -> None:
    """The pages of the domains, which require it, count it like that of custom datasets."""
    names = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", field)
    schema = Schema("Interactions", tuple(Field(name, STRING) for name in names))
    totals = Totals(1000, ids=500, repeated_ids=25, event_types=event_types)

    found = check_totals(totals, schema, Dataset(INTERACTIONS, domain), "data", "FULL")

    assert rules == [finding.rule.id for finding in found]


@pytest.mark.parametrize(
    ("totals", "kind", "found"),
    [
        (Totals(0), INTERACTIONS, ["Got 0 records"]),
        (Totals(1, ids=1, repeated_ids=1), INTERACTIONS, ["Got 1 record", "Got 1 such user"]),
        (Totals(9000, ids=2501, repeated_ids=25), INTERACTIONS, ["Got 25 of 2,501 users"]),
        (
            Totals(9**9, ids=10**8, repeated_ids=32, exact=False),
            INTERACTIONS,
            ["Got about 32 of 100,000,000 users"],
        ),
        (
            Totals(1000, ids=500, repeated_ids=25, event_types=10),
            INTERACTIONS,
            ["Got 10 event types and 1 optional field"],
        ),
        (
            Totals(1000, ids=500, repeated_ids=25, event_types=11),
            INTERACTIONS,
            ["Got 11 or more event types and 1 optional field"],
        ),
        (Totals(3, ids=2, repeated_ids=1), DatasetType.ITEMS, ["Got 1 value of ITEM_ID more than once"]),
        (
            Totals(3, ids=2, repeated_ids=2000, exact=False),
            DatasetType.ITEMS,
            ["Got about 2,000 values of ITEM_ID more than once"],
        ),
    ],
)
def test_what_was_counted_is_said_as_it_is(totals: Totals, kind: DatasetType, found: list[str]) -> None:
    """Singular and plural are right, and an estimate says that it is one."""
    assert [finding.found for finding in check_totals(totals, SCHEMA, Dataset(kind), "data", "FULL")] == found


def test_the_size_depends_on_the_import_mode() -> None:
    """What is too much for INCREMENTAL may be little for FULL."""
    assert size_rule(GIBIBYTE, "INCREMENTAL") is None
    assert size_rule(GIBIBYTE + 1, "INCREMENTAL") is SIZE_INCREMENTAL
    assert size_rule(100 * GIBIBYTE, "FULL") is None
    assert size_rule(100 * GIBIBYTE + 1, "FULL") is SIZE_FULL
