# SPDX-License-Identifier: Apache-2.0
"""What a check has found, for eyes and for programs."""

from __future__ import annotations

import json

from rich.table import Column, Table
from rich.text import Text

from personalize_import.data_check import Report
from personalize_import.data_rules import Finding, Findings, Rule, Severity
from personalize_import.data_rules.finding import counted

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def as_table(findings: Findings) -> Table:
    """The first places of each broken rule, errors first."""
    table = Table("Rule", "File", Column("Line", justify="right"), "Found", "What to do")
    for rule in findings.rules:
        style = _STYLES[rule.severity]
        name = Text(f"{rule.id}\n{counted(findings.count(rule), rule.severity)}", style=style)
        examples = findings.examples(rule)
        for position, finding in enumerate(examples):
            first = position == 0
            table.add_row(
                name if first else "",
                Text(finding.file, overflow="fold"),
                str(finding.line or ""),
                # The head of the column says so already.
                Text(finding.found.removeprefix("Got "), overflow="fold"),
                Text(f"{rule.sentence}\n{rule.fix}" if first else ""),
            )
        more = findings.count(rule) - len(examples)
        if more:
            table.add_row("", Text(f"and {more:,} more", style="dim"))
        table.add_section()
    return table


def summary(report: Report) -> Text:
    """One line on all of it."""
    looked = f"Checked {counted(report.records, 'record')} in {counted(report.files, 'file')}"
    if not report.files:
        looked = "No data was checked"
    if not report.errors and not report.warnings:
        return Text(f"{looked}: no errors, no warnings.", style="green")
    found = f"{counted(report.errors, 'error')}, {counted(report.warnings, 'warning')}."
    style = _STYLES[Severity.ERROR if report.errors else Severity.WARNING]
    return Text(f"{looked}: {found}", style=style)


def as_json(report: Report) -> str:
    """All of it, for programs."""
    findings = report.findings
    document = {
        "records": report.records,
        "files": report.files,
        "errors": report.errors,
        "warnings": report.warnings,
        "rules": [_rule_for_programs(rule, findings) for rule in findings.rules],
    }
    return json.dumps(document, indent=2)


def _rule_for_programs(rule: Rule, findings: Findings) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": rule.severity,
        "sentence": rule.sentence,
        "fix": rule.fix,
        "source": rule.source,
        "count": findings.count(rule),
        "examples": [_place_for_programs(finding) for finding in findings.examples(rule)],
    }


def _place_for_programs(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.file,
        "line": finding.line or None,
        "field": finding.field or None,
        "value": finding.value,
        "found": finding.found,
    }
