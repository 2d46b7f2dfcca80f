# SPDX-License-Identifier: Apache-2.0
"""What a check has found, for eyes and for programs."""

from __future__ import annotations

import json

from rich.table import Column, Table
from rich.text import Text

from personalize_import.data_check import Report
from personalize_import.data_rules import Findings, Severity

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def as_table(findings: Findings) -> Table:
    """The first places of each broken rule, errors first."""
    table = Table("Rule", "File", Column("Line", justify="right"), "Value", "What to do")
    for rule in findings.rules:
        style = _STYLES[rule.severity]
        name = Text(f"{rule.id}\n{_counted(findings.count(rule), rule.severity)}", style=style)
        examples = findings.examples(rule)
        for position, finding in enumerate(examples):
            first = position == 0
            table.add_row(
                name if first else "",
                Text(finding.file, overflow="fold"),
                str(finding.line or ""),
                Text(finding.got, overflow="fold"),
                Text(f"{rule.sentence} {rule.fix}" if first else ""),
            )
        more = findings.count(rule) - len(examples)
        if more:
            table.add_row("", Text(f"and {more:,} more", style="dim"))
        table.add_section()
    return table


def summary(report: Report) -> Text:
    """One line on all of it."""
    looked = f"{report.records:,} records in {_counted(report.files, 'file')}: "
    if not report.errors and not report.warnings:
        return Text(looked + "nothing found.", style="green")
    found = f"{_counted(report.errors, 'error')}, {_counted(report.warnings, 'warning')}."
    return Text(looked + found, style=_STYLES[Severity.ERROR if report.errors else Severity.WARNING])


def as_json(report: Report) -> str:
    """All of it, for programs."""
    findings = report.findings
    document = {
        "records": report.records,
        "files": report.files,
        "errors": report.errors,
        "warnings": report.warnings,
        "rules": [
            {
                "id": rule.id,
                "severity": rule.severity,
                "sentence": rule.sentence,
                "fix": rule.fix,
                "source": rule.source,
                "count": findings.count(rule),
                "examples": [
                    {
                        "file": finding.file,
                        "line": finding.line or None,
                        "field": finding.field or None,
                        "value": finding.value,
                    }
                    for finding in findings.examples(rule)
                ],
            }
            for rule in findings.rules
        ],
    }
    return json.dumps(document, indent=2)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
