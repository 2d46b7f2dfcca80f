# SPDX-License-Identifier: Apache-2.0
"""Hashes of values, which are compared and counted instead of the values; two may have the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

_ODD = np.uint64(0x9E3779B97F4A7C15)
_FORMS = 2**16


def hashes_of(
    frame: pl.DataFrame, texts: Iterable[pl.Expr], numbers: Iterable[str] = ()
) -> dict[str, np.ndarray]:
    """The hash of each value, by column. Null and an empty text are the same.

    Args:
        frame: The columns.
        texts: The values of columns of text.
        numbers: The columns of numbers. Those of text have the same hashes as if they were of numbers.
    """
    hashes = frame.select(
        *(text.fill_null("").hash() for text in texts),
        *(_hash_of_numbers(frame[column]) for column in numbers),
    )
    return {column.name: column.to_numpy() for column in hashes}


def _hash_of_numbers(values: pl.Series) -> pl.Expr:
    if values.dtype != pl.String:
        return pl.col(values.name).hash()
    text = pl.col(values.name).fill_null("")
    number = text.cast(pl.Int64, strict=False)
    # 01 is the same number as 1, but another value.
    is_other = (number.cast(pl.String) != text).fill_null(text != "")
    return pl.when(is_other).then(text.hash()).otherwise(number.hash())


def together(columns: Sequence[np.ndarray]) -> np.ndarray:
    """The hashes of rows, from those of their values. The same values in another order have another hash."""
    rows = columns[0].copy()
    for column in columns[1:]:
        rows *= _ODD
        rows += column
    return rows


class HashSet:
    """A few texts that are looked for among many.

    Args:
        texts: The texts.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        hashes = pl.Series(list(texts), dtype=pl.String).hash().to_numpy()
        self._hashes = frozenset(hashes.tolist())
        # Nearly all others are ruled out by a part of their hash, in less time than it takes to compare them.
        self._has_form = np.zeros(_FORMS, np.bool_)
        self._has_form[_forms(hashes)] = True

    def has_any(self, hashes: np.ndarray) -> bool:
        """Whether one of the texts has one of these hashes."""
        is_candidate = self._has_form.take(_forms(hashes), mode="clip")
        # np.isin would load numpy.ma, which takes 0.03 seconds.
        return not self._hashes.isdisjoint(hashes[is_candidate].tolist())


def _forms(hashes: np.ndarray) -> np.ndarray:
    """A part of each hash, as a small number."""
    return hashes.view(np.uint16)[::4]
