# SPDX-License-Identifier: Apache-2.0
"""The rules as a table for the documentation: `python -m personalize_import.data_rules.documentation`."""

from __future__ import annotations

from personalize_import.data_rules import RULES


def rules_as_markdown() -> str:
    """Every rule in a row."""
    rows = [
        f"| `{rule.id}` | {rule.severity} "
        f"| {_cell(rule.sentence)} | {_cell(rule.fix)} | [guide]({rule.source}) |"
        for rule in RULES
    ]
    return "\n".join(["| rule | | what must be so | what to do | source |", "|---|---|---|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


if __name__ == "__main__":
    print(rules_as_markdown())
