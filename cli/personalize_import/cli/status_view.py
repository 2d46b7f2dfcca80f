# SPDX-License-Identifier: Apache-2.0
"""How imports stand, for eyes and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.style import Style
from rich.table import Column, Table
from rich.text import Text

from personalize_import.status import ImportStatus, Stands

USUAL_LONGEST = timedelta(minutes=20)
"""Small data takes 10 to 20 minutes, nearly all of it fixed cost; the bar is full at the longer."""

_STYLES = {Stands.ACTIVE: "green", Stands.FAILED: "red", Stands.IMPORTING: "cyan"}
_BAR_WIDTH = 20


class Changes:
    """Tells what has changed since the last look, where each look cannot be shown."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Stands] = {}

    def among(self, imports: Sequence[ImportStatus]) -> list[ImportStatus]:
        """The imports that stand otherwise than at the last look, or were not there."""
        seen = {(each.stack, each.logical_id): each for each in imports}
        changed = [each for key, each in seen.items() if self._seen.get(key) is not each.stands]
        self._seen |= {key: each.stands for key, each in seen.items()}
        return changed


def as_table(imports: Sequence[ImportStatus], *, bars: bool = False, speed: float = 1) -> RenderableType:
    """A row for each import; with bars, how far each is against the usual 10 to 20 minutes.

    Args:
        imports: How the imports stand.
        bars: Whether there are bars.
        speed: How many times as fast minutes pass in Personalize, where it is an embedded one.
    """
    usual = "of the usual 10 to 20 min" + (f", {speed:g} times as fast" if speed != 1 else "")
    names = [Column(name, overflow="fold") for name in ("Stack", "Import", "Dataset", "Job")]
    columns = [*names, Column("State"), Column("For", justify="right")]
    table = Table(*columns, *([usual] if bars else []))
    for each in imports:
        style = _STYLES.get(each.stands, "yellow")
        dataset = Text(each.dataset, Style(link=each.link or None))
        cells: list[RenderableType] = [
            Text(each.stack),
            Text(each.logical_id),
            dataset,
            Text(each.job),
            Text(each.stands, style=style),
            minutes(each.elapsed),
        ]
        table.add_row(*cells, *([_bar(each, speed)] if bars else []))
    return Group(table, *_notes(imports))


def as_lines(imports: Sequence[ImportStatus]) -> Text:
    """A line for each import, with no table around it."""
    lines = []
    for each in imports:
        parts = [each.stack, each.logical_id, each.dataset, each.job, each.stands, minutes(each.elapsed)]
        lines.append("  ".join([*filter(None, parts), *filter(None, [each.reason])]))
    return Text("\n".join(lines))


def as_json(imports: Sequence[ImportStatus]) -> str:
    """All of it, for programs."""
    rows = [asdict(each) | {"elapsed": round(each.elapsed.total_seconds())} for each in imports]
    return json.dumps(
        [{name: row[name] for name in row if name != "stands"} | {"state": row["stands"]} for row in rows],
        indent=2,
    )


def minutes(elapsed: timedelta) -> str:
    """A duration, as m:ss or h:mm:ss."""
    seconds = int(elapsed.total_seconds())
    rest = f"{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{seconds // 3600}:{rest}" if seconds >= 3600 else rest.removeprefix("0")


def _bar(each: ImportStatus, speed: float) -> RenderableType:
    if each.stands is Stands.IMPORTING:
        done = min(each.elapsed * speed / USUAL_LONGEST, 0.99)
        return ProgressBar(total=1.0, completed=done, width=_BAR_WIDTH)
    return ProgressBar(total=1.0, completed=float(each.stands is Stands.ACTIVE), width=_BAR_WIDTH)


def _notes(imports: Sequence[ImportStatus]) -> list[RenderableType]:
    """What has no place in a row: reasons, and where to look in the console."""
    notes: list[RenderableType] = [
        Text.assemble((f"{each.logical_id}: ", _STYLES.get(each.stands, "yellow")), each.reason)
        for each in imports
        if each.reason
    ]
    links = dict.fromkeys(each.link for each in imports if each.link)
    notes += [Text(link, Style(dim=True, link=link), no_wrap=True, overflow="ignore") for link in links]
    return notes
