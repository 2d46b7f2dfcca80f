# SPDX-License-Identifier: Apache-2.0
"""The fast way to columns and the careful one lead to the same."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.table import _careful_table, _plain_frame, _quoted_frame

VALUES = st.sampled_from(
    ["a", "ü", "1", "", '"a"', '""', '"a,b"', '"a""b"', 'a"b', '"a"b', '"a', " ", '"a" ']
)
LINES = st.one_of(
    st.lists(VALUES, min_size=3, max_size=3),
    st.lists(VALUES, max_size=5),
).map(",".join)


def block(text: str) -> Block:
    """The only block of a file."""
    data = text.encode()
    return Block(data, 2, data.count(b"\n"), last=True)


def rows(frame: pl.DataFrame) -> list[list[str]]:
    """The values; an empty one may read as null."""
    return [[value or "" for value in row] for row in frame.rows()]


def check_fast_ways(given_block: Block, width: int) -> None:
    """Where a fast way takes the block, the careful one finds nothing wrong and the same values."""
    for fast in (_plain_frame, _quoted_frame):
        frame = fast(given_block, width) if given_block.data else None
        if frame is not None:
            careful = _careful_table(given_block, width)
            assert careful.broken == []
            assert rows(frame) == rows(careful.frame)


@given(st.lists(LINES, min_size=1, max_size=4), st.booleans())
@settings(max_examples=500, deadline=None)
def test_what_is_taken_for_plain_reads_the_same_with_care(lines: list[str], ends: bool) -> None:
    """Whatever stands in a block: where the engine's columns are taken, nothing is wrong with the lines."""
    given_block = block("\n".join(lines) + "\n" * ends)

    check_fast_ways(given_block, 3)


@given(st.text(st.sampled_from('a",\n'), min_size=1, max_size=20))
@settings(max_examples=500, deadline=None)
def test_any_text_that_is_taken_for_plain_reads_the_same_with_care(text: str) -> None:
    """The same for what nobody would call a table."""
    given_block = block(text)

    check_fast_ways(given_block, 2)


def test_good_data_is_taken_for_plain() -> None:
    """With quotation marks or without: escapes, commas in texts and what is wrong ask for care."""
    for text in ("a,b,c\n1,2,3\n", "a,b,c", '"a","b",3\n', ",,\n", '"","",""\n', "ü,b,c\n"):
        assert _plain_frame(block(text), 3) is not None, text
