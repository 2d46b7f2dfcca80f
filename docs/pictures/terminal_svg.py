# SPDX-License-Identifier: Apache-2.0
"""Draws what a terminal has shown: a still, or a recording that repeats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from docs.pictures.terminal import COLUMNS, Frame, Run

CELL, LINE, MARGIN = 8.4, 17, 14
"""Sizes of a character in pixels."""

LONGEST_PAUSE, LAST_PAUSE = 1.5, 6.0
"""Seconds for which a frame is shown: a pause of the command is cut, and the end stays."""

COLOURS = ("red", "green", "brown", "cyan")
HEX = re.compile("[0-9a-f]{6}")
"""Colours beyond those of COLOURS, such as those of bars."""

WIDE = "⏳✅✨❌"
"""Characters that take two columns."""

STYLE = """
  text { font: 14px ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; }
  text { fill: #e6edf3; white-space: pre; }
  .red { fill: #ff7b72; }
  .green { fill: #7ee787; }
  .brown { fill: #f2cc60; }
  .cyan { fill: #79c0ff; }
  .bold { font-weight: 700; }
  .page { fill: #0d1117; stroke: #30363d; }
"""


def draw(frames: Sequence[Frame], title: str) -> str:
    """Draw frames; `<desc>` is the text of the last one.

    A line is drawn once, and used in each frame that has it.
    """
    height = max(len(frame.lines) for frame in frames) * LINE + 2 * MARGIN
    width = round(COLUMNS * CELL + 2 * MARGIN)
    names: dict[tuple[Run, ...], str] = {}
    groups = []
    for number, frame in enumerate(frames):
        uses = [
            f'<use href="#{names.setdefault(line, f"l{len(names)}")}" y="{row * LINE}"/>'
            for row, line in enumerate(frame.lines)
            if line
        ]
        groups.append(f'<g class="f f{number}">{"".join(uses)}</g>')
    symbols = [f'<g id="{name}">{_line(line)}</g>' for line, name in names.items()]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(frames[-1].text)}</desc>",
            f"<style>{STYLE}{_animation(frames)}</style>",
            f"<defs>\n{''.join(symbols)}\n</defs>",
            f'<rect class="page" width="{width}" height="{height}" rx="8"/>',
            f'<g transform="translate({MARGIN} {MARGIN + 12})">',
            *groups,
            "</g>\n</svg>\n",
        ]
    )


def _animation(frames: Sequence[Frame]) -> str:
    """Rules that show one frame after the other, and only the last one to readers who want no motion.

    They begin with the last frame, so that a print or a preview has the result.
    """
    last = len(frames) - 1
    if not last:
        return ""
    pauses = [min(after.at - before.at, LONGEST_PAUSE) for before, after in pairwise(frames)]
    pauses.append(LAST_PAUSE)
    total = sum(pauses)
    rules, animated = [f"  .f {{ visibility: hidden; }}\n  .f{last} {{ visibility: visible; }}"], []
    begin = 0.0
    for number, pause in enumerate(pauses):
        start, end = 100 * begin / total, 100 * (begin + pause) / total
        before = "0% { visibility: hidden } " if number else ""
        rules.append(
            f"  @keyframes k{number} {{ {before}{start:.2f}% {{ visibility: visible }} "
            f"{end:.2f}%, 100% {{ visibility: hidden }} }}"
        )
        timing = f"{total:.1f}s step-end {LAST_PAUSE - total:.1f}s infinite"
        animated.append(f"    .f{number} {{ animation: k{number} {timing}; }}")
        begin += pause
    return "\n".join([*rules, "  @media (prefers-reduced-motion: no-preference) {", *animated, "  }\n"])


def _line(line: tuple[Run, ...]) -> str:
    parts = []
    for run in line:
        columns = sum(2 if character in WIDE else 1 for character in run.text)
        kinds = [run.colour] * (run.colour in COLOURS) + ["bold"] * run.bold
        marked = f' class="{" ".join(kinds)}"' if kinds else ""
        if HEX.fullmatch(run.colour):
            marked += f' style="fill: #{run.colour}"'
        place = f'x="{run.column * CELL:.1f}" textLength="{columns * CELL:.1f}"'
        parts.append(f"<text{marked} {place}>{escape(run.text)}</text>")
    return "".join(parts)
