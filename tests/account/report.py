# SPDX-License-Identifier: Apache-2.0
"""The report of the acceptance test: what the embedded AWS says, against what AWS says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.account.facts import FACTS, observed
from tests.account.run import Run


@dataclass(frozen=True)
class StepOutcome:
    """What a target has made of a step."""

    passed: bool
    required: bool
    seconds: int
    status: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What one target has shown.

    Attributes:
        target: Its name.
        region: Its region.
        prefix: The prefix of its resources.
        steps: What came of the steps, by name.
        facts: What was seen of the facts, by question.
        left: What the clean-up has left.
        error: What has ended the run before its end; empty if nothing has.
    """

    target: str
    region: str
    prefix: str
    steps: Mapping[str, StepOutcome]
    facts: Mapping[str, str]
    left: Sequence[str] = ()
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether all required steps have passed, and nothing is left."""
        required = [step for step in self.steps.values() if step.required]
        return bool(required) and all(step.passed for step in required) and not self.left and not self.error


def outcomes(run: Run) -> dict[str, StepOutcome]:
    """The outcomes of a run's steps."""
    return {
        result.step.name: StepOutcome(
            result.passed, result.step.required, round(result.seconds), result.status, result.problems
        )
        for result in run.results
    }


def observe(run: Run) -> dict[str, str]:
    """What a run has seen of the facts. Some of it is read from its stacks, so they must exist."""
    return {fact.question: observed(fact, run) for fact in FACTS}


def write(reports: Sequence[Report], folder: Path) -> Path:
    """Write report.json and report.md into a folder; returns the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"format": 1, "reports": [_as_json(report) for report in reports]}
    (folder / "report.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    path = folder / "report.md"
    path.write_text(markdown(reports), encoding="utf-8")
    return path


def markdown(reports: Sequence[Report]) -> str:
    """The report as a page."""
    columns = [report.target for report in reports]
    steps = list(dict.fromkeys(name for report in reports for name in report.steps))
    lines = ["# Acceptance test", ""]
    for report in reports:
        verdict = "passed" if report.passed else "FAILED"
        lines.append(f"- {report.target}, {report.region}, prefix `{report.prefix}`: **{verdict}**")
        lines += [f"    - ended early: {report.error}"] if report.error else []
        lines += [f"    - left behind: {each}" for each in report.left]
    lines += ["", "## Steps", "", _row("step", *columns), _row(*["---"] * (1 + len(columns)))]
    lines += [_row(name, *(_step(report.steps.get(name)) for report in reports)) for name in steps]
    lines += ["", "## Facts", "", _row("question", "relied on in", *columns)]
    lines.append(_row(*["---"] * (2 + len(columns))))
    for fact in FACTS:
        answers = [report.facts.get(fact.question, "") for report in reports]
        lines.append(_row(fact.question, f"`{fact.place}`", *answers))
    return "\n".join(lines) + "\n"


def _step(outcome: StepOutcome | None) -> str:
    if outcome is None:
        return "not run"
    verdict = "passed" if outcome.passed else ("FAILED" if outcome.required else "other than expected")
    return f"{verdict}, {outcome.seconds} s. {' '.join(outcome.problems)}".strip()


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def _as_json(report: Report) -> dict[str, object]:
    return {
        "target": report.target,
        "region": report.region,
        "prefix": report.prefix,
        "passed": report.passed,
        "error": report.error,
        "left": list(report.left),
        "steps": {name: vars(step) for name, step in report.steps.items()},
        "facts": dict(report.facts),
    }
