# SPDX-License-Identifier: Apache-2.0
"""Splits any block: lines that are alike together, and one by one only those that need care."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence

import polars as pl

from personalize_import.data_check.blocks import Block
from personalize_import.data_check.conditions import as_polars
from personalize_import.data_check.slow_lines import SlowLines
from personalize_import.data_check.table import (
    BrokenLines,
    Table,
    accounts_for,
    frame_of,
    split_all,
    unquoted_texts,
    unused_characters,
)
from personalize_import.data_rules.file_rules import ENCODING
from personalize_import.data_rules.line_rules import (
    IS_SPLIT,
    LINE_LENGTH,
    QUOTED_VALUE,
    RECORD_LINES,
    written_rules,
)
from personalize_import.data_rules.rule import Rule

_MOST_CUTS = 10_000
"""Lines that are cut out of a block. To put the others together costs more for few, and less for many."""


def mixed_table(block: Block, width: int, texts: Sequence[int], examples: int) -> Table:
    """The table of any block."""
    unused = list(itertools.islice(unused_characters(block.data), 2))
    if len(unused) < 2:
        lines, broken = _decoded(block)
        return _Mixed(block, lines, width, broken).slow_only(texts, examples)
    lines, broken = _split_lines(block, unused[0])
    return _Mixed(block, lines, width, broken).table(texts, examples, unused[1])


def _split_lines(block: Block, unused: str) -> tuple[pl.Series, list[BrokenLines]]:
    """The lines as text, and those that are not in UTF-8."""
    frame = split_all(block.data, 1, quotes=False, separator=unused)
    if frame is None or frame.height != block.rows:
        return _decoded(block)
    return frame["0"].fill_null("").rename("line"), []


def _decoded(block: Block) -> tuple[pl.Series, list[BrokenLines]]:
    lines, rows, shown = [], [], []
    for row, line in enumerate(block.data.split(b"\n")[:-1]):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError:
            rows.append(row)
            shown.append(line.decode(errors="backslashreplace"))
            lines.append(line.decode(errors="replace"))
    broken = [BrokenLines(ENCODING, rows, shown, len(rows))] if rows else []
    return pl.Series("line", lines, pl.String), broken


class _Mixed:
    """A block while it is split."""

    def __init__(self, block: Block, lines: pl.Series, width: int, broken: list[BrokenLines]) -> None:
        self._block = block
        self._lines = lines
        self._width = width
        self._slow = SlowLines(lines, block, width)
        self._broken = broken
        self._frames: list[pl.DataFrame] = []
        self._rows: list[pl.Series] = []

    def slow_only(self, texts: Sequence[int], examples: int) -> Table:
        """The table, if all lines are read one by one."""
        self._slow.read(range(len(self._lines)))
        return self._put_together(texts, examples)

    def table(self, texts: Sequence[int], examples: int, backslash: str) -> Table:
        """The table.

        Args:
            texts: The positions of the textual columns.
            examples: How many places of each broken rule to keep.
            backslash: A character that no line has.
        """
        lines = self._lines
        special = lines.str.contains_any(['"', "\\", "\r"])
        special_rows = special.arg_true()
        forms = _forms(lines.gather(special_rows), self._width)
        plain = self._cut_out(special_rows)
        frame = split_all(plain, self._width, quotes=False) if plain else None
        rows = (~special).arg_true()
        wrong = special_rows.filter(~forms["good"])
        if frame is not None and not accounts_for(Table(frame), plain, len(rows), self._width):
            frame = None
        if frame is None and len(rows):
            width = lines.str.count_matches(",", literal=True)
            is_plain = ~special & (lines != "") & (width == self._width - 1)
            wrong = pl.concat([wrong, (~special & ~is_plain).arg_true()]).sort()
            rows = is_plain.arg_true()
        self._slow.read(wrong.to_list())
        if self._slow.taken:
            taken = pl.Series(self._slow.taken, dtype=rows.dtype)
            forms = forms.with_columns(good=forms["good"] & ~special_rows.is_in(taken.implode()))
            is_free = ~rows.is_in(taken.implode())
            rows = rows.filter(is_free)
            frame = frame.filter(is_free) if frame is not None else None
        self._take_plain(frame, rows, texts, examples)
        self._take_quoted(forms.with_columns(row=special_rows).filter("good"), texts, examples, backslash)
        return self._put_together(texts, examples)

    def _cut_out(self, rows: pl.Series) -> bytes:
        """The bytes of all lines but some."""
        data = self._block.data
        if len(rows) > _MOST_CUTS or self._broken:  # the text of a line that is not in UTF-8 is another one
            kept = ~pl.int_range(len(self._lines), eager=True).is_in(rows.cast(pl.Int64).implode())
            return _joined(self._lines.filter(kept)) if kept.any() else b""
        ends = (self._lines.str.len_bytes() + 1).cast(pl.Int64).cum_sum()
        lengths = self._lines.gather(rows).str.len_bytes() + 1
        pieces, start = [], 0
        for end, length in zip(ends.gather(rows).to_list(), lengths.to_list(), strict=True):
            pieces.append(data[start : end - length])
            start = end
        return b"".join([*pieces, data[start:]])

    def _take_plain(
        self, frame: pl.DataFrame | None, rows: pl.Series, texts: Sequence[int], examples: int
    ) -> None:
        if frame is None and len(rows):
            frame = split_all(_joined(self._lines.gather(rows)), self._width, quotes=False)
        if frame is None or frame.height != len(rows):
            self._slow.read(rows.to_list())  # never seen, but no record may be lost
            return
        self._frames.append(frame)
        self._rows.append(rows)
        self._broken += unquoted_texts(frame, frame, texts, examples, rows)

    def _take_quoted(self, forms: pl.DataFrame, texts: Sequence[int], examples: int, backslash: str) -> None:
        rows = forms["row"]
        if not len(rows):
            return
        data = _joined(self._lines.gather(rows)).replace(b"\\\\", backslash.encode())
        # The engine knows no escapes, but doubled quotation marks.
        data = data.replace(b'\\"', b'""').replace(b"\\", b"")
        frame = split_all(data, self._width, quotes=True)
        if frame is None or frame.height != len(rows):
            self._slow.read(rows.to_list())
            return
        frame = frame.select(pl.all().str.replace_all(backslash, "\\", literal=True))
        self._frames.append(frame)
        self._rows.append(rows)
        for rule, _ in written_rules(self._width):
            if rule.id in forms.columns:
                self._add(rule, rows.filter(forms[rule.id]), self._lines, examples)
        written = split_all(_joined(forms["written"]), self._width, quotes=False) if texts else None
        if written is not None:
            self._broken += unquoted_texts(written, frame, texts, examples, rows)

    def _add(self, rule: Rule, rows: pl.Series, lines: pl.Series, examples: int) -> None:
        first = rows.head(examples)
        if len(rows):
            self._broken.append(BrokenLines(rule, first.to_list(), lines.gather(first).to_list(), len(rows)))

    def _put_together(self, texts: Sequence[int], examples: int) -> Table:
        slow = self._slow
        values, written = (frame_of(lines, self._width) for lines in (slow.values, slow.written))
        rows = pl.Series(slow.rows, dtype=pl.UInt32)
        unquoted = unquoted_texts(written, values, texts, examples, rows)
        return Table(
            pl.concat([*self._frames, values]),
            pl.concat([each.cast(pl.UInt32) for each in (*self._rows, rows)]),
            [*map(self._in_this_block, self._broken), *slow.broken(examples), *unquoted],
            slow.without_values,
            slow.rest,
        )

    def _in_this_block(self, broken: BrokenLines) -> BrokenLines:
        """Without the lines of a record that goes on: the next block begins with them."""
        if broken.rule is not ENCODING or not self._slow.rest:
            return broken
        count = bisect.bisect_left(broken.rows, len(self._lines) - self._slow.rest)
        return BrokenLines(ENCODING, broken.rows[:count], broken.values[:count], count)


def _forms(lines: pl.Series, width: int) -> pl.DataFrame:
    """Which lines can be split at once, and which rules they break.

    The column `written` has the lines with "" for each value in quotation marks.
    """
    line, written = pl.col("line"), pl.col("written")
    broken = {rule: as_polars(condition, line) for rule, condition in written_rules(width)}
    good = as_polars(IS_SPLIT, line) & ~broken.pop(LINE_LENGTH) & ~broken.pop(RECORD_LINES)
    # The engine knows no escapes outside of quotation marks.
    is_escaped = written.str.replace_all('""', "", literal=True).str.contains_any(['"', "\\"])
    return (
        lines.to_frame("line")
        .with_columns(written=line.str.replace_all(f"(?s){QUOTED_VALUE}", '""'))
        .select(
            "written",
            (good & ~is_escaped).alias("good"),
            *(expression.alias(rule.id) for rule, expression in broken.items()),
        )
    )


def _joined(lines: pl.Series) -> bytes:
    text = lines.str.join("\n").item() if len(lines) else ""
    return f"{text}\n".encode()
