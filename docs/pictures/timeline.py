# SPDX-License-Identifier: Apache-2.0
"""The timeline of a deployment: when an import usually ends, and when what gives up."""

from __future__ import annotations

from dataclasses import dataclass

from cdk_personalize_import._validation import LONGEST_WAIT
from dataset_import.request import ANSWER_BEFORE, SERVICE_TIMEOUT
from docs.pictures.drawing import LINE, Drawing
from personalize_import.cli.status_view import USUAL_LONGEST

MINUTE = 60.0
USUAL_SHORTEST = 10 * MINUTE
"""With USUAL_LONGEST what Personalize takes for small data, nearly all of it fixed cost."""

AXIS = 76
LEFT, RIGHT, COLUMN = 88, 286, 184
"""Where the two columns begin, and how wide they are."""


@dataclass(frozen=True)
class Mark:
    """A time that has a meaning.

    Attributes:
        at: Seconds since the import's resource has begun.
        y: Where it is drawn. The axis is not to scale: 12 hours would leave no room for the first one.
    """

    at: float
    y: float

    @property
    def label(self) -> str:
        """The time as people write it."""
        minutes = round(self.at / MINUTE)
        return f"{minutes // 60} h" if minutes and minutes % 60 == 0 else f"{minutes} min"


START = Mark(0, 100)
SHORTEST = Mark(USUAL_SHORTEST, 200)
LONGEST = Mark(USUAL_LONGEST.total_seconds(), 270)
ANSWER = Mark(SERVICE_TIMEOUT - ANSWER_BEFORE, 400)
GIVES_UP = Mark(SERVICE_TIMEOUT, 445)
LAST = Mark(LONGEST_WAIT, 620)
MARKS = (START, SHORTEST, LONGEST, ANSWER, GIVES_UP, LAST)


def draw() -> str:
    """Draw the timeline."""
    drawing = Drawing(
        "Timeline of a deployment. An import usually ends after 10 to 20 minutes. With a timeout of an hour, "
        "the default, the deployment fails after 58 minutes, before CloudFormation gives up at 1 hour. With "
        "a longer timeout the resource is complete when the job has started, and a wait condition waits "
        "for up to 12 hours."
    )
    drawing.text("Time since the import began (not to scale)", 12, 20, "soft")
    for mark in MARKS:
        drawing.text(
            mark.label, AXIS - 6, mark.y, "strong" if mark in (ANSWER, GIVES_UP, LAST) else "", "end"
        )
        drawing.line(AXIS, mark.y, AXIS + 8, mark.y)
    drawing.line(AXIS, START.y, AXIS, LAST.y)
    _up_to_an_hour(drawing)
    _longer(drawing)
    return drawing.svg()


def _up_to_an_hour(drawing: Drawing) -> None:
    _title(drawing, LEFT, "timeout up to 1 h", "the default")
    drawing.box("run", LEFT, START.y, COLUMN, ANSWER.y - START.y)
    _inside(drawing, LEFT, START.y + 6, "The import's resource: the handler follows the job.")
    _usual_end(drawing, LEFT, "ACTIVE: complete.")
    drawing.line(LEFT, ANSWER.y, LEFT + COLUMN, ANSWER.y, "end")
    below = drawing.paragraph("Timeout: fails.", LEFT + 8, ANSWER.y + 3, COLUMN - 16)
    drawing.line(LEFT, GIVES_UP.y, LEFT + COLUMN, GIVES_UP.y, "end")
    drawing.paragraph(
        "CloudFormation gives up on a resource. The handler has answered before.",
        LEFT + 8,
        GIVES_UP.y + 4,
        COLUMN - 16,
    )
    assert below <= GIVES_UP.y


def _longer(drawing: Drawing) -> None:
    _title(drawing, RIGHT, "timeout over 1 h", "up to 12 h")
    accepted = START.y + 3 * LINE
    drawing.box("run", RIGHT, START.y, COLUMN, accepted - START.y)
    _inside(drawing, RIGHT, START.y, "The import's resource: complete when the job has started.")
    drawing.box("wait", RIGHT, accepted, COLUMN, LAST.y - accepted)
    _inside(drawing, RIGHT, accepted + 4, "A wait condition.")
    _usual_end(drawing, RIGHT, "ACTIVE: signal.")
    _inside(drawing, RIGHT, GIVES_UP.y + 4, "What depends on the import is created after the signal.")
    drawing.line(RIGHT, LAST.y, RIGHT + COLUMN, LAST.y, "end")
    drawing.paragraph("Timeout: fails. There is no longer one.", RIGHT + 8, LAST.y + 4, COLUMN - 16)


def _title(drawing: Drawing, x: float, code: str, note: str) -> None:
    drawing.text(code, x, 52, "code strong")
    drawing.text(note, x, 76, "soft")


def _inside(drawing: Drawing, x: float, y: float, words: str) -> None:
    drawing.paragraph(words, x + 8, y, COLUMN - 16)


def _usual_end(drawing: Drawing, x: float, words: str) -> None:
    drawing.box("good", x, SHORTEST.y, COLUMN, LONGEST.y - SHORTEST.y)
    _inside(drawing, x, SHORTEST.y + 4, "The usual end.")
    _inside(drawing, x, SHORTEST.y + 4 + LINE, words)
