# SPDX-License-Identifier: Apache-2.0
"""Counts over all the data, in bounded memory."""

from __future__ import annotations

import polars as pl

from personalize_import.data_rules.total_rules import MOST_EVENT_TYPES_AND_FIELDS

MOST_IDS = 100_000
"""How many ids are remembered. The share of users with two interactions is then right to within a percent."""

ROWS_TO_MERGE = 1_000_000


class IdSample:
    """Counts the different values of a column, and those that come more than once.

    It remembers hashes: all of them at first; where that gets too many, those whose last bit is 0, then those
    whose last two bits are, and so on. What is left is a fair sample of the ids with true counts of each
    (distinct sampling: P. Gibbons, VLDB 2001).
    """

    def __init__(self, most: int = MOST_IDS) -> None:
        self._most = most
        self._one_in = 1
        self._counts = _count(pl.Series("id", [], pl.UInt64))
        self._waiting: list[pl.Series] = []

    def add(self, values: pl.Series) -> None:
        """Count some values."""
        hashes = values.drop_nulls().hash().rename("id")
        self._waiting.append(self._sampled(hashes))
        if sum(map(len, self._waiting)) >= min(ROWS_TO_MERGE, 10 * self._most):
            self._merge()

    @property
    def exact(self) -> bool:
        """Whether every id is remembered."""
        return self._one_in == 1

    def totals(self) -> tuple[int, int]:
        """How many different values there are, and how many of them came more than once."""
        self._merge()
        more = int((self._counts["n"] > 1).sum())
        return self._counts.height * self._one_in, more * self._one_in

    def _sampled(self, hashes: pl.Series) -> pl.Series:
        return hashes if self._one_in == 1 else hashes.filter(hashes % self._one_in == 0)

    def _merge(self) -> None:
        frames = [self._counts, *(_count(hashes) for hashes in self._waiting)]
        self._waiting = []
        self._counts = pl.concat(frames).group_by("id").agg(pl.col("n").sum())
        while self._counts.height > self._most:
            self._one_in *= 2
            self._counts = self._counts.filter(pl.col("id") % self._one_in == 0)


class FewValues:
    """The different values of a column, as long as there are few."""

    def __init__(self, most: int = MOST_EVENT_TYPES_AND_FIELDS + 1) -> None:
        self._most = most
        self._values: set[str] = set()

    def add(self, values: pl.Series) -> None:
        """Look at some values."""
        if len(self._values) < self._most:
            self._values.update(values.drop_nulls().unique().head(self._most).to_list())

    @property
    def count(self) -> int:
        """How many there are; where there are many, at least how many."""
        return len(self._values)


def _count(hashes: pl.Series) -> pl.DataFrame:
    return hashes.to_frame().group_by("id").agg(pl.len().alias("n").cast(pl.UInt64))
