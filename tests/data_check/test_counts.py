# SPDX-License-Identifier: Apache-2.0
"""Counts are right in bounded memory."""

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_import.data_check.counts import EventCounts, FewValues, HashCounts, UserCounts


def hashes(values: list[str]) -> np.ndarray:
    """The hashes of some values."""
    return pl.Series(values, dtype=pl.String).hash().to_numpy()


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 20).map(str))))
def test_few_ids_are_counted_exactly(blocks: list[list[str]]) -> None:
    """As long as they fit, every id counts, however the data is cut."""
    counts = HashCounts(most=30)
    for block in blocks:
        counts.add(hashes(block))

    ids = [value for block in blocks for value in block]
    assert counts.totals() == (len(set(ids)), len({value for value in ids if ids.count(value) > 1}))
    assert counts.exact


def test_many_ids_are_counted_exactly_in_parts() -> None:
    """Where each repeated id counts, one among millions is found, whichever part it is in."""
    counts = HashCounts(most=5_000_000)
    for start in range(0, 2_400_000, 400_000):
        counts.add(pl.int_range(start, start + 400_000, eager=True).hash().to_numpy())
    counts.add(pl.Series([7, 1_234_567]).hash().to_numpy())

    assert counts.exact
    assert counts.totals() == (2_400_000, 2)


def test_many_ids_are_estimated_from_a_fair_sample() -> None:
    """Of 200,000 ids, each tenth with two records, 5,000 hashes give a count that is right within a tenth."""
    counts = HashCounts(most=5_000)
    for start in range(0, 200_000, 10_000):
        ids = [str(number) for number in range(start, start + 10_000)]
        counts.add(hashes(ids + ids[::10]))

    different, repeated = counts.totals()

    assert not counts.exact
    assert 180_000 < different < 220_000
    assert 16_000 < repeated < 24_000


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from("uvw"), st.integers(0, 3)))))
def test_unique_events_and_their_users_are_counted(blocks: list[list[tuple[str, int]]]) -> None:
    """An event that is repeated counts once, also for its user."""
    counts = EventCounts()
    for block in blocks:
        counts.add(hashes([f"{user}{event}" for user, event in block]), hashes([user for user, _ in block]))

    unique = {event for block in blocks for event in block}
    events_of = Counter(user for user, _ in unique)
    assert counts.events == sum(map(len, blocks))
    assert counts.unique() == len(unique)
    assert counts.users() == (len(events_of), sum(count > 1 for count in events_of.values()))
    assert counts.exact


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from("uvw"), st.integers(0, 3)))))
def test_the_users_of_unique_events_are_counted(blocks: list[list[tuple[str, int]]]) -> None:
    """A user whose only event is repeated has one, in whichever blocks it is."""
    counts = UserCounts()
    for block in blocks:
        events = hashes([f"{user}{event}" for user, event in block])
        counts.add_events(events, hashes([user for user, _ in block]))

    events_of = Counter(user for user, _ in {event for block in blocks for event in block})
    assert counts.totals() == (len(events_of), sum(count > 1 for count in events_of.values()))


def test_many_users_are_estimated_from_a_fair_sample_of_users() -> None:
    """Of 200,000 users with one event, twice, each tenth has another one: right within a tenth."""
    counts = UserCounts(most=5_000)
    for start in [*range(0, 200_000, 10_000)] * 2:
        names = [str(number) for number in range(start, start + 10_000)]
        users = hashes(names + names[::10])
        counts.add_events(hashes(names + [f"{name} again" for name in names[::10]]), users)

    different, repeated = counts.totals()

    assert not counts.exact
    assert 180_000 < different < 220_000
    assert 16_000 < repeated < 24_000


def test_many_unique_events_are_estimated() -> None:
    """Of 100,000 events, each twice, 5,000 hashes give a count that is right within a tenth."""
    counts = EventCounts(most=5_000)
    for start in range(0, 100_000, 10_000):
        events = hashes([str(number) for number in range(start, start + 10_000)])
        counts.add(events, events)
        counts.add(events, events)

    assert not counts.exact
    assert 90_000 < counts.unique() < 110_000


def test_of_many_unique_events_none_is_taken_for_repeated() -> None:
    """A sample without repeated events says so, however large it is."""
    counts = EventCounts(most=1_000)

    for start in range(0, 50_000, 10_000):
        events = hashes([str(number) for number in range(start, start + 10_000)])
        counts.add(events, events)

    assert not counts.exact
    assert counts.unique() == counts.events == 50_000


def test_counting_ends_where_there_are_too_many_values() -> None:
    """A column with a different value in each record costs no memory."""
    few = FewValues(most=3)

    few.add((str(number), 1) for number in range(1000))
    few.add([("more", 1)])

    assert few.too_many
    assert (few.count, few.counts) == (4, None)


def test_null_and_empty_are_no_value() -> None:
    """How a value is written in the file makes no difference."""
    few = FewValues(most=3)

    few.add([("a", 1), (None, 1), ("", 1), ("a", 1)])

    assert few.counts == {"a": 2}


def test_categories_are_counted_one_by_one() -> None:
    """A value may hold several."""
    few = FewValues(most=3, separated=True)

    few.add([("a|b", 1), ("b|c", 1), ("a", 1)])

    assert few.count == 3
