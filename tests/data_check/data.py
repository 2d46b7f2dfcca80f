# SPDX-License-Identifier: Apache-2.0
"""Data to check."""

from pathlib import Path
from typing import Any

from personalize_import.data_check import Report, check

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}
HEADER = "USER_ID,ITEM_ID,TIMESTAMP\n"

ITEMS: dict[str, Any] = {
    "type": "record",
    "name": "Items",
    "fields": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "DESCRIPTION", "type": ["null", "string"], "textual": True},
    ],
}
ITEMS_HEADER = "ITEM_ID,DESCRIPTION\n"


def interactions(count: int = 1000, users: int = 100) -> list[str]:
    """Lines that break no rule."""
    return [f"u{number % users},i{number},{1_600_000_000 + number}\n" for number in range(count)]


def write(folder: Path, *lines: str | bytes, header: str = HEADER, name: str = "data.csv") -> Path:
    """A file of a header and some lines."""
    path = folder / name
    path.write_bytes(
        header.encode() + b"".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    )
    return path


def places(report: Report) -> list[tuple[str, int]]:
    """Rule and line of everything that was found."""
    return [
        (rule.id, finding.line)
        for rule in report.findings.rules
        for finding in report.findings.examples(rule)
    ]


def check_items(path: Path, **options: Any) -> list[tuple[str, int]]:
    """Rule and line of everything that is wrong with items, apart from texts without quotation marks."""
    return places(check(path, ITEMS, severities={"text-unquoted": None}, **options))


def rules(report: Report) -> set[str]:
    """The rules that are broken."""
    return {rule.id for rule in report.findings.rules}


def with_field(**field: Any) -> dict[str, Any]:
    """The schema of interactions with one field more."""
    return SCHEMA | {"fields": [*SCHEMA["fields"], field]}


def found(report: Report) -> dict[str, str]:
    """The first finding of each rule."""
    findings = report.findings
    return {rule.id: findings.examples(rule)[0].found for rule in findings.rules}
