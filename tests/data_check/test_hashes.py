# SPDX-License-Identifier: Apache-2.0
"""Hashes stand for values."""

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

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


def hashes_of_numbers(values: pl.Series) -> list[int]:
    """The hashes of a column of numbers."""
    hashes: list[int] = hashes_of(pl.DataFrame({"t": values}), [], ["t"])["t"].tolist()
    return hashes


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1))
@example([0, None])
def test_a_number_has_the_same_hash_as_its_text(values: list[int | None]) -> None:
    """One block may be read as numbers, and the next one as text. A missing value is the same in both."""
    texts = [None if value is None else str(value) for value in values]

    hashes = hashes_of_numbers(pl.Series("t", values, pl.Int64))

    assert hashes == hashes_of_numbers(pl.Series("t", texts, pl.String))
    assert hashes == hashes_of_numbers(pl.Series("t", [text or "" for text in texts], pl.String))


def test_texts_of_one_number_have_different_hashes() -> None:
    """They are different values, as are texts that are no numbers."""
    texts = ["0", "-0", "+0", "00", " 0", "0 ", "0.0", "0e0", "", "a", "9" * 20]

    assert len(set(hashes_of_numbers(pl.Series("t", texts, pl.String)))) == len(texts)
