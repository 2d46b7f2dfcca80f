# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from personalize_import.data_check.errors import CannotCheckError

BLOCK_BYTES = 8 * 1024**2
"""Large enough that starting on a block costs little; no more than a few blocks are in memory."""

LONGEST_LINE = 64 * 1024**2
"""A hundred columns of the longest texts have less."""


@dataclass(frozen=True)
class Block:
    """Some whole lines of a file.

    Attributes:
        data: The lines, the last one with or without its line break.
        first_line: The number of the first, counted from 1.
        breaks: How many line breaks it has.
        last: Whether the file ends with it.
    """

    data: bytes
    first_line: int
    breaks: int
    last: bool


class Blocks:
    """The lines of a file, in blocks.

    Args:
        file: The file, open for reading from where the lines begin.
        first_line: The number of the first line.
        size: How many bytes to read at once.
    """

    def __init__(self, file: BinaryIO, first_line: int, size: int = BLOCK_BYTES) -> None:
        self._file = file
        self._next_line = first_line
        self._size = size
        self._rest = b""

    def __iter__(self) -> Iterator[Block]:
        while True:
            read = self._file.read(self._size)
            # What was put back ends in whole lines; what a read cuts off is the last line's beginning.
            data, self._rest = self._rest + read, b""
            last = len(read) < self._size
            if not last:
                end = data.rfind(b"\n") + 1
                if not end:
                    if len(data) > LONGEST_LINE:
                        raise CannotCheckError(
                            f"{self._file.name}:{self._next_line}: The line has more than {LONGEST_LINE:,} "
                            "bytes, so this is no CSV."
                        )
                    self._rest = data
                    continue
                data, self._rest = data[:end], data[end:]
            data = data.replace(b"\r\n", b"\n") if b"\r" in data else data
            if data:
                block = Block(data, self._next_line, data.count(b"\n"), last)
                self._next_line += block.breaks
                yield block
            if last:
                return

    def put_back(self, data: bytes) -> None:
        """Have the end of the last block begin the next one."""
        self._rest = data + self._rest
        self._next_line -= data.count(b"\n")
