# SPDX-License-Identifier: Apache-2.0
"""Splits wide blocks: only the columns that are looked at, unless a value of the others may break a rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.byte_counts import count_bytes
from personalize_import.data_check.columns import Columns
from personalize_import.data_check.fast_tables import (
    LINE_FEED,
    SPECIAL,
    is_separator,
    quoted_table,
)
from personalize_import.data_check.table import Table, split_all
from personalize_import.data_check.values import Lengths

_LEAST_IDLE = 8
"""Columns that need not be looked at. For fewer, it is not worth to look for them."""

_PIECE_BYTES = 512 * 1024

_MOST_APART = 0.02
"""The share of lines that are set apart from the others. More are not worth it."""


def narrow_tables(
    block: Block, columns: Columns, characters: frozenset[str], examples: int, head_rows: int
) -> list[Table] | None:
    """The tables of a block: of its plain lines, and of those with quotation marks, if there are few.

    None if it cannot be split in this way.

    Args:
        block: The lines.
        columns: Their columns.
        characters: The characters that may be in the values.
        examples: How many places of each broken rule to keep.
        head_rows: Of how many rows all columns are taken.
    """
    if len(columns.idle) < _LEAST_IDLE:
        return None
    if not any(map(block.has, SPECIAL)):
        table = narrow_table(block, columns, characters, head_rows)
        return [table] if table else None
    parts = _set_apart(block)
    if parts is None:
        return None
    plain, odd, odd_rows = parts
    table = quoted_table(odd, columns.width, columns.texts, examples)
    rest = narrow_table(plain, columns, characters, head_rows) if table else None
    if table is None or rest is None:
        return None
    table.rows = pl.Series(odd_rows, dtype=pl.UInt32)
    table.broken = [
        dataclasses.replace(lines, rows=[int(odd_rows[row]) for row in lines.rows]) for lines in table.broken
    ]
    rest.rows = pl.Series(np.delete(np.arange(block.rows), odd_rows), dtype=pl.UInt32)
    return [rest, table]


def _set_apart(block: Block) -> tuple[Block, Block, np.ndarray] | None:
    """The plain lines, the others, and the positions of these; None if they are many or all."""
    most = int(_MOST_APART * block.rows)
    found: list[int] = []
    for special in map(str.encode, SPECIAL):
        position = block.data.find(special)
        while position >= 0:
            found.append(position)
            if len(found) > most:
                return None
            # The next one of another line.
            position = block.data.find(special, block.data.index(b"\n", position))
    rows: list[int] = []
    plain, odd, start, row = [], [], 0, 0
    for position in sorted(found):
        if position < start:
            continue  # another one in the same line
        line = block.data.rfind(b"\n", start, position) + 1 or start
        end = block.data.index(b"\n", position) + 1
        plain.append(block.data[start:line])
        odd.append(block.data[line:end])
        row += count_bytes(plain[-1], np.equal, LINE_FEED)
        rows.append(row)
        row += 1
        start = end
    plain.append(block.data[start:])
    # They have no other bytes than the block.
    return (
        Block(b"".join(plain), block.rows - len(rows), block.parts, counted=block.counts),
        Block(b"".join(odd), len(rows), block.parts, counted=block.counts),
        np.array(rows),
    )


def narrow_table(block: Block, columns: Columns, characters: frozenset[str], head_rows: int) -> Table | None:
    """The table of plain lines, with those columns only that are looked at.

    None if a line has not so many values, or if a value of the other columns may break a rule.

    Args:
        block: The lines, without quotation marks and escapes.
        columns: Their columns.
        characters: The characters that may be in the values.
        head_rows: Of how many rows all columns are taken.
    """
    idle = [int(column) for column in columns.idle]
    if not block.counts.is_ascii and not _is_utf8(block.data):
        return None
    values = columns.values
    lengths = _lengths(block.data, columns.width, idle, {len(word) for word in values.words(columns.idle)})
    if lengths is None or not values.cannot_break(columns.idle, lengths, block.data, characters):
        return None
    wanted = sorted({int(column) for column in columns.fields} - set(idle))
    frame = pl.read_csv(block.data, has_header=False, columns=wanted, infer_schema=False, quote_char=None)
    frame.columns = [str(position) for position in wanted]
    head = _first_lines(block.data, head_rows)
    return Table(frame, empty=lengths.empty, head=split_all(head, columns.width, quotes=False))


def _is_utf8(data: bytes) -> bool:
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


def _lengths(data: bytes, width: int, idle: Sequence[int], sought: Collection[int]) -> Lengths | None:
    """The lengths of the values of some columns; None if a line has not so many values.

    Args:
        data: The lines.
        width: How many values each has.
        idle: The positions of the columns.
        sought: The lengths that are looked for.
    """
    empty, longest, found = np.zeros(width, np.int64), 0, set()
    # Neighbours are taken without a copy.
    are_neighbours = idle[-1] - idle[0] + 1 == len(idle)
    taken = slice(idle[0], idle[-1] + 1) if are_neighbours else list(idle)
    start = 0
    while start < len(data):  # in pieces that stay in the processor's cache
        end = data.find(b"\n", start + _PIECE_BYTES) + 1 or len(data)
        piece = np.frombuffer(data, np.uint8, end - start, start)
        separators = np.flatnonzero(is_separator(piece))
        line_ends = separators[width - 1 :: width]
        if len(separators) % width or (piece[line_ends] != LINE_FEED).any():
            return None
        if np.count_nonzero(piece == LINE_FEED) != len(line_ends):
            return None
        lengths = (np.diff(separators, prepend=-1) - 1).reshape(-1, width)
        empty += np.count_nonzero(lengths == 0, axis=0)
        longest = max(longest, int(lengths[:, taken].max()))
        found |= {length for length in sought if (lengths[:, taken] == length).any()}
        start = end
    return Lengths({str(column): int(empty[column]) for column in idle}, longest, frozenset(found))


def _first_lines(data: bytes, rows: int) -> bytes:
    end = 0
    for _ in range(rows):
        end = data.find(b"\n", end) + 1
        if not end:
            return data
    return data[:end]
