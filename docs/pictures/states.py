# SPDX-License-Identifier: Apache-2.0
"""The states that `personalize-import status` shows, in the order in which an import passes them."""

from __future__ import annotations

from dataclasses import dataclass

from docs.pictures.drawing import WIDTH, Drawing
from personalize_import.status import ImportState as State

LEFT, ROW = 12, 34
BOX = 221


@dataclass(frozen=True)
class Stage:
    """States of which an import has one at a time, before it goes on to the next stage.

    Attributes:
        note: What is common to them.
        kind: The colour.
        states: The states.
    """

    note: str
    kind: str
    states: tuple[State, ...]


STAGES = (
    Stage("deployment", "box", (State.NOT_BEGUN, State.STARTING)),
    Stage(
        "if necessary",
        "wait",
        (
            State.COPYING,
            State.WAITING_FOR_DATASET,
            State.WAITING_FOR_ACCESS,
            State.WAITING_FOR_OTHER_IMPORT,
            State.QUEUED,
        ),
    ),
    Stage("10 to 20 minutes", "run", (State.IMPORTING,)),
    Stage("the dataset holds the data", "good", (State.ACTIVE,)),
)
AFTERWARDS = Stage(
    "Later, the dataset may no longer hold the data:",
    "wait",
    (State.REPLACED, State.DATASET_NEWER, State.DATASET_GONE),
)
INSTEAD = Stage("From every stage before active:", "bad", (State.FAILED, State.ROLLED_BACK))
REMOVED = Stage("When the import is removed:", "box", (State.DELETING,))


def draw() -> str:
    """Draw the states."""
    listed = ", then ".join(" or ".join(stage.states) for stage in STAGES)
    drawing = Drawing(
        f"States of an import: {listed}. Instead of active: {' or '.join(INSTEAD.states)}. "
        f"After active: {' or '.join(AFTERWARDS.states)}. When it is removed: {REMOVED.states[0]}."
    )
    y = 12.0
    for number, stage in enumerate(STAGES):
        if number:
            drawing.arrow(LEFT + BOX / 2, y, y + 22)
            y += 22
        drawing.text(stage.note, LEFT + BOX + 14, y + 15, "soft")
        for state in stage.states:
            _state(drawing, stage.kind, state, LEFT, y)
            y += ROW
        y -= 4
    for stage in (AFTERWARDS, INSTEAD, REMOVED):
        y = drawing.paragraph(stage.note, LEFT, y + 18, WIDTH - 2 * LEFT)
        for number, state in enumerate(stage.states):
            column, row = number % 2, number // 2
            _state(drawing, stage.kind, state, LEFT + column * (BOX + 14), y + 4 + row * ROW)
        y += 4 + (len(stage.states) + 1) // 2 * ROW - 4
    return drawing.svg()


def _state(drawing: Drawing, kind: str, state: State, x: float, y: float) -> None:
    drawing.box(kind, x, y, BOX, ROW - 4)
    drawing.text(state, x + BOX / 2, y + 15, anchor="middle")
