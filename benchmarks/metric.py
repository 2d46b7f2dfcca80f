# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Goal:
    """What a figure may be at most.

    Attributes:
        most: In the figure's unit.
        words: Where the number comes from, if it is measured too.
    """

    most: float
    words: str = ""

    def __str__(self) -> str:
        return f"≤ {self.most:.4g}" + (f" ({self.words})" if self.words else "")


def at_most(most: float, words: str = "") -> Goal:
    """Return the goal to be at most something."""
    return Goal(most, words)


@dataclass(frozen=True)
class Metric:
    """One figure, ours beside the peers'.

    Attributes:
        metric: What is measured.
        unit: Of all the figures; empty for a count.
        ours: This library's figure.
        peers: The others', by their names; None for one that cannot do it at all.
        goal: What ours may be at most; None for a figure that is only told.
    """

    metric: str
    unit: str
    ours: float
    peers: Mapping[str, float | None] = field(default_factory=dict)
    goal: Goal | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        return None if self.goal is None else self.ours <= self.goal.most

    def as_json(self) -> dict[str, Any]:
        """Return it as it stands in the results."""
        return {
            "metric": self.metric,
            "unit": self.unit,
            "ours": _rounded(self.ours),
            "peers": {name: _rounded(figure) for name, figure in self.peers.items()},
            "goal": _rounded(self.goal.most) if self.goal else None,
            "met": self.met,
        }


def _rounded(figure: float | None) -> float | None:
    """Keep four digits that count."""
    return None if figure is None else float(f"{figure:.4g}")
