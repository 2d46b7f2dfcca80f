# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from personalize_import.data_check.blocks import BLOCK_BYTES
from personalize_import.data_check.errors import CannotCheckError, UnknownTypeError
from personalize_import.data_check.file_check import FileCheck
from personalize_import.data_check.files import check_files, data_files
from personalize_import.data_check.schema_file import SchemaSource, judge_schema, read_schema
from personalize_import.data_rules.dataset_type import DatasetType, Domain, known_fields
from personalize_import.data_rules.finding import Findings
from personalize_import.data_rules.rule import Severity
from personalize_import.data_rules.total_rules import check_totals


@dataclass(frozen=True)
class Report:
    """What has been found in the data of an import.

    Attributes:
        findings: What is wrong.
        files: How many files were looked at.
        records: How many records they have.
    """

    findings: Findings
    files: int
    records: int

    @property
    def errors(self) -> int:
        """How many findings would fail the import."""
        return self.findings.total(Severity.ERROR)

    @property
    def warnings(self) -> int:
        """How many findings the import may survive."""
        return self.findings.total(Severity.WARNING)


def check(
    path: Path,
    schema: SchemaSource,
    *,
    dataset_type: DatasetType | None = None,
    domain: Domain | None = None,
    import_mode: str = "FULL",
    examples: int = 5,
    progress: Callable[[int], None] = lambda _: None,
    block_bytes: int = BLOCK_BYTES,
) -> Report:
    """Check the data of an import against everything that Amazon Personalize asks of it.

    Args:
        path: A file, or a folder, of which the files of the first level are looked at.
        schema: The file of the Avro schema, or what it holds.
        dataset_type: The type of the dataset. Default: from the name of the schema.
        domain: The domain of the dataset group. Default: none, a custom dataset group.
        import_mode: FULL or INCREMENTAL.
        examples: How many places of each broken rule are kept.
        progress: Told how many bytes have been looked at since the last time.
        block_bytes: How many bytes are looked at at once.

    Raises:
        CannotCheckError: The data or the schema cannot be read, or it is unclear what the data is.
    """
    findings = Findings(examples)
    try:
        read, problems = read_schema(schema)
        findings.extend(problems)
        files = data_files(path)
        findings.extend(check_files(path, files, import_mode))
        if read is None:
            return Report(findings, 0, 0)
        kind = dataset_type or DatasetType.of_schema_name(read.name)
        if kind is None:
            names = ", ".join(each.schema_name for each in DatasetType)
            raise UnknownTypeError(f"The schema's name must be one of {names}, got {read.name!r}.")
        findings.extend(judge_schema(read, kind, domain, schema))
        file_check = FileCheck(
            read, kind, frozenset(known_fields(kind, domain)), findings, progress, block_bytes
        )
        for file in files:
            file_check.check(file)
    except OSError as problem:
        raise CannotCheckError(f"{problem.filename}: {problem.strerror}.") from problem
    if files:
        findings.extend(check_totals(file_check.totals(), read, kind, str(path)))
    return Report(findings, len(files), file_check.records)
