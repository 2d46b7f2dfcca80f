# SPDX-License-Identifier: Apache-2.0
"""What the check of data should reach, and the section of the page that says what it does reach."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BEGIN = "<!-- check: written by python -m benchmarks.csv_engines --write -->"
END = "<!-- end of the check -->"


@dataclass(frozen=True)
class Run:
    """What one run of an engine took.

    Attributes:
        seconds: How long it took, from before the engine is imported.
        cpu: Seconds of all cores together, which depend less on what else the machine does.
        mebibytes: The largest resident set.
        answer: What it found.
    """

    seconds: float
    cpu: float
    mebibytes: float
    answer: tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """The runs on a file.

    Attributes:
        rows: How many records it has.
        megabytes: Its size.
        runs: The runs of each engine.
    """

    rows: int
    megabytes: float
    runs: Mapping[str, Sequence[Run]]

    def cpu(self, engine: str) -> float:
        """The median of the CPU seconds."""
        return statistics.median(run.cpu for run in self.runs[engine])

    def seconds(self, engine: str) -> float:
        """The median of the seconds."""
        return statistics.median(run.seconds for run in self.runs[engine])

    def peak(self, engine: str) -> float:
        """The largest memory."""
        return max(run.mebibytes for run in self.runs[engine])


@dataclass(frozen=True)
class Goal:
    """A figure beside its limit."""

    what: str
    figure: float
    limit: float
    at_most: bool

    @property
    def is_met(self) -> bool:
        """Whether the figure keeps the limit."""
        return self.figure <= self.limit if self.at_most else self.figure >= self.limit

    def __str__(self) -> str:
        """A row of a table."""
        sign, met = ("≤" if self.at_most else "≥"), ("yes" if self.is_met else "**no**")
        return f"| {self.what} | {_shown(self.figure)} | {sign} {_shown(self.limit)} | {met} |"


def goals(measured: Mapping[str, Measured]) -> list[Goal]:
    """The goals of the files that were measured."""
    found: list[Goal] = []
    for name, each in measured.items():
        cpu = each.cpu("check")
        if name.startswith("interactions-") and "polars" in each.runs:
            ratio = cpu / each.cpu("polars")
            found.append(Goal(f"{name}: CPU, times that of polars' read", ratio, 1.5, True))
        if name.startswith("quoted-"):
            found.append(Goal(f"{name}: records per CPU second", each.rows / cpu, 500_000, False))
        if name == "columns-52":
            what = f"{name}: records per second of two cores, by CPU time"
            found.append(Goal(what, 2 * each.rows / cpu, 780_000, False))
        if name == "columns-100-odd-lines" and "columns-100" in measured:
            ratio = cpu / measured["columns-100"].cpu("check")
            found.append(Goal(f"{name}: CPU, times that without odd lines", ratio, 1.3, True))
        if name == "files-5000":
            found.append(Goal(f"{name}: CPU ms per file", cpu / 5000 * 1000, 2, True))
    peak = max(each.peak("check") for each in measured.values())
    return [*found, Goal("all files: peak memory, MiB", peak, 300, True)]


def as_markdown(measured: Mapping[str, Measured], cores: int, load: float) -> str:
    """The tables of the page."""
    lines = [
        f"On {cores} cores, with a load average of {load:.1f} at the beginning. CPU seconds count all cores, "
        "the start of Python included. polars and duckdb read all columns of the same file in the same run.",
        "",
        "| file | records | MB | polars, CPU s | duckdb, CPU s | **CPU s** | **s** | **peak MiB** |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, each in measured.items():
        peers = [
            f"{each.cpu(peer):.2f}" if peer in each.runs else "cannot read it"
            for peer in ("polars", "duckdb")
        ]
        lines.append(
            f"| {name} | {each.rows:,} | {each.megabytes:,.0f} | {' | '.join(peers)} | "
            f"**{each.cpu('check'):.2f}** | **{each.seconds('check'):.2f}** | **{each.peak('check'):.0f}** |"
        )
    lines += ["", "| goal | measured | limit | met |", "|---|--:|--:|---|"]
    return "\n".join([*lines, *map(str, goals(measured))])


def with_check(page: str, section: str) -> str:
    """A page with the section as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{section}\n\n{END}{after}"


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
