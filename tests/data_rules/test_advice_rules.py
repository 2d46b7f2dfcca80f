# SPDX-License-Identifier: Apache-2.0
"""What the guide advises, as far as it depends on all files."""

import pytest

from personalize_import.data_rules.advice_rules import EVENTS_OF_USE_CASES, ColumnTotals, check_advice
from personalize_import.data_rules.dataset_type import Dataset, DatasetType, Domain


@pytest.mark.parametrize(("complete", "found"), [(True, ["Got 0 Purchase events"]), (False, [])])
def test_events_are_too_few_only_where_all_files_were_counted(complete: bool, found: list[str]) -> None:
    """A file without a header may hold the others."""
    totals = ColumnTotals(records=3000, event_types={"View": 3000}, complete=complete)
    dataset = Dataset(DatasetType.INTERACTIONS, Domain.ECOMMERCE)

    findings = check_advice(totals, dataset, "data/", "FULL")

    assert [each.value for each in findings if each.rule is EVENTS_OF_USE_CASES] == found
