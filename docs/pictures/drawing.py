# SPDX-License-Identifier: Apache-2.0
"""An SVG for light and dark pages, narrow enough to be read on a phone."""

from __future__ import annotations

import textwrap
from html import escape

WIDTH = 480
LINE = 20
"""Height of a line of text."""

CHARACTER = 7.6
"""Width of an average character, by which text is wrapped."""

STYLE = """
  text { font: 15px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .code { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; font-size: 14px; }
  .strong { font-weight: 600; }
  .soft { fill: #59636e; }
  .page { fill: #ffffff; }
  .box { fill: #f6f8fa; stroke: #818b98; }
  .run { fill: #ddf4ff; stroke: #0969da; }
  .good { fill: #dafbe1; stroke: #1a7f37; }
  .bad { fill: #ffebe9; stroke: #cf222e; }
  .wait { fill: #fff8c5; stroke: #9a6700; }
  .line { stroke: #818b98; fill: none; }
  .end { stroke: #cf222e; stroke-width: 2; stroke-dasharray: 5 4; }
  .head { fill: #818b98; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .soft { fill: #9198a1; }
    .page { fill: #0d1117; }
    .box { fill: #151b23; stroke: #656c76; }
    .run { fill: #0c2d6b; stroke: #4493f8; }
    .good { fill: #033a16; stroke: #3fb950; }
    .bad { fill: #67060c; stroke: #f85149; }
    .wait { fill: #4b2900; stroke: #d29922; }
    .line { stroke: #656c76; }
    .end { stroke: #f85149; }
    .head { fill: #656c76; }
  }
"""


class Drawing:
    """Boxes, lines and text, from above to below.

    Args:
        title: What the picture shows, for those who cannot see it.
    """

    def __init__(self, title: str) -> None:
        self.bottom = 0.0
        self._title = title
        self._parts: list[str] = []

    def box(self, kind: str, x: float, y: float, width: float, height: float) -> None:
        """A rectangle of a kind of STYLE."""
        self._reach(y + height)
        self._parts.append(
            f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5"/>'
        )

    def text(self, words: str, x: float, y: float, kind: str = "", anchor: str = "start") -> None:
        """A line of text whose middle is at a height."""
        self._reach(y + LINE / 2)
        marked = f' class="{kind}"' if kind else ""
        place = f'x="{x:g}" y="{y + 5:g}" text-anchor="{anchor}"'
        self._parts.append(f"<text{marked} {place}>{escape(words)}</text>")

    def paragraph(self, words: str, x: float, y: float, width: float, kind: str = "") -> float:
        """Text that is wrapped at a width; returns the height below it."""
        for line in textwrap.wrap(words, int(width / CHARACTER)):
            self.text(line, x, y + LINE / 2, kind)
            y += LINE
        return y

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str = "line") -> None:
        """A straight line."""
        self._reach(max(y1, y2))
        self._parts.append(f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>')

    def arrow(self, x: float, y1: float, y2: float) -> None:
        """A line down, with a head."""
        self.line(x, y1, x, y2 - 7)
        self._parts.append(f'<path class="head" d="M{x - 5:g} {y2 - 8:g}h10l-5 8z"/>')

    def svg(self) -> str:
        """The whole picture."""
        height = round(self.bottom + 12)
        body = "\n".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img">\n<title>{escape(self._title)}</title>\n<style>{STYLE}</style>\n'
            # A background of its own, because a page may be switched to the other mode than the system's.
            f'<rect class="page" width="{WIDTH}" height="{height}"/>\n{body}\n</svg>\n'
        )

    def _reach(self, y: float) -> None:
        self.bottom = max(self.bottom, y)
