# SPDX-License-Identifier: Apache-2.0
"""Hashes stand for values."""

import polars as pl

from personalize_import.data_check.hashes import HashSet, hashes_of, together

FRAME = pl.DataFrame({"a": ["x", "y", "", None, "x"], "b": ["y", "x", "x", "x", "y"]})


def test_a_word_is_found_among_many() -> None:
    """And no other one is."""
    many = pl.DataFrame({"a": [str(number) for number in range(200_000)]})
    hashes = hashes_of(many, [pl.col("a")])["a"]

    assert HashSet(["none", "77777"]).has_any(hashes)
    assert not HashSet(["none", "USER_ID", *"abcdefgh"]).has_any(hashes)
    assert not HashSet([]).has_any(hashes)


def test_rows_have_the_same_hash_if_all_values_are_the_same() -> None:
    """In the same order. Null and an empty text are the same."""
    hashes = hashes_of(FRAME, [pl.col("a"), pl.col("b")])

    rows = together([hashes["a"], hashes["b"]]).tolist()

    assert rows[0] == rows[4]
    assert rows[2] == rows[3]
    assert len(set(rows)) == 3
