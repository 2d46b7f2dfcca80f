# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import codecs
from dataclasses import dataclass, field

from personalize_import.data_check.columns import Columns
from personalize_import.data_rules.dataset_type import Dataset
from personalize_import.data_rules.file_rules import (
    BYTE_ORDER_MARK,
    FILE_EMPTY,
    FILE_FORMAT,
    FILE_LINE_ENDS,
    FILE_STRAY,
    other_format,
)
from personalize_import.data_rules.finding import Finding, Findings
from personalize_import.data_rules.header_rules import (
    HEADER_MISSING,
    check_header,
    check_same_header,
    names_in,
)
from personalize_import.data_rules.rule import Severity
from personalize_import.data_rules.schema import Schema

LONGEST_HEADER = 1024**2


@dataclass
class HeaderCheck:
    """Checks the first lines of the files of one import.

    Attributes:
        schema: What the data should look like.
        dataset: The dataset that it is for.
        findings: Where to put what is found.
        advice: Whether to count what only advice needs.
        complete: Whether each file that is not empty has a header. Otherwise its records are not known.
    """

    schema: Schema
    dataset: Dataset
    findings: Findings
    advice: bool = False
    complete: bool = True
    _reference: str | None = None
    _without_header: list[Finding] = field(default_factory=list)
    _columns: dict[str, Columns] = field(default_factory=dict)

    def check(self, line: bytes, name: str) -> Columns | None:
        """Check the first line of a file.

        Args:
            line: The line, up to `LONGEST_HEADER` bytes of it; empty if the file is.
            name: The file's name.

        Returns:
            The columns, which are the same object for the same header; None if the line does not name them.
        """
        if not line:
            self.findings.add(Finding(FILE_EMPTY, name))
            return None
        columns = self._check(line, name)
        self.complete = self.complete and columns is not None
        return columns

    @property
    def reference(self) -> Columns | None:
        """The columns that all files should have: those of the first header without an error."""
        return self._columns.get(self._reference) if self._reference is not None else None

    def report_stray(self) -> None:
        """Report the files without a header, after all files: where others have one, they are stray."""
        for finding in self._without_header:
            is_stray = self._reference is not None
            self.findings.add(Finding(FILE_STRAY, finding.file, value=finding.value) if is_stray else finding)

    def _check(self, line: bytes, name: str) -> Columns | None:
        kind = other_format(line)
        if kind:
            self.findings.add(Finding(FILE_FORMAT, name, value=kind))
            return None
        if b"\r" in line.rstrip(b"\r\n"):
            self.findings.add(Finding(FILE_LINE_ENDS, name, value="carriage returns only"))
            return None
        if line.startswith(codecs.BOM_UTF8):
            line = line.removeprefix(codecs.BOM_UTF8)
            self.findings.add(Finding(BYTE_ORDER_MARK, name, 1))
        if len(line) >= LONGEST_HEADER:
            self._without_header.append(Finding(HEADER_MISSING, name, 1, value="a first line of over 1 MiB"))
            return None
        header = line.decode(errors="replace").rstrip("\r\n")
        found = list(check_header(header, self.schema, name))
        if any(finding.rule is HEADER_MISSING for finding in found):
            self._without_header += found
            return None
        if self._reference is not None:
            found.extend(check_same_header(self._reference, header, name))
        elif all(finding.rule.severity is not Severity.ERROR for finding in found):
            self._reference = header
        self.findings.extend(found)
        if header not in self._columns:
            names = names_in(header)
            self._columns[header] = Columns.of(
                names, self.schema, self.dataset, self.findings.most_examples, advice=self.advice
            )
        return self._columns[header]
