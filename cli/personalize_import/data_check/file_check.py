# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import polars as pl

from personalize_import.data_check.blocks import BLOCK_BYTES, Blocks
from personalize_import.data_check.counts import FewValues, IdSample
from personalize_import.data_check.table import read_table
from personalize_import.data_check.values import ValueCheck
from personalize_import.data_rules.dataset_type import DatasetType
from personalize_import.data_rules.file_rules import BYTE_ORDER_MARK, ENCODING
from personalize_import.data_rules.finding import Finding, Findings
from personalize_import.data_rules.header_rules import (
    HEADER_MISSING,
    check_header,
    check_same_header,
    names_in,
)
from personalize_import.data_rules.schema import Field, Schema
from personalize_import.data_rules.total_rules import IDS, Totals

LONGEST_HEADER = 1024**2
_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass
class FileCheck:
    """Checks the files of one import, one after the other.

    Attributes:
        schema: What the data should look like.
        kind: The type of the dataset.
        keywords: The names that Amazon Personalize reserves in the dataset.
        findings: Where to put what is found.
        progress: Told how many bytes have been looked at since the last time.
        block_bytes: How much to look at at once.
    """

    schema: Schema
    kind: DatasetType
    keywords: frozenset[str]
    findings: Findings
    progress: Callable[[int], None]
    block_bytes: int = BLOCK_BYTES
    records: int = 0
    _complete: bool = True
    _first_header: str | None = None
    _ids: IdSample = field(default_factory=IdSample)
    _event_types: FewValues = field(default_factory=FewValues)

    def check(self, path: Path) -> None:
        """Look at a file.

        Raises:
            OSError: It cannot be read.
            CannotCheckError: It is no CSV.
        """
        with path.open("rb") as file:
            columns = self._check_header(file, str(path))
            self.progress(file.tell())
            if columns:
                self._check_lines(file, str(path), columns)
            elif file.tell():
                # An empty file has no records; how many this one has is unknown.
                self._complete = False

    def totals(self) -> Totals:
        """What has been counted in all files."""
        ids, repeated = self._ids.totals()
        return Totals(
            records=self.records,
            ids=ids if ids else None,
            repeated_ids=repeated,
            exact=self._ids.exact,
            event_types=self._event_types.count,
            complete=self._complete,
        )

    def _check_header(self, file: BinaryIO, name: str) -> list[str]:
        """Look at the first line; the names of the columns, or none where it names none."""
        line = file.readline(LONGEST_HEADER)
        if line.startswith(_OTHER_ENCODINGS):
            self.findings.add(Finding(ENCODING, name, 1, value="UTF-16"))
            return []
        if line.startswith(codecs.BOM_UTF8):
            line = line.removeprefix(codecs.BOM_UTF8)
            self.findings.add(Finding(BYTE_ORDER_MARK, name, 1))
        header = line.decode(errors="replace").rstrip("\r\n")
        found = list(check_header(header, self.schema, name))
        if self._first_header is None:
            self._first_header = header
        elif not any(finding.rule is HEADER_MISSING for finding in found):
            found.extend(check_same_header(self._first_header, header, name))
        self.findings.extend(found)
        return [] if any(finding.rule is HEADER_MISSING for finding in found) else names_in(header)

    def _check_lines(self, file: BinaryIO, name: str, names: list[str]) -> None:
        fields = self._fields(names)
        check = ValueCheck(fields, self.keywords, self.findings.most)
        columns = {field.key: column for column, field in fields.items()}
        blocks = Blocks(file, first_line=2, size=self.block_bytes)
        seen = file.tell()
        for block in blocks:
            table = read_table(block, len(names))
            if table.rest:
                blocks.put_back(table.rest)
            found = [Finding(rule, name, line, value=value) for rule, line, value in table.broken]
            values = list(check.broken(table.frame, block.data))
            for broken in values:
                found += [
                    Finding(broken.rule, name, table.line(row), broken.field.name, value)
                    for row, value in broken.first
                ]
            self.findings.extend(sorted(found, key=lambda finding: finding.line))
            for broken in values:
                self.findings.add_more(broken.rule, broken.count - len(broken.first))
            self.records += table.records
            self._count(table.frame, columns)
            self.progress(file.tell() - seen)
            seen = file.tell()

    def _fields(self, names: list[str]) -> dict[str, Field]:
        """The field of each column that has one; of two columns with one name, the first."""
        by_key = {field.key: field for field in self.schema.fields}
        found: dict[Field, str] = {}
        for position, name in enumerate(names):
            if name.upper() in by_key:
                found.setdefault(by_key[name.upper()], str(position))
        return {column: field for field, column in found.items()}

    def _count(self, frame: pl.DataFrame, columns: dict[str, str]) -> None:
        ids = columns.get(IDS.get(self.kind, ""))
        if ids:
            self._ids.add(frame[ids])
        if self.kind is DatasetType.INTERACTIONS and "EVENT_TYPE" in columns:
            self._event_types.add(frame[columns["EVENT_TYPE"]])
