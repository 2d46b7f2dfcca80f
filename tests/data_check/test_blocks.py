# SPDX-License-Identifier: Apache-2.0
"""Files are read as whole lines, whichever kind of stream they come from."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_import.data_check.blocks import Block, Lines, Part
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
        count += found[2]

    assert read.decode() == text.removesuffix("\n") + "\n"
    assert count == read.count(b"\n")
    assert lines.read == len(text)


@given(st.text(st.sampled_from('a",\\'), max_size=12))
def test_a_line_is_open_as_the_rule_says(line: str) -> None:
    """The quick look at its quotation marks and backslashes does not rule out too much."""
    data = f"{line}\n".encode()

    assert has_open_end(Block(data, 1, (Part("data.csv", 2, 0, 1),))) == holds(IS_OPEN, line)
