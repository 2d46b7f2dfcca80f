# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from personalize_import.data_rules.rule import SEVERITIES, Rule, Severity

LONGEST_VALUE = 80
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
    def found(self) -> str:
        """What was found, in the words of the rule; empty where there is nothing to add."""
        if not self.field and not self.value:
            return ""
        value = shown(self.value)
        hint = self.rule.hint(self.value)
        value += f", probably {hint}" if hint else ""
        got = f"{self.field}={value}" if self.field else value
        return self.rule.found.format(field=self.field, value=value, got=got)

    @property
    def message(self) -> str:
        """Where it is, what must be so and what was found."""
        found = f" {self.found}." if self.found else ""
        return f"{self.place}: {self.rule.sentence}{found}"

    def __str__(self) -> str:
        """All of it, in one line."""
        return f"{self.message} {self.rule.fix} [{self.rule.id}]"


def shown(value: str) -> str:
    """A value as it can be read at a glance: a long one cut, what cannot be seen made visible."""
    cut = value[:LONGEST_VALUE]
    # repr shows a tab, a byte order mark and where the spaces around a value end; plain text stays as it is.
    visible = cut if cut.isprintable() and cut == cut.strip() else repr(cut)
    return visible if cut == value else f"{visible}… ({len(value):,} characters)"


def counted(number: int, what: str) -> str:
    """A number with what it counts, in the plural where that is right."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


class Findings:
    """All that has been found: how often each rule is broken, and the first places.

    Args:
        examples: How many places of each rule are kept. All are counted.
        severities: Severities by the ids of rules, instead of the rules' own; None turns a rule off.
        advice: Whether rules of which the severity is advice are on.
    """

    def __init__(
        self,
        examples: int = 5,
        severities: Mapping[str, Severity | None] | None = None,
        *,
        advice: bool = True,
    ) -> None:
        self.most_examples = examples
        self._advice = advice
        self._severities = dict(severities or {})
        self._counts: Counter[Rule] = Counter()
        self._examples: dict[Rule, list[Finding]] = {}

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if it is one of the first of its rule."""
        if self.severity(finding.rule) is None:
            return
        self._counts[finding.rule] += 1
        kept = self._examples.setdefault(finding.rule, [])
        if len(kept) < self.most_examples:
            kept.append(finding)

    def add_more(self, rule: Rule, count: int) -> None:
        """Count places that need not be kept, because enough of the rule's have been added."""
        if count and self.severity(rule) is not None:
            self._counts[rule] += count

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add several."""
        for finding in findings:
            self.add(finding)

    def severity(self, rule: Rule) -> Severity | None:
        """The severity of a rule; None if it is off."""
        severity = self._severities.get(rule.id, rule.severity)
        return severity if self._advice or severity is not Severity.ADVICE else None

    def count(self, rule: Rule) -> int:
        """How often the rule is broken."""
        return self._counts[rule]

    @property
    def rules(self) -> list[Rule]:
        """The rules that are broken: by severity, otherwise in the order of finding."""
        return sorted(self._counts, key=lambda rule: SEVERITIES.index(self.severity(rule) or rule.severity))

    def examples(self, rule: Rule) -> list[Finding]:
        """The first places where the rule is broken."""
        return list(self._examples.get(rule, ()))

    def total(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(count for rule, count in self._counts.items() if self.severity(rule) is severity)
