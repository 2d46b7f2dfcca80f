# SPDX-License-Identifier: Apache-2.0
"""Counts are right in bounded memory."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_import.data_check.counts import FewValues, IdSample


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 20).map(str))))
def test_few_ids_are_counted_exactly(blocks: list[list[str]]) -> None:
    """As long as they fit, every id counts, however the data is cut."""
    sample = IdSample(most=30)
    for block in blocks:
        sample.add(pl.Series(block, dtype=pl.String))

    ids = [value for block in blocks for value in block]
    assert sample.totals() == (len(set(ids)), len({value for value in ids if ids.count(value) > 1}))
    assert sample.exact


def test_many_ids_are_estimated_from_a_fair_sample() -> None:
    """Of 200,000 ids, each tenth with two records, a memory of 5,000 tells within a tenth."""
    sample = IdSample(most=5_000)
    for start in range(0, 200_000, 10_000):
        ids = [str(number) for number in range(start, start + 10_000)]
        sample.add(pl.Series(ids + ids[::10]))

    different, repeated = sample.totals()

    assert not sample.exact
    assert 180_000 < different < 220_000
    assert 16_000 < repeated < 24_000


def test_counting_ends_where_there_are_too_many_values() -> None:
    """A column with a different value in each record costs no memory."""
    few = FewValues(most=3)

    few.add(pl.Series([str(number) for number in range(1000)]))
    few.add(pl.Series(["more"]))

    assert few.count == 3
