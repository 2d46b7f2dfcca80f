# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

GUIDE = "https://docs.aws.amazon.com/personalize/latest/dg/"
FORMATTING = GUIDE + "preparing-training-data.html#general-formatting-guidelines"
QUOTAS = GUIDE + "limits.html#limits-table"
SCHEMAS = GUIDE + "how-it-works-dataset-schema.html"


class Severity(enum.StrEnum):
    """What happens where a rule is broken."""

    ERROR = "error"
    """The guide rules it out: the import fails, or the dataset cannot be made."""

    WARNING = "warning"
    """The guide advises against it, or does not say what happens. The import may well succeed."""

    ADVICE = "advice"
    """The import succeeds. The guide says what makes recommendations better."""


SEVERITIES = tuple(Severity)
"""All severities, the highest first."""


@dataclass(frozen=True, eq=False)  # identity is enough, and comparing texts would be slow
class Rule:
    """One requirement on the data.

    Attributes:
        id: Its name, which does not change from one version to the next.
        sentence: What must be so, with "must" (advice: "should"), so that it also reads as an error message.
        fix: What to do where the rule is broken.
        source: The page of the guide that states the rule.
        severity: What happens where the rule is broken.
        found: The text for what was found, with {field}, {value}, or {got} for both.
        certain: Whether the guide, or an import that was seen, leaves no doubt about the severity.
        hint: What a value probably is instead; empty if that is not known.
    """

    id: str
    sentence: str
    fix: str
    source: str
    severity: Severity = Severity.ERROR
    found: str = "Got {got}"
    certain: bool = True
    hint: Callable[[str], str] = lambda _: ""


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """The rules that a module defines, in its own order."""
    return tuple(value for value in vars(module).values() if isinstance(value, Rule))
