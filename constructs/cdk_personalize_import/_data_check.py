# SPDX-License-Identifier: Apache-2.0
"""Checks data on this machine against its schema and the rules of Personalize at synth."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Annotations
from constructs import Construct

from cdk_personalize_import._validation import Problems

if TYPE_CHECKING:
    from cdk_personalize_import._staging import LocalData
    from personalize_import.data_check import Report

_DOMAINS = ("ECOMMERCE", "VIDEO_ON_DEMAND")
_OF_THE_EXTRA = ("numpy", "polars")
_EXAMPLES = 3

_NOT_COPIED = "folder-hidden"
"""The id of the rule about hidden files. `from_asset` does not upload them."""

_DATASET_TYPES = ("Interactions", "Items", "Users", "Actions", "Action_Interactions")


def check_schema_type(
    problems: Problems, schema: str | os.PathLike[str] | Mapping[str, Any] | None, dataset_type: str | None
) -> None:
    """Check that the name of a schema is that of the dataset's type.

    A schema that cannot be read is reported by the check of the data. See
    https://docs.aws.amazon.com/personalize/latest/dg/how-it-works-dataset-schema.html
    """
    types = {_plain(name): name for name in _DATASET_TYPES}
    named, given = types.get(_plain(_name_of(schema))), types.get(_plain(dataset_type or ""))
    if named and given and named != given:
        problems.add(
            f"schema of DataSource.from_asset must be for the dataset's type {given}, got one for {named}",
            "Pass the schema and the data of this dataset.",
        )


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _name_of(schema: str | os.PathLike[str] | Mapping[str, Any] | None) -> str:
    document: object = schema
    try:
        if isinstance(schema, str) and schema.lstrip().startswith("{"):
            document = json.loads(schema)
        elif isinstance(schema, str | os.PathLike):
            document = json.loads(Path(schema).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    name = document.get("name") if isinstance(document, Mapping) else None
    return name if isinstance(name, str) else ""


@dataclass
class DataCheck:
    """A check of data, which runs once for each import mode, whatever the number of imports.

    Attributes:
        data: The files.
        schema: The path of the schema, its JSON text, or the parsed JSON.
        domain: The domain of the dataset group, if it has one.
    """

    data: LocalData
    schema: str | os.PathLike[str] | Mapping[str, Any]
    domain: str | None

    def __post_init__(self) -> None:
        self._reports: dict[str, Report] = {}
        self._links = ""

    def check(self, job: Construct, problems: Problems, import_mode: str) -> None:
        """Report each problem that fails the import as an error, and any other as a warning."""
        if self.domain not in (None, *_DOMAINS):
            problems.add(
                f"domain of DataSource.from_asset must be one of {', '.join(_DOMAINS)}, got {self.domain!r}",
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
            self._add_findings(self._report(import_mode), job, problems)
        except CannotCheckError as problem:
            problems.add(
                f"data_source cannot be checked against its schema: {str(problem).removesuffix('.')}",
                "Correct the schema, or pass check=False to from_asset.",
            )

    def _report(self, import_mode: str) -> Report:
        from personalize_import.data_check import check
        from personalize_import.data_rules import Domain

        if import_mode not in self._reports:
            domain = Domain(self.domain) if self.domain else None
            with self._folder() as path:
                self._reports[import_mode] = check(
                    path, self.schema, domain=domain, import_mode=import_mode, examples=_EXAMPLES
                )
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
            self._links = folder
            yield Path(folder)

    def _add_findings(self, report: Report, job: Construct, problems: Problems) -> None:
        findings = report.findings
        for rule in findings.rules:
            if rule.id == _NOT_COPIED:
                continue
            first, *others = findings.examples(rule)
            more = findings.count(rule) - len(others) - 1
            also = f", and {more:,} more" if more else ""
            if rule.severity == "error":
                for finding in (first, *others):
                    last = also if finding is (others or [first])[-1] else ""
                    problems.add(self._named(finding.what).removesuffix(".") + last, rule.fix)
            else:
                # One warning for each rule, because a warning is acknowledged by its id.
                Annotations.of(job).add_warning_v2(
                    f"cdk-personalize-import:{rule.id}", f"{self._named(first.what)} {rule.fix}"
                )

    def _named(self, text: str) -> str:
        """Replace the folder of the links by the path of the data."""
        return text.replace(self._links, str(self.data.path)) if self._links else text
