# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import enum
from dataclasses import dataclass
from types import ModuleType

GUIDE = "https://docs.aws.amazon.com/personalize/latest/dg/"
FORMATTING = GUIDE + "preparing-training-data.html#general-formatting-guidelines"
QUOTAS = GUIDE + "limits.html#limits-table"
SCHEMAS = GUIDE + "how-it-works-dataset-schema.html"


class Severity(enum.StrEnum):
    """How sure it is that the data cannot be used as it is."""

    ERROR = "error"
    """The documents rule it out: the import fails, or the dataset cannot be made."""

    WARNING = "warning"
    """The documents advise against it, or leave open what happens; the import may well succeed."""


@dataclass(frozen=True, eq=False)  # a rule is itself: comparing texts would be slow
class Rule:
    """One thing that is asked of the data.

    Attributes:
        id: Its name, which does not change from one version to the next.
        sentence: What must be so, with "must", so that it reads as an error as well.
        fix: What to do where it is not.
        source: The page that says so.
        severity: What happens where it is not so.
        found: How to say what was found, with {field}, {value}, or {got} for both.
    """

    id: str
    sentence: str
    fix: str
    source: str
    severity: Severity = Severity.ERROR
    found: str = "Got {got}"


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """The rules that a module defines, in its own order."""
    return tuple(value for value in vars(module).values() if isinstance(value, Rule))
