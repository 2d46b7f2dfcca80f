# SPDX-License-Identifier: Apache-2.0
"""Counts over all the data, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import polars as pl

MOST_IDS = 100_000
"""Ids that are remembered where a share is enough. That is then right to within a percent."""

_EVENT_BITS, _USER_BITS = np.uint64(16), np.uint64(48)
"""A pair of a user and an event has so many bits of the hash of each."""

_OF_EVENT = np.uint64(2**16 - 1)

MOST_EXACT_IDS = 5_000_000
"""Ids that are remembered where each repeated one counts. Training considers no more items."""

MOST_EVENTS = 100_000
"""Unique events that are remembered."""

_PARTS = 16
_BOUNDS = np.arange(1, _PARTS, dtype=np.uint64) * np.uint64(2**64 // _PARTS)
_ROWS_TO_MERGE = 1_000_000


class HashCounts:
    """Counts the different values of a column, and those that come more than once, by their hashes.

    It remembers all hashes at first. Where they are too many, it keeps those whose last bit is 0, then those
    whose last two bits are, and so on. What is left is a fair sample of the values, with true counts of each
    (distinct sampling: P. Gibbons, VLDB 2001).

    Args:
        most: How many hashes are remembered.
    """

    def __init__(self, most: int = MOST_IDS) -> None:
        self._most = most
        self._one_in = 1
        # Sorted, each at most twice. In parts by the first bits, so that merging takes little memory.
        self._parts = [np.empty(0, np.uint64)] * _PARTS
        self._waiting: list[np.ndarray] = []

    def add(self, hashes: np.ndarray) -> None:
        """Count some values, of which the hashes are given."""
        self._waiting.append(self._sampled(hashes))
        if sum(map(len, self._waiting)) >= min(_ROWS_TO_MERGE, 2 * self._most):
            self._merge()

    @property
    def exact(self) -> bool:
        """Whether every value is remembered."""
        return self._one_in == 1

    def totals(self) -> tuple[int, int]:
        """How many different values there are, and how many of them came more than once."""
        self._merge()
        different = self._different
        return different * self._one_in, (sum(map(len, self._parts)) - different) * self._one_in

    @property
    def _different(self) -> int:
        return sum(len(_different(self._counted(part))) for part in self._parts)

    def _counted(self, hashes: np.ndarray) -> np.ndarray:
        """What is counted."""
        return hashes

    def _sampled(self, hashes: np.ndarray) -> np.ndarray:
        return hashes if self._one_in == 1 else _sampled(hashes, self._one_in, self._counted(hashes))

    def _merge(self) -> None:
        if self._waiting:
            waiting = self._kept(np.sort(np.concatenate(self._waiting)))
            self._waiting = []
            for position, more in enumerate(np.split(waiting, np.searchsorted(waiting, _BOUNDS))):
                self._parts[position] = self._kept(np.sort(np.concatenate([self._parts[position], more])))
        while self._different > self._most:
            self._one_in *= 2
            self._parts = [self._sampled(part) for part in self._parts]

    def _kept(self, hashes: np.ndarray) -> np.ndarray:
        """Those of some sorted hashes that are remembered: each at most twice."""
        return _first_two(hashes, hashes)


class UserCounts(HashCounts):
    """Counts users, and those who have two unique events or more, by their hashes.

    An event that is repeated counts once. Only a part of each hash is compared, so the counts are estimates
    even if every user is remembered.
    """

    def add_events(self, events: np.ndarray, users: np.ndarray) -> None:
        """Count some events, of which the hashes are given, and those of their users."""
        pairs = users & ~_OF_EVENT
        pairs |= events >> _USER_BITS
        self.add(pairs)

    def _counted(self, hashes: np.ndarray) -> np.ndarray:
        users: np.ndarray = hashes >> _EVENT_BITS
        return users

    def _kept(self, hashes: np.ndarray) -> np.ndarray:
        pairs = _different(hashes)
        return _first_two(pairs, self._counted(pairs))


class EventCounts:
    """Counts the unique ones of events, and the users who have two of these or more.

    Args:
        most: How many unique events are remembered; of more, a fair sample.
    """

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self.events = 0
        self._most = most
        self._one_in = 1
        self._unique = pl.DataFrame(schema={"event": pl.UInt64, "user": pl.UInt64, "n": pl.UInt32})
        self._waiting: list[pl.DataFrame] = []

    def add(self, events: np.ndarray, users: np.ndarray) -> None:
        """Count some events, of which the hashes are given, and those of their users."""
        self.events += len(events)
        if self._one_in > 1:
            is_sampled = events & np.uint64(self._one_in - 1) == 0
            events, users = events[is_sampled], users[is_sampled]
        self._waiting.append(pl.DataFrame({"event": events, "user": users}))
        if sum(each.height for each in self._waiting) >= min(_ROWS_TO_MERGE, 2 * self._most):
            self._merge()

    @property
    def exact(self) -> bool:
        """Whether every unique event is remembered."""
        return self._one_in == 1

    def unique(self) -> int:
        """How many unique events there are."""
        self._merge()
        if self.exact:
            return self._unique.height
        # By the share in the sample: where no event is repeated, that is all of them.
        sampled = int(self._unique["n"].sum())
        return self.events * self._unique.height // sampled if sampled else self.events

    def users(self) -> tuple[int, int]:
        """How many users there are, and how many of them have two unique events or more; if it is exact."""
        self._merge()
        counts = self._unique.group_by("user").len()
        return counts.height, int((counts["len"] > 1).sum())

    def _merge(self) -> None:
        waiting = [frame.with_columns(n=pl.lit(1, pl.UInt32)) for frame in self._waiting]
        self._waiting = []
        events = pl.concat([self._unique, *waiting])
        # To sort takes less time than to group, so that what is too much is left out before.
        different = _different(np.sort(events["event"].to_numpy()))
        while len(different) > self._most:
            self._one_in *= 2
            different = _sampled(different, self._one_in, different)
        self._unique = (
            events.filter(pl.col("event") % self._one_in == 0)
            .group_by("event")
            .agg(pl.col("user").first(), pl.col("n").sum())
        )


class FewValues:
    """Counts each of the different values of a column, as long as there are few.

    Args:
        most: How many different values are remembered. Counting ends where there are more.
        separated: Whether a value may be several, with `|` between them.
    """

    def __init__(self, most: int, *, separated: bool = False) -> None:
        self._most = most
        self._separated = separated
        self._counts: Counter[str] = Counter()

    def add(self, values: Iterable[tuple[str | None, int]]) -> None:
        """Count some values, given with how often each occurs. Empty ones do not count."""
        if self.too_many:
            return
        for value, count in values:
            for each in value.split("|") if value and self._separated else [value]:
                if each:
                    self._counts[each] += count

    @property
    def too_many(self) -> bool:
        """Whether there are more than are remembered."""
        return len(self._counts) > self._most

    @property
    def count(self) -> int:
        """How many different values there are; one more than are remembered, if there are too many."""
        return min(len(self._counts), self._most + 1)

    @property
    def counts(self) -> dict[str, int] | None:
        """How often each value occurs; None if there are too many."""
        return None if self.too_many else dict(self._counts)


def _sampled(hashes: np.ndarray, one_in: int, by: np.ndarray) -> np.ndarray:
    """The hashes where the last bits of `by` are 0, which are one in so many: a power of two."""
    return hashes if one_in == 1 else hashes[by & np.uint64(one_in - 1) == 0]


def _first_two(hashes: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Of some sorted hashes, the first two of each value of `by`."""
    is_kept = np.ones(len(hashes), np.bool_)
    np.not_equal(by[2:], by[:-2], out=is_kept[2:])
    kept: np.ndarray = hashes[is_kept]
    return kept


def _different(hashes: np.ndarray) -> np.ndarray:
    """Each of some sorted hashes once."""
    return np.concatenate([hashes[:1], hashes[1:][hashes[1:] != hashes[:-1]]])
