# SPDX-License-Identifier: Apache-2.0
"""Draws the results as an SVG for light and dark pages: a panel a figure, a bar a way, the goal a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

SHOWN = (
    "imports of 5 to 60 min that succeed",
    "end noticed, p95, ticks 0 to 2 s late",
    "cost of waiting",
    "60 imports of 4 min: failed",
    "cold start, until the first call",
    "code, zipped, with crhelper",
    "resources an import",
    "synth, imports: 150",
)
"""The figures that are drawn, in order."""

COLUMNS = 2
WIDTH, PANEL = 840, 400
BAR, GAP, HEAD = 18, 6, 34
LABEL, VALUE = 92, 60
ORDER = ("ours", "crhelper", "Provider", "plain", "boto3 alone")

STYLE = """
  .page { fill: #ffffff; }
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .value { font-variant-numeric: tabular-nums; }
  .bar { fill: #8c959f; }
  .ours { fill: #0969da; }
  .missed { fill: #cf222e; }
  .goal { stroke: #1a7f37; stroke-width: 2; stroke-dasharray: 4 3; }
  .goal-text { fill: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; }
    text { fill: #e6edf3; }
    .bar { fill: #6e7681; }
    .ours { fill: #58a6ff; }
    .missed { fill: #ff7b72; }
    .goal { stroke: #3fb950; }
    .goal-text { fill: #3fb950; }
  }
"""

Result = Mapping[str, Any]


def draw(results: Sequence[Result]) -> str:
    """Draw those of the results that say most."""
    by_name = {result["metric"]: result for result in results}
    panels = [by_name[name] for name in SHOWN if name in by_name]
    parts: list[str] = []
    top = 8
    for first in range(0, len(panels), COLUMNS):
        row = panels[first : first + COLUMNS]
        for column, result in enumerate(row):
            parts.append(_panel(result, 10 + column * (PANEL + 20), top))
        top += max(_height(result) for result in row)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" '
        f'aria-label="Figures of this library beside the alternatives">\n<style>{STYLE}</style>\n'
        # Of its own, because a page may be switched to the other kind than the system's.
        f'<rect class="page" width="{WIDTH}" height="{top}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _bars(result: Result) -> list[tuple[str, float | None]]:
    figures = {"ours": result["ours"], **result["peers"]}
    return [(name, figures[name]) for name in ORDER if name in figures]


def _height(result: Result) -> int:
    return HEAD + len(_bars(result)) * (BAR + GAP) + 18


def _panel(result: Result, left: float, top: float) -> str:
    bars = _bars(result)
    limit: float | None = result["goal"]
    largest = max([figure for _, figure in bars if figure is not None] + [limit or 0.0])
    scale = (PANEL - LABEL - VALUE) / (largest or 1.0)
    unit = f" ({result['unit']})" if result["unit"] else ""
    lines = [_text(left, top + 14, f"{result['metric']}{unit}", "title")]
    if limit is not None:
        lines.append(_text(left + PANEL, top + 14, f"goal ≤ {limit:.3g}", "goal-text", anchor="end"))
    for number, (name, figure) in enumerate(bars):
        y = top + HEAD + number * (BAR + GAP)
        lines.append(_text(left, y + 14, name, ""))
        length = (figure or 0.0) * scale
        missed = " missed" if name == "ours" and result["met"] is False else ""
        kind = "ours" + missed if name == "ours" else "bar"
        lines.append(
            f'<rect class="{kind}" x="{left + LABEL}" y="{y}" width="{max(length, 1):.1f}" '
            f'height="{BAR}" rx="2"/>'
        )
        told = "fails" if figure is None else f"{figure:.3g}"
        lines.append(_text(left + PANEL, y + 14, told, "value", anchor="end"))
    if limit is not None:
        x = left + LABEL + limit * scale
        bottom = top + HEAD + len(bars) * (BAR + GAP) - GAP + 3
        lines.append(f'<line class="goal" x1="{x:.1f}" y1="{top + HEAD - 3}" x2="{x:.1f}" y2="{bottom}"/>')
    return "\n".join(lines)


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text{marked} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
