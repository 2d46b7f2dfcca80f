# SPDX-License-Identifier: Apache-2.0
"""Files are read as whole lines, whichever kind of stream they come from."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_import.data_check.blocks import Batch, Block, Lines, Part
from personalize_import.data_check.byte_counts import ByteCounts
from personalize_import.data_check.slow_lines import has_open_end
from personalize_import.data_rules.condition import holds
from personalize_import.data_rules.line_rules import IS_OPEN


class Pipe(io.BytesIO):
    """A stream that is only read on."""

    def seekable(self) -> bool:
        """No."""
        return False


@pytest.mark.parametrize("stream", [io.BytesIO, Pipe])
@given(st.text(st.sampled_from("ab\n"), min_size=1), st.integers(1, 9))
def test_every_line_is_read_once(stream: type[io.BytesIO], text: str, most: int) -> None:
    """Whatever the size of a block; the last line break may be missing."""
    lines = Lines(stream(text.encode()), width=1, most=most)
    read, count = b"", 0
    while (found := lines.next())[0]:
        assert found[0].endswith(b"\n")
        read += found[0]
        count += found[2].line_feeds

    assert read.decode() == text.removesuffix("\n") + "\n"
    assert count == read.count(b"\n")
    assert lines.read == len(text)


@given(st.lists(st.text(st.sampled_from('ab,|ü"\r\n'), min_size=1), min_size=1), st.integers(1, 9))
def test_the_bytes_of_a_block_are_those_of_its_lines(texts: list[str], most: int) -> None:
    """Of all that were put together, and of those that were put back; with Windows line breaks as without."""
    batch = Batch()
    for text in texts:
        lines = Lines(io.BytesIO(text.encode()), width=1, most=most)
        while (found := lines.next())[0]:
            assert found[2] == ByteCounts.of(found[0])
            batch.add("data.csv", found[1], found[0], found[2])

    block = batch.take(goes_on=True)
    assert block.counts == ByteCounts.of(block.data)
    assert block.rows == block.data.count(b"\n")

    batch.put_back(block, 1)
    rest = batch.take(goes_on=True)
    assert rest.data == block.data[block.data.rfind(b"\n", 0, -1) + 1 :]
    assert rest.counts == ByteCounts.of(rest.data)


@given(st.text(st.sampled_from('a",\\'), max_size=12))
def test_a_line_is_open_as_the_rule_says(line: str) -> None:
    """The quick look at its quotation marks and backslashes does not rule out too much."""
    data = f"{line}\n".encode()

    assert has_open_end(Block(data, 1, (Part("data.csv", 2, 0, 1),))) == holds(IS_OPEN, line)


ASCII = st.characters(max_codepoint=127, exclude_characters="\n")


@given(st.text(ASCII | st.sampled_from('ab,\n"\x00\r +-~\x7f'), max_size=12), ASCII)
def test_a_character_is_found_wherever_it_is(text: str, character: str) -> None:
    """The range of the bytes does not rule out too much."""
    data = f"{text}\n".encode()

    assert Block(data, data.count(b"\n"), ()).has(character) == (character in text)


@given(st.text(max_size=12))
def test_other_characters_than_ascii_are_seen(text: str) -> None:
    """Whichever they are."""
    data = f"{text}\n".encode()

    assert Block(data, data.count(b"\n"), ()).counts.is_ascii == text.isascii()


def test_every_part_of_a_large_block_is_looked_at() -> None:
    """The first line, one in the middle, and the last one."""
    line = b"a1,b2\n"
    for position in (0, 100_000, 199_999):
        for odd in ('"', "|", "\u00fc"):
            lines = [line] * 200_000
            lines[position] = line.replace(b"a", odd.encode())
            block = Block(b"".join(lines), len(lines), ())

            assert block.has('"') == (odd == '"')
            assert block.has("|") == (odd == "|")
            assert block.counts.is_ascii == (odd != "\u00fc")
