# SPDX-License-Identifier: Apache-2.0
"""Whole lines of one file or of several small ones, put together so that each block is worth its cost."""

from __future__ import annotations

import bisect
import dataclasses
import functools
from dataclasses import dataclass, field
from typing import BinaryIO

from personalize_import.data_check.byte_counts import ByteCounts
from personalize_import.data_rules.line_rules import LONGEST_LINE

BLOCK_BYTES = 8 * 1024**2
"""Large enough that starting a block costs little; no more than a few blocks are in memory."""

BLOCK_CELLS = 1_000_000
"""Values of a block. Many empty columns take more memory as values than as text."""

FIRST_LINE = 2
"""The number of the line after the header."""

_FIRST_BYTES = 256 * 1024
_SKIPPED_BYTES = 1024**2


@dataclass(frozen=True)
class Part:
    """Lines of one file in a block.

    Attributes:
        file: The file's name.
        line: The number of its first line in the file.
        row: The position of that line in the block.
        end: The position after its last line.
    """

    file: str
    line: int
    row: int
    end: int


@dataclass(frozen=True)
class Block:
    """Some whole lines.

    Attributes:
        data: The lines, each with its line break, a line feed.
        rows: How many lines there are.
        parts: Where they are from, in order.
        goes_on: Whether the last part's file has more lines.
        counted: What bytes there are at most; None if that is not known.
    """

    data: bytes
    rows: int
    parts: tuple[Part, ...]
    goes_on: bool = False
    counted: ByteCounts | None = None
    _found: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def has(self, character: str) -> bool:
        """Whether it has an ASCII character other than a line feed. Each is looked for once."""
        if character not in self._found:
            self._found[character] = self.counts.may_have(character) and character.encode() in self.data
        return self._found[character]

    @functools.cached_property
    def counts(self) -> ByteCounts:
        """What bytes there are at most."""
        return self.counted or ByteCounts.of(self.data)

    def part(self, row: int) -> Part:
        """The part of a line."""
        return self.parts[bisect.bisect_right(self.parts, row, key=lambda part: part.row) - 1]

    def place(self, row: int) -> tuple[str, int]:
        """The file of a line and its number there."""
        part = self.part(row)
        return part.file, part.line + row - part.row


@dataclass
class Lines:
    """The lines of a file, read in chunks.

    Attributes:
        file: The file, open for reading, at the beginning of a line.
        width: How many values a line should have.
        most: How many bytes to read at once.
        line: The number of the next line.
        read: How many bytes have been read.
        too_long: The numbers of the lines that were skipped because they are longer than `LONGEST_LINE`.
    """

    file: BinaryIO
    width: int
    most: int = BLOCK_BYTES
    line: int = FIRST_LINE
    read: int = 0
    too_long: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._size = min(self.most, _FIRST_BYTES)

    def next(self) -> tuple[bytes, int, ByteCounts]:
        """The next whole lines, the number of the first one, and what bytes they have; none at the end."""
        while True:
            skipped = len(self.too_long)
            lines = self._read()
            if lines[0] or len(self.too_long) == skipped:
                return lines

    def _read(self) -> tuple[bytes, int, ByteCounts]:
        data, tail = self._read_whole() if self.file.seekable() else self._read_on()
        self.read += len(data)
        skipped = False
        if len(tail) == LONGEST_LINE and not tail.endswith(b"\n"):
            data = data[: data.rfind(b"\n") + 1]
            skipped = True
            self._skip_line()
        elif data and not data.endswith(b"\n"):
            data += b"\n"
        counts = ByteCounts.of(data)
        if counts.may_have("\r") and b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
            counts = ByteCounts.of(data)
        first, count = self.line, counts.line_feeds
        self.line += count
        if skipped:
            self.too_long.append(self.line)
            self.line += 1
        elif count:
            bytes_of_a_line = len(data) // count + 1
            fitting = BLOCK_CELLS // self.width * bytes_of_a_line
            self._size = max(min(self.most, fitting), min(self.most, _FIRST_BYTES))
        return data, first, counts

    def _read_on(self) -> tuple[bytes, bytes]:
        """Read about `_size` bytes, then on to the end of the last line.

        Returns:
            All bytes that were read, and those of them that were read on.
        """
        data = self.file.read(self._size)
        tail = b"" if not data or data.endswith(b"\n") else self.file.readline(LONGEST_LINE)
        return data + tail, tail

    def _read_whole(self) -> tuple[bytes, bytes]:
        """The same for a file in which one can seek: find the end of the last line, then read all at once.

        That saves a copy.
        """
        start = self.file.tell()
        self.file.seek(start + self._size - 1)
        tail = self.file.readline(LONGEST_LINE)
        self.file.seek(start)
        return self.file.read(self._size - 1 + len(tail)), tail

    def _skip_line(self) -> None:
        while True:
            piece = self.file.readline(_SKIPPED_BYTES)
            self.read += len(piece)
            if not piece or piece.endswith(b"\n"):
                return


class Batch:
    """Collects lines with the same columns, until they fill a block."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._pieces: list[bytes] = []
        self._parts: list[Part] = []
        self.size = 0
        self._counts = ByteCounts()

    @property
    def rows(self) -> int:
        """How many lines there are."""
        return self._counts.line_feeds

    def add(self, file: str, line: int, data: bytes, counts: ByteCounts) -> None:
        """Add lines of a file; the first has the number `line` in it."""
        self._pieces.append(data)
        last = self._parts[-1] if self._parts else None
        if last and last.file == file and last.line + self.rows - last.row == line:
            self._parts[-1] = dataclasses.replace(last, end=self.rows + counts.line_feeds)
        else:
            self._parts.append(Part(file, line, self.rows, self.rows + counts.line_feeds))
        self.size += len(data)
        self._counts += counts

    def put_back(self, block: Block, rows: int) -> None:
        """Begin with the last lines of a block."""
        start = len(block.data) - 1
        for _ in range(rows):
            start = block.data.rfind(b"\n", 0, start)
        data = block.data[start + 1 :]
        self.add(*block.place(block.rows - rows), data, ByteCounts.of(data))

    def take(self, *, goes_on: bool) -> Block:
        """A block of all lines; the batch is then empty."""
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        block = Block(data, self.rows, tuple(self._parts), goes_on, self._counts)
        self._clear()
        return block
