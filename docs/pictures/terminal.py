# SPDX-License-Identifier: Apache-2.0
"""Runs a command in a terminal of a fixed size, and keeps what the terminal shows."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
COLUMNS, ROWS = 90, 30
"""Wide enough for the table of imports of the sample."""

SHORTEST = 0.3
"""Seconds between two frames that are kept."""


@dataclass(frozen=True)
class Run:
    """Text of one style in a line."""

    column: int
    text: str
    colour: str
    bold: bool


Lines = tuple[tuple[Run, ...], ...]


@dataclass(frozen=True)
class Frame:
    """What a terminal shows at a time, in seconds since the command's start."""

    at: float
    lines: Lines

    @property
    def text(self) -> str:
        """Its text."""
        shown = []
        for line in self.lines:
            text = ""
            for run in line:
                text = text.ljust(run.column) + run.text
            shown.append(text)
        return "\n".join(shown)


def record(
    command: Sequence[str], environment: Mapping[str, str], keep: Callable[[str], bool] = lambda _: True
) -> list[Frame]:
    """Run a command to its end.

    Args:
        command: The command.
        environment: What is added to the environment.
        keep: Whether to keep what the terminal shows, by its text. If omitted, everything is kept.

    Returns:
        The frames that are kept. Of those that differ only in what `masked` leaves out, or follow within
        SHORTEST, it is the last one.

    Raises:
        RuntimeError: The command has failed.
    """
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    start = time.monotonic()
    frames: list[Frame] = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        while output := _read(ours):
            stream.feed(output)
            frame = Frame(time.monotonic() - start, _lines(screen))
            if keep(frame.text):
                if frames and _continues(frames[-1], frame):
                    frame = Frame(frames.pop().at, frame.lines)
                frames.append(frame)
    os.close(ours)
    if process.returncode != 0:
        shown = "\n".join(screen.display)
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{shown}")
    return frames


def masked(text: str) -> str:
    """A text without what differs in each run: digits, hashes, the spinner and the length of bars."""
    text = re.sub(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", "#", text)
    text = re.sub(r"[0-9]+([,.:][0-9]+)*", "#", re.sub("[\u2800-\u28ff]", "", text))
    return "\n".join(re.sub("[ \u2501]+", " ", line).strip() for line in text.split("\n"))


def _continues(before: Frame, after: Frame) -> bool:
    return after.at - before.at < SHORTEST or masked(before.text) == masked(after.text)


def _lines(screen: pyte.Screen) -> Lines:
    lines = []
    for row in range(screen.lines):
        cells = [(column, screen.buffer[row][column]) for column in range(screen.columns)]
        runs = []
        for (colour, bold), group in groupby(cells, key=lambda cell: (cell[1].fg, cell[1].bold)):
            found = list(group)
            text = "".join(cell.data for _, cell in found)
            if text.strip():
                column = found[0][0] + len(text) - len(text.lstrip())
                runs.append(Run(column, text.strip(), str(colour), bool(bold)))
        lines.append(tuple(runs))
    while lines and not lines[-1]:
        lines.pop()
    return tuple(lines)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says that nothing writes to it any more
        return b""
