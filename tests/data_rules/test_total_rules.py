# SPDX-License-Identifier: Apache-2.0
"""What the data must be like as a whole."""

import pytest

from personalize_import.data_rules.dataset_type import DatasetType
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
    assert rules == [finding.rule.id for finding in check_totals(totals, SCHEMA, kind, "data")]


def test_too_few_is_not_reported_where_not_all_was_counted() -> None:
    """What a file without a header has is unknown; what is too much stays too much."""
    nothing = Totals(0, complete=False)
    few = Totals(1, ids=1, event_types=11, complete=False)

    assert list(check_totals(nothing, SCHEMA, INTERACTIONS, "data")) == []
    assert [finding.rule.id for finding in check_totals(few, SCHEMA, INTERACTIONS, "data")] == [
        "event-types-count"
    ]


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
    assert [finding.found for finding in check_totals(totals, SCHEMA, kind, "data")] == found


def test_the_size_depends_on_the_import_mode() -> None:
    """What is too much for INCREMENTAL may be little for FULL."""
    assert size_rule(GIBIBYTE, "INCREMENTAL") is None
    assert size_rule(GIBIBYTE + 1, "INCREMENTAL") is SIZE_INCREMENTAL
    assert size_rule(100 * GIBIBYTE, "FULL") is None
    assert size_rule(100 * GIBIBYTE + 1, "FULL") is SIZE_FULL
