# SPDX-License-Identifier: Apache-2.0
"""What a check has found, for people and for programs."""

from __future__ import annotations

import json

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from personalize_import.data_check import Report
from personalize_import.data_rules import Finding, Findings, Rule, Severity
from personalize_import.data_rules.finding import counted

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.ADVICE: "cyan"}
_INDENT = 2


def as_list(findings: Findings) -> Group:
    """Each broken rule with its first places, errors first. Fits into 80 columns."""
    return Group(*(part for rule in findings.rules for part in _rule(rule, findings)))


def _rule(rule: Rule, findings: Findings) -> list[Text | Padding]:
    severity = findings.severity(rule) or rule.severity
    count = findings.count(rule)
    heading = Text.assemble(
        (severity.upper(), f"bold {_STYLES[severity]}"), "  ", (rule.id, "bold"), f"  {count:,} found"
    )
    if not rule.certain:
        heading.append("  (not certain)", style="dim")
    examples = findings.examples(rule)
    places = [_place(finding) for finding in examples]
    more = count - len(examples)
    if more:
        places.append(Text(f"and {more:,} more", style="dim"))
    text = Text(f"{rule.sentence} {rule.fix}")
    return [heading, *map(_indented, [*places, text]), Text("")]


def _place(finding: Finding) -> Text:
    found = finding.found.removeprefix("Got ")
    return Text.assemble((finding.place, "underline"), f"  {found}" if found else "", overflow="fold")


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, _INDENT), expand=False)


def summary(report: Report) -> Text:
    """One line on all of it."""
    checked = f"Checked {counted(report.records, 'record')} in {counted(report.files, 'file')}"
    if not report.files:
        checked = "No data was checked"
    if not report.errors and not report.warnings:
        advice = f" {_advice(report)}" if report.advice else ""
        return Text(f"{checked}: no errors, no warnings.{advice}", style="green")
    found = f"{counted(report.errors, 'error')}, {counted(report.warnings, 'warning')}."
    if report.advice:
        found += f" {_advice(report)}"
    style = _STYLES[Severity.ERROR if report.errors else Severity.WARNING]
    return Text(f"{checked}: {found}", style=style)


def _advice(report: Report) -> str:
    return f"{report.advice:,} {'piece' if report.advice == 1 else 'pieces'} of advice."


def as_json(report: Report) -> str:
    """All of it, for programs."""
    findings = report.findings
    document = {
        "records": report.records,
        "files": report.files,
        "errors": report.errors,
        "warnings": report.warnings,
        "advice": report.advice,
        "rules": [_rule_as_json(rule, findings) for rule in findings.rules],
    }
    return json.dumps(document, indent=2)


def _rule_as_json(rule: Rule, findings: Findings) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": findings.severity(rule),
        "certain": rule.certain,
        "sentence": rule.sentence,
        "fix": rule.fix,
        "source": rule.source,
        "count": findings.count(rule),
        "examples": [_finding_as_json(finding) for finding in findings.examples(rule)],
    }


def _finding_as_json(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.file,
        "line": finding.line or None,
        "field": finding.field or None,
        "value": finding.value,
        "found": finding.found,
    }
