# SPDX-License-Identifier: Apache-2.0
"""The four choices of an import, as questions with their answers."""

from __future__ import annotations

from dataclasses import dataclass

from docs.pictures.drawing import LINE, WIDTH, Drawing

LEFT = 12
INDENT = 26


@dataclass(frozen=True)
class Question:
    """A question, and for each answer what to write.

    Attributes:
        text: The question.
        answers: Pairs of an answer and the code for it.
    """

    text: str
    answers: tuple[tuple[str, str], ...]


QUESTIONS = (
    Question(
        "Where is the data?",
        (
            ("on this machine, in files of up to 5 GiB", 'DataSource.from_asset("data.csv")'),
            ("in S3, or put there by another program", 'DataSource.from_bucket(bucket, "data/")'),
        ),
    ),
    Question(
        "What happens to the data in the dataset?",
        (
            ("it is replaced; or this is the first import", "import_mode=ImportMode.FULL"),
            ("it stays, and up to 1 GB is added", "import_mode=ImportMode.INCREMENTAL"),
        ),
    ),
    Question(
        "Does the deployment wait for the data?",
        (
            ("yes, and fails if the import fails", "wait=True"),
            ("no: it goes on when the job is accepted", "wait=False"),
        ),
    ),
    Question(
        "How long may the import take?",
        (
            ("up to 58 minutes; small data takes 20", "timeout=Duration.hours(1)"),
            ("longer: up to 12 hours", "timeout=Duration.hours(12)"),
            ("more than 12 hours", "wait=False"),
        ),
    ),
)


def draw() -> str:
    """Draw the questions, one below the other."""
    drawing = Drawing(
        " ".join(
            f"{question.text} " + " ".join(f"{answer}: {code}." for answer, code in question.answers)
            for question in QUESTIONS
        )
    )
    y = 12.0
    for number, question in enumerate(QUESTIONS, 1):
        drawing.box("run", LEFT, y, WIDTH - 2 * LEFT, LINE + 14)
        drawing.text(f"{number}. {question.text}", LEFT + 10, y + LINE / 2 + 7, "strong")
        y += LINE + 14
        trunk, top = LEFT + INDENT / 2, y
        for answer, code in question.answers:
            y += 10
            drawing.line(trunk, y + LINE / 2, LEFT + INDENT - 2, y + LINE / 2)
            drawing.text(answer, LEFT + INDENT + 4, y + LINE / 2)
            drawing.box("good", LEFT + INDENT + 4, y + LINE + 2, WIDTH - 2 * LEFT - INDENT - 4, LINE + 8)
            drawing.text(code, LEFT + INDENT + 14, y + LINE + 2 + LINE / 2 + 4, "code")
            last = y + LINE / 2
            y += 2 * LINE + 10
        drawing.line(trunk, top, trunk, last)
        y += 16
    return drawing.svg()
