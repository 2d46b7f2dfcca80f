# SPDX-License-Identifier: Apache-2.0
"""One run of the acceptance test from the first resource to the clean-up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from botocore.exceptions import BotoCoreError, ClientError

from tests.account.report import Report, observe, outcomes
from tests.account.run import Run
from tests.account.steps import STEPS, Kind, Step
from tests.account.target import Target

STACKS = ("express", "imports", "data")
"""In the order in which they can be deleted."""

TRIES = 4
"""A dataset cannot be deleted while an import runs into it. Each try waits for up to an hour."""


def test(target: Target, prefix: str, steps: tuple[Step, ...], show: Callable[[str], None]) -> Report:
    """Perform steps against a target, and delete everything, whatever happens."""
    facts: dict[str, str] = {}
    error = ""
    with TemporaryDirectory(prefix="personalize-import-account-") as folder:
        run = Run(target, prefix, Path(folder), show)
        try:
            show(f"Deploying {run.stack('data')}")
            run.prepare()
            _perform(run, [step for step in steps if step.kind is not Kind.DELETE], show)
            facts = observe(run)
            _perform(run, [step for step in steps if step.kind is Kind.DELETE], show)
        except (RuntimeError, ClientError, BotoCoreError) as problem:
            error = str(problem)
            facts = facts or observe(run)
        except KeyboardInterrupt:
            error = "interrupted"
        finally:
            left = clean_up(run, show)
    return Report(target.name, target.region, prefix, outcomes(run), facts, left, error)


def clean_up(run: Run, show: Callable[[str], None]) -> list[str]:
    """Delete all stacks of a run; what could not be deleted."""
    left = []
    for name in STACKS:
        for attempt in range(TRIES):
            try:
                show(f"Deleting {run.stack(name)}")
                run.delete(name)
                break
            except (RuntimeError, ClientError, BotoCoreError) as problem:
                if attempt == TRIES - 1:
                    left.append(str(problem))
                time.sleep(run.target.pause)
    return left


def _perform(run: Run, steps: Sequence[Step], show: Callable[[str], None]) -> None:
    for step in steps:
        show(f"Step: {step.name}")
        result = run.perform(step)
        show(f"{'Passed' if result.passed else ' '.join(result.problems)} ({result.seconds:.0f} s)")
        if step is STEPS[0] and not result.passed:
            raise RuntimeError(f"The first step failed, on which the others rely. {result.reason}".strip())
