# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from personalize_import.data_rules.rule import Rule, Severity

LONGEST_VALUE = 60
"""Characters of a value that are shown."""


@dataclass(frozen=True)
class Finding:
    """One place where a rule is broken.

    Attributes:
        rule: The rule.
        file: The file, as the user would name it.
        line: The line in it, counted from 1; 0 where it is about the file as a whole.
        field: The column; empty where it is about more than one.
        value: What was found.
    """

    rule: Rule
    file: str
    line: int = 0
    field: str = ""
    value: str = ""

    @property
    def place(self) -> str:
        """File and line, in the way that editors and terminals can jump to."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def got(self) -> str:
        """The value, named and cut to what can be read at a glance."""
        value = self.value if len(self.value) <= LONGEST_VALUE else self.value[: LONGEST_VALUE - 1] + "…"
        # repr shows what cannot be seen, such as a tab or a byte order mark; plain text stays as it is.
        shown = value if value.isprintable() else repr(value)[1:-1]
        return f"{self.field}={shown}" if self.field else shown

    @property
    def what(self) -> str:
        """Where it is, what should be so and what was found."""
        got = f" Got {self.got}." if self.got else ""
        return f"{self.place}: {self.rule.sentence}{got}"

    def __str__(self) -> str:
        """All of it, in one line."""
        return f"{self.what} {self.rule.fix} [{self.rule.id}]"


class Findings:
    """All that has been found: how often each rule is broken, and the first places.

    Args:
        examples: How many places of each rule are kept; the count goes on.
    """

    def __init__(self, examples: int = 5) -> None:
        self.most = examples
        self._counts: Counter[Rule] = Counter()
        self._examples: dict[Rule, list[Finding]] = {}

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if it is one of the first of its rule."""
        self._counts[finding.rule] += 1
        kept = self._examples.setdefault(finding.rule, [])
        if len(kept) < self.most:
            kept.append(finding)

    def add_more(self, rule: Rule, count: int) -> None:
        """Count places that are not worth keeping, because enough of the rule's have been added."""
        self._counts[rule] += count

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add several."""
        for finding in findings:
            self.add(finding)

    def count(self, rule: Rule) -> int:
        """How often the rule is broken."""
        return self._counts[rule]

    @property
    def rules(self) -> list[Rule]:
        """The rules that are broken: errors first, otherwise in the order of finding."""
        return sorted(self._counts, key=lambda rule: rule.severity is not Severity.ERROR)

    def examples(self, rule: Rule) -> list[Finding]:
        """The first places where the rule is broken."""
        return list(self._examples.get(rule, ()))

    def total(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(count for rule, count in self._counts.items() if rule.severity is severity)
