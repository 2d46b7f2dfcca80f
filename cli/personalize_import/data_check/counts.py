# SPDX-License-Identifier: Apache-2.0
"""Counts over all the data, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import polars as pl

MOST_IDS = 100_000
"""Ids that are remembered where a share is enough. That is then right to within a percent."""

MOST_EXACT_IDS = 5_000_000
"""Ids that are remembered where each repeated one counts. Training considers no more items."""

MOST_EVENTS = 100_000
"""Unique events that are remembered."""

_PARTS = 16
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
        # In one part, and in several once they are many, so that merging takes little memory; by the first
        # bits, as the last ones say what is kept.
        self._counts = [_counted(pl.Series("hash", [], pl.UInt64))]
        self._waiting: list[pl.Series] = []

    def add(self, hashes: pl.Series) -> None:
        """Count some values, of which the hashes are given."""
        hashes = hashes.rename("hash")
        if self._one_in > 1:
            hashes = hashes.filter(hashes % self._one_in == 0)
        self._waiting.append(hashes)
        if sum(map(len, self._waiting)) >= min(_ROWS_TO_MERGE, 2 * self._most):
            self._merge()

    @property
    def exact(self) -> bool:
        """Whether every value is remembered."""
        return self._one_in == 1

    def totals(self) -> tuple[int, int]:
        """How many different values there are, and how many of them came more than once."""
        self._merge()
        repeated = sum(int((part["n"] > 1).sum()) for part in self._counts)
        return self._height * self._one_in, repeated * self._one_in

    @property
    def _height(self) -> int:
        return sum(part.height for part in self._counts)

    def _merge(self) -> None:
        if self._waiting:
            waiting = pl.concat(self._waiting)
            self._waiting = []
            if len(self._counts) == 1 and self._height + len(waiting) > _ROWS_TO_MERGE:
                [counts] = self._counts
                self._counts = [counts.filter(_is_in_part(counts["hash"], part)) for part in range(_PARTS)]
            for position, counts in enumerate(self._counts):
                is_one = len(self._counts) == 1
                more = _counted(waiting if is_one else waiting.filter(_is_in_part(waiting, position)))
                merged = pl.concat([counts, more]).group_by("hash").agg(pl.col("n").sum())
                self._counts[position] = merged
        while self._height > self._most:
            self._one_in *= 2
            self._counts = [part.filter(pl.col("hash") % self._one_in == 0) for part in self._counts]


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

    def add(self, events: pl.Series, users: pl.Series) -> None:
        """Count some events, of which the hashes are given, and those of their users."""
        self.events += len(events)
        frame = pl.DataFrame({"event": events, "user": users})
        self._waiting.append(frame.filter(pl.col("event") % self._one_in == 0) if self._one_in > 1 else frame)
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
        self._unique = (
            pl.concat([self._unique, *waiting])
            .group_by("event")
            .agg(pl.col("user").first(), pl.col("n").sum())
        )
        while self._unique.height > self._most:
            self._one_in *= 2
            self._unique = self._unique.filter(pl.col("event") % self._one_in == 0)


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


def _is_in_part(hashes: pl.Series, part: int) -> pl.Series:
    return hashes // (2**64 // _PARTS) == part


def _counted(hashes: pl.Series) -> pl.DataFrame:
    return hashes.to_frame().group_by("hash").agg(pl.len().alias("n").cast(pl.UInt32))
