# SPDX-License-Identifier: Apache-2.0
"""Files of shapes that are hard to read fast or in little memory; the same ones each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORDS = ("lorem", "ipsum", "dolor", "sit", "amet", "elit", "sed", "do", "eiusmod", "tempor", "incididunt")


@dataclass(frozen=True)
class Shape:
    """The shape of a file, or of a folder.

    Attributes:
        columns: The names of its columns.
        rows: How many records it has.
        line: Makes the line of a record.
        files: How many files the records are spread over.
    """

    columns: tuple[str, ...]
    rows: int
    line: Callable[[int], str]
    files: int = 1

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of its items: DESCRIPTION is textual, the other columns are categorical."""
        fields: list[dict[str, Any]] = [{"name": "ITEM_ID", "type": "string"}]
        for name in self.columns[1:]:
            kind = "textual" if name == "DESCRIPTION" else "categorical"
            fields.append({"name": name, "type": ["null", "string"], kind: True})
        return {"type": "record", "name": "Items", "fields": fields}

    def write(self, path: Path) -> None:
        """Write the file, or the folder."""
        if self.files == 1:
            with path.open("w", encoding="utf-8") as file:
                file.writelines(self._lines(range(self.rows)))
            return
        path.mkdir()
        for number in range(self.files):
            rows = range(number, self.rows, self.files)
            (path / f"part-{number:05}.csv").write_text("".join(self._lines(rows)), encoding="utf-8")

    def _lines(self, rows: range) -> Iterator[str]:
        yield ",".join(self.columns) + "\n"
        for row in rows:
            yield self.line(row) + "\n"


def _text(row: int) -> str:
    return " ".join(_WORDS[(row * 7 + word * word) % len(_WORDS)] for word in range(40))


def _quoted(quote: str) -> Callable[[int], str]:
    def line(row: int) -> str:
        text = _text(row % 997)
        return f'i{row},"It says {quote}{text[:20]}{quote}, {text[20:]}"'

    return line


def _wide(width: int, odd_every: int | None = None) -> Callable[[int], str]:
    values = [f"value{column % 9}" for column in range(width - 1)]
    plain = ",".join(values)
    odd = ",".join(['"a,a"', *values[1:]])

    def line(row: int) -> str:
        return f"i{row},{odd if odd_every and row % odd_every == 0 else plain}"

    return line


def _names(width: int) -> tuple[str, ...]:
    return ("ITEM_ID", *(f"C{column}" for column in range(width - 1)))


_TEXTS = ("ITEM_ID", "DESCRIPTION")
SHAPES = {
    "quoted-backslash": Shape(_TEXTS, 300_000, _quoted('\\"')),
    "quoted-doubled": Shape(_TEXTS, 300_000, _quoted('""')),
    "columns-100": Shape(_names(100), 500_000, _wide(100)),
    "columns-100-odd-lines": Shape(_names(100), 500_000, _wide(100, odd_every=1000)),
    "columns-52": Shape(_names(52), 1_000_000, _wide(52)),
    "columns-100-sparse": Shape(_names(100), 1_000_000, lambda row: f"i{row}" + "," * 99),
    "lines-of-60-mb": Shape(_TEXTS, 3, lambda row: f'i{row},"{"a" * 60_000_000}"'),
    "files-5000": Shape(_TEXTS, 5000, lambda row: f'i{row},"text"', files=5000),
}
"""By name."""
