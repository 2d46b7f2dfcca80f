# SPDX-License-Identifier: Apache-2.0
"""Checks data on this machine against its schema and the rules of Personalize at synth."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Annotations
from constructs import Construct

from cdk_personalize_import._validation import Problems
from personalize_import.data_rules import RULES, DatasetType, Domain, Severity
from personalize_import.schema_file import SchemaSource, read_schema

if TYPE_CHECKING:
    from cdk_personalize_import._staging import LocalData
    from personalize_import.data_check import Report
    from personalize_import.data_rules import Rule

_OF_THE_EXTRA = ("numpy", "polars")
_EXAMPLES = 3

_NOT_COPIED = "folder-hidden"
"""The id of the rule about hidden files. `from_asset` does not upload them."""

_OFF = "off"


def check_schema_type(problems: Problems, schema: SchemaSource | None, dataset_type: str | None) -> None:
    """Check that the name of a schema is that of the dataset's type.

    A schema that cannot be read is reported by the check of the data. See
    https://docs.aws.amazon.com/personalize/latest/dg/how-it-works-dataset-schema.html
    """
    named, given = _type_of(schema), DatasetType.of_schema_name(dataset_type or "")
    if named and given and named is not given:
        problems.add(
            f"schema of DataSource.from_asset must be for the dataset's type {given.schema_name}, got one "
            f"for {named.schema_name}",
            "Pass the schema and the data of this dataset.",
        )


def _type_of(schema: SchemaSource | None) -> DatasetType | None:
    if schema is None:
        return None
    try:
        read, _ = read_schema(schema)
    except OSError:
        return None
    return DatasetType.of_schema_name(read.name) if read else None


def check_severities(problems: Problems, severities: object) -> bool:
    """Return whether a value can be the severities of rules, and note a problem if it cannot."""
    name = "severities of DataSource.from_asset"
    if severities is None:
        return True
    if not isinstance(severities, Mapping):
        problems.add(f"{name} must be a mapping, got {severities!r}", "Pass {RULE: SEVERITY}.")
        return False
    before = len(problems.messages)
    ids = {rule.id for rule in RULES}
    for rule, severity in severities.items():
        if rule not in ids:
            fix = "Pass the id of a rule: it is in the error or the warning, and in docs/data-rules.md."
            problems.add(f"{name} must be for rules of the check, got {rule!r}", fix)
        if severity not in (Severity.ERROR, Severity.WARNING, _OFF):
            fix = f"Pass {Severity.ERROR!s}, {Severity.WARNING!s} or {_OFF}."
            problems.add(f"{name} must be a severity for {rule!r}, got {severity!r}", fix)
    return len(problems.messages) == before


@dataclass
class DataCheck:
    """A check of data, which runs once for each import mode, whatever the number of imports.

    Attributes:
        data: The files.
        schema: The path of the schema, its JSON text, or the parsed JSON.
        domain: The domain of the dataset group, if it has one.
        severities: Severities by the ids of rules, instead of the rules' own.
    """

    data: LocalData
    schema: SchemaSource
    domain: str | None
    severities: Mapping[str, str]

    def __post_init__(self) -> None:
        self._reports: dict[str, tuple[Report, Path]] = {}

    def check(self, job: Construct, problems: Problems, import_mode: str) -> None:
        """Report each problem that fails the import as an error, and any other as a warning."""
        if self.domain not in (None, *Domain):
            problems.add(
                f"domain of DataSource.from_asset must be one of {', '.join(Domain)}, got {self.domain!r}",
                "Use the domain of the dataset group; omit it for a custom dataset group.",
            )
            return
        try:
            # Imported here, because only the check needs the extra.
            from personalize_import.data_check import CannotCheckError
        except ModuleNotFoundError as missing:
            if missing.name not in _OF_THE_EXTRA:
                raise
            problems.add(
                "data_source cannot be checked against its schema: the extra cli is not installed",
                "Run pip install 'cdk-personalize-import[cli]', or pass check=False to from_asset.",
            )
            return
        try:
            self._add_findings(*self._report(import_mode), job, problems)
        except CannotCheckError as problem:
            problems.add(
                f"data_source cannot be checked against its schema: {str(problem).removesuffix('.')}",
                "Correct the schema, or pass check=False to from_asset.",
            )

    def _report(self, import_mode: str) -> tuple[Report, Path]:
        """Return what has been found, and the folder that its places name."""
        from personalize_import.data_check import check

        if import_mode not in self._reports:
            levels = {
                rule: None if level == _OFF else Severity(level) for rule, level in self.severities.items()
            }
            with self._folder() as path:
                report = check(
                    path,
                    self.schema,
                    domain=Domain(self.domain) if self.domain else None,
                    import_mode=import_mode,
                    examples=_EXAMPLES,
                    severities=levels,
                )
            self._reports[import_mode] = report, path
        return self._reports[import_mode]

    @contextlib.contextmanager
    def _folder(self) -> Iterator[Path]:
        """The path of the data. If there is a pattern, a folder with links to the matching files."""
        if self.data.pattern is None:
            yield self.data.path
            return
        with tempfile.TemporaryDirectory() as folder:
            for file in self.data.files:
                Path(folder, file.name).symlink_to(file.absolute())
            yield Path(folder)

    def _add_findings(self, report: Report, folder: Path, job: Construct, problems: Problems) -> None:
        findings = report.findings
        for rule in findings.rules:
            if rule.id == _NOT_COPIED:
                continue
            examples = [
                finding.message.replace(str(folder), str(self.data.path))
                for finding in findings.examples(rule)
            ]
            if findings.severity(rule) is Severity.ERROR:
                more = findings.count(rule) - len(examples)
                examples[-1] = examples[-1].removesuffix(".") + (f", and {more:,} more" if more else "")
                doubt = "" if rule.certain or rule.id in self.severities else _doubt(rule)
                for example in examples:
                    problems.add(example.removesuffix("."), f"{rule.fix}{doubt} [{rule.id}]")
            else:
                # One warning for each rule, because a warning is acknowledged by its id.
                more = findings.count(rule) - 1
                found = examples[0].removesuffix(".") + (f", and {more:,} more" if more else "")
                Annotations.of(job).add_warning_v2(
                    f"cdk-personalize-import:{rule.id}", f"{found}. {rule.fix}"
                )


def _doubt(rule: Rule) -> str:
    """What to do about an error that may not fail the import."""
    return (
        " The guide does not say for certain that the import fails. To deploy all the same, pass "
        f"severities={{{rule.id!r}: 'warning'}} to from_asset."
    )
