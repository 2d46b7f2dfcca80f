# SPDX-License-Identifier: Apache-2.0
"""What the acceptance test deploys, in order, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """How a step is done."""

    DEPLOY = "cdk deploy"
    EXPRESS = "cdk deploy --express"
    CANCEL = "cdk deploy, and CancelUpdateStack while the import runs"
    DELETE = "DeleteStack"


@dataclass(frozen=True)
class Step:
    """One deployment.

    Attributes:
        name: What it tries.
        stack: The end of the stack's name.
        context: What it changes in the app's context; it stays for the steps after it.
        kind: How it is done.
        status: The status that the stack must have at its end.
        jobs: The import jobs that must be new in Personalize, by their status; None if that is only reported.
        required: Whether the test fails if the step does. What nobody knows yet is only reported.
        undo: Context that is set back after the step, because it was not deployed.
    """

    name: str
    stack: str = "imports"
    context: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = Kind.DEPLOY
    status: str = "UPDATE_COMPLETE"
    jobs: Mapping[str, int] | None = field(default_factory=dict)
    required: bool = True
    undo: Mapping[str, str] = field(default_factory=dict)


ONE = {"ACTIVE": 1}
ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"

STEPS = (
    Step("create", context={"key": "good-1.csv"}, status="CREATE_COMPLETE", jobs=ONE),
    Step("update", context={"key": "good-2.csv"}, jobs=ONE),
    Step(
        "refused update",
        context={"key": "no-item-id.csv"},
        status=ROLLED_BACK,
        undo={"key": "good-2.csv"},
    ),
    Step(
        "failed update",
        context={"key": "bad-timestamp.csv"},
        status=ROLLED_BACK,
        jobs={"CREATE FAILED": 1},
        undo={"key": "good-2.csv"},
    ),
    Step("role only", context={"role": "own"}),
    Step("from_asset", context={"asset": "items.csv"}, jobs=ONE),
    Step("encrypted bucket", context={"kms": "yes"}, jobs=ONE),
    Step("timeout of two hours", context={"hours": "2", "revision": "hours"}, jobs=ONE),
    Step("conditions", context={"conditions": "yes", "revision": "conditions"}, jobs=ONE, required=False),
    Step("cancelled update", context={"revision": "cancelled"}, kind=Kind.CANCEL, status=ROLLED_BACK,
         jobs=None, required=False, undo={"revision": "conditions"}),
    Step("express mode", "express", kind=Kind.EXPRESS, status="CREATE_COMPLETE", jobs=ONE, required=False),
    Step("delete", kind=Kind.DELETE, status=""),
)  # fmt: skip

NAMES = tuple(step.name for step in STEPS)


def chosen(names: str) -> tuple[Step, ...]:
    """The steps of a list of names with commas between them, in their own order; all of an empty list.

    Raises:
        ValueError: A name is not that of a step.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(NAMES)):
        raise ValueError(f"There is no step {', '.join(map(repr, unknown))}. Steps: {', '.join(NAMES)}.")
    return tuple(step for step in STEPS if not wanted or step.name in wanted)


def imports(steps: tuple[Step, ...]) -> int:
    """How many import jobs the steps start; a cancelled update may import again what it has replaced."""
    return sum(2 if step.jobs is None else sum(step.jobs.values()) for step in steps)
