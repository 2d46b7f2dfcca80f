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


def test_the_size_depends_on_the_import_mode() -> None:
    """What is too much for INCREMENTAL may be little for FULL."""
    assert size_rule(GIBIBYTE, "INCREMENTAL") is None
    assert size_rule(GIBIBYTE + 1, "INCREMENTAL") is SIZE_INCREMENTAL
    assert size_rule(100 * GIBIBYTE, "FULL") is None
    assert size_rule(100 * GIBIBYTE + 1, "FULL") is SIZE_FULL
