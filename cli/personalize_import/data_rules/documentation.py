# SPDX-License-Identifier: Apache-2.0
"""Writes the rules as a table into a page: `python -m personalize_import.data_rules.documentation PAGE`.

The table is between two comments of the page; the rest of the page stays as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from personalize_import.data_rules import RULES

BEGIN = "<!-- The rules: written by python -m personalize_import.data_rules.documentation -->"
END = "<!-- End of the rules -->"


def rules_as_markdown() -> str:
    """Every rule in a row."""
    rows = [
        f"| `{rule.id}` | {rule.severity} | {'yes' if rule.certain else 'no'} "
        f"| {_cell(rule.sentence)} | {_cell(rule.fix)} | [guide]({rule.source}) |"
        for rule in RULES
    ]
    head = [
        "| rule | severity | certain | what must be so | what to do | source |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def with_rules(page: str) -> str:
    """A page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{rules_as_markdown()}\n\n{END}{after}"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_rules(path.read_text(encoding="utf-8")), encoding="utf-8")
