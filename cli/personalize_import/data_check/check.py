# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from personalize_import.data_check.blocks import BLOCK_BYTES
from personalize_import.data_check.errors import CannotCheckError, UnknownTypeError
from personalize_import.data_check.import_check import ImportCheck
from personalize_import.data_check.sources import LocalPath, Location, Source, check_files, check_size
from personalize_import.data_rules import advice_rules
from personalize_import.data_rules.advice_rules import ColumnTotals, check_advice
from personalize_import.data_rules.dataset_type import Dataset, DatasetType, Domain
from personalize_import.data_rules.finding import Findings
from personalize_import.data_rules.rule import Severity, rules_of
from personalize_import.data_rules.schema import Schema
from personalize_import.data_rules.schema_rules import SCHEMA_FORM
from personalize_import.data_rules.total_rules import Totals, check_totals
from personalize_import.schema_file import SchemaSource, judge_schema, read_schema

_ADVICE_RULES = rules_of(advice_rules)


@dataclass(frozen=True)
class Report:
    """What has been found in the data of an import.

    Attributes:
        findings: What is wrong.
        files: How many files were checked.
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

    @property
    def advice(self) -> int:
        """How many findings are advice."""
        return self.findings.total(Severity.ADVICE)


class Engine(Protocol):
    """Checks the files of one import.

    Attributes:
        records: How many records have been checked.
    """

    records: int

    def check(self, sources: Sequence[Source], /) -> None:
        """Check all files."""

    def totals(self) -> Totals:
        """What has been counted in all files."""

    def column_totals(self) -> ColumnTotals:
        """What has been counted for advice."""


def check(
    data: Path | Location,
    schema: SchemaSource,
    *,
    dataset_type: DatasetType | None = None,
    domain: Domain | None = None,
    import_mode: str = "FULL",
    examples: int = 5,
    severities: Mapping[str, Severity | None] | None = None,
    advice: bool = False,
    progress: Callable[[int], None] = lambda _: None,
    block_bytes: int = BLOCK_BYTES,
    jobs: int = 1,
    engine: Callable[[Schema, Dataset, Findings, bool], Engine] | None = None,
) -> Report:
    """Check the data of an import against everything that Amazon Personalize asks of it.

    Args:
        data: A file, a folder, of which the files of the first level are checked, or another location.
        schema: The file of the Avro schema, its JSON text, or the parsed JSON.
        dataset_type: The type of the dataset. Default: from the name of the schema.
        domain: The domain of the dataset group. Default: none, a custom dataset group.
        import_mode: FULL or INCREMENTAL.
        examples: How many places of each broken rule are kept.
        severities: Severities by the ids of rules, instead of the rules' own; None turns a rule off.
        advice: Whether to report advice as well. What counts is the severity of a rule in `severities`.
        progress: Called with the number of bytes that have been read since the last call.
        block_bytes: How many bytes are checked at once.
        jobs: How many blocks are checked at the same time.
        engine: Makes what checks the files, from the schema, the dataset, where to put findings, and whether
            to count what only advice needs. Default: this process.

    Raises:
        CannotCheckError: The data or the schema cannot be read, or the type of the dataset is not known. A
            schema or a header that cannot be read is a finding instead, unless its rule is no error.
    """
    findings = Findings(examples, severities, advice=advice)
    location = LocalPath(data) if isinstance(data, Path) else data
    read = _BytesRead(progress)
    with _explaining():
        parsed = _read_schema(schema, findings)
        sources = location.sources()
        size = sum(source.size for source in sources)
        findings.extend(check_files(location, sources))
        findings.extend(check_size(location, size, import_mode))
        if parsed is None:
            return Report(findings, 0, 0)
        dataset = Dataset(dataset_type or _type_named(parsed), domain)
        findings.extend(judge_schema(parsed, dataset, schema))
        counts_advice = any(findings.severity(rule) for rule in _ADVICE_RULES)
        checked: Engine = (
            engine(parsed, dataset, findings, counts_advice)
            if engine
            else ImportCheck(parsed, dataset, findings, read.add, block_bytes, jobs, counts_advice)
        )
        checked.check(sources)
    if not size:  # of a pipe it is not known before
        findings.extend(check_size(location, read.total, import_mode))
    totals = checked.totals()
    if not totals.records and not totals.complete and not findings.total(Severity.ERROR):
        raise CannotCheckError(
            f"{location.name}: no file has a header that can be read, so nothing was checked. "
            "Give each file a header with the names of the schema."
        )
    if sources:
        findings.extend(check_totals(totals, parsed, dataset, location.name, import_mode))
    if sources and counts_advice:
        findings.extend(check_advice(checked.column_totals(), dataset, location.name, import_mode))
    return Report(findings, len(sources), checked.records)


@dataclass
class _BytesRead:
    """Counts the bytes that are read.

    Attributes:
        progress: Called with the bytes of each read.
        total: The bytes of all reads.
    """

    progress: Callable[[int], None]
    total: int = 0

    def add(self, read: int) -> None:
        self.total += read
        self.progress(read)


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        found = f"{problem.strerror or problem}."
        if problem.filename:
            found = f"{problem.filename}: {found} Correct the path, or its permissions."
        raise CannotCheckError(found) from problem


def _read_schema(schema: SchemaSource, findings: Findings) -> Schema | None:
    """The schema; None if it cannot be read and that is reported as an error."""
    parsed, problems = read_schema(schema)
    findings.extend(problems)
    if parsed is None and findings.severity(SCHEMA_FORM) is not Severity.ERROR:
        raise CannotCheckError(f"{problems[0].place}: the schema cannot be read. {problems[0].found}.")
    return parsed


def _type_named(schema: Schema) -> DatasetType:
    """The type of the dataset, from the name of its schema."""
    kind = DatasetType.of_schema_name(schema.name)
    if kind is None:
        names = ", ".join(each.schema_name for each in DatasetType)
        raise UnknownTypeError(f"The schema's name must be one of {names}, got {schema.name!r}.")
    return kind
