# SPDX-License-Identifier: Apache-2.0
"""What bytes there are in some data: passes over memory that take most of their time to fetch it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_LINE_FEED, _SPACE, _COMMA = b"\n ,"
_CACHED_BYTES = 256 * 1024


@dataclass(frozen=True)
class ByteCounts:
    """What bytes some lines have, as far as one pass shows.

    Attributes:
        line_feeds: How many line feeds there are.
        controls: How many control characters there are, line feeds included: bytes below a space.
        below_comma: How many bytes are below a comma, control characters included.
        highest: The highest byte.
    """

    line_feeds: int = 0
    controls: int = 0
    below_comma: int = 0
    highest: int = 0

    @classmethod
    def of(cls, data: bytes) -> ByteCounts:
        """Count the bytes of some lines."""
        counts = cls()
        for _, piece in _pieces(data):
            line_feeds = int(np.count_nonzero(piece == _LINE_FEED))
            below_comma = int(np.count_nonzero(piece < _COMMA))
            # The line feeds are all that most pieces of ids and numbers have below a comma.
            has_others = below_comma > line_feeds
            controls = int(np.count_nonzero(piece < _SPACE)) if has_others else line_feeds
            counts += cls(line_feeds, controls, below_comma, int(piece.max()))
        return counts

    def __add__(self, other: ByteCounts) -> ByteCounts:
        """The counts of both lines together."""
        return ByteCounts(
            self.line_feeds + other.line_feeds,
            self.controls + other.controls,
            self.below_comma + other.below_comma,
            max(self.highest, other.highest),
        )

    @property
    def is_ascii(self) -> bool:
        """Whether all characters are ASCII."""
        return self.highest < 128

    def may_have(self, character: str) -> bool:
        """Whether an ASCII character other than a line feed may be among them.

        Ids, numbers and words have no byte below a comma: these are control characters, spaces, quotation
        marks and the like.
        """
        if character < " ":
            return self.controls > self.line_feeds
        return self.below_comma > self.controls if character < "," else ord(character) <= self.highest


def count_bytes(data: bytes, compare: np.ufunc, other: int) -> int:
    """How many bytes compare in this way to another one."""
    return sum(int(np.count_nonzero(compare(piece, other))) for _, piece in _pieces(data))


def positions(data: bytes, byte: int) -> np.ndarray:
    """Where a byte is."""
    return np.concatenate([np.flatnonzero(piece == byte) + start for start, piece in _pieces(data)])


def _pieces(data: bytes) -> Iterator[tuple[int, np.ndarray]]:
    """Pieces that stay in the processor's cache, with their positions."""
    values = np.frombuffer(data, np.uint8)
    for start in range(0, len(values), _CACHED_BYTES):
        yield start, values[start : start + _CACHED_BYTES]
