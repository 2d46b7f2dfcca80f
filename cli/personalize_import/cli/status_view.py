# SPDX-License-Identifier: Apache-2.0
"""The output of `personalize-import status`: tables, lines and JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.console import Group as Lines
from rich.progress_bar import ProgressBar
from rich.style import Style
from rich.table import Column, Table
from rich.text import Text

from personalize_import.status import ImportState, ImportStatus, StatusReport

USUAL_LONGEST = timedelta(minutes=20)
"""The time at which a bar is full. An import of small data takes 10 to 20 minutes."""

_STYLES = {ImportState.ACTIVE: "green", ImportState.IMPORTING: "cyan", ImportState.NOT_BEGUN: "dim"}
_STATE_WIDTH = max(len(state) for state in ImportState)
_TIME_WIDTH = len("12:00:00")
_ROW_HEIGHT = 4
"""Lines of most imports: construct, dataset, job and a border."""

_FRAME = 10
"""Characters of the frame of three columns."""


@dataclass(frozen=True)
class ImportTable:
    """A table with a row for each import; a paragraph for each, if the table is too wide for the terminal.

    No name is cut or wrapped, so that it can be copied. Only the width of the first column varies. On a
    terminal it has all remaining width, so that no column moves when a job gets its name.

    Attributes:
        imports: The imports.
        has_bars: Whether a bar shows the progress of each import against the usual 10 to 20 minutes.
        speed: The factor by which an embedded Personalize runs faster.
    """

    imports: Sequence[ImportStatus]
    has_bars: bool = False
    speed: float = 1

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table or the paragraphs. rich calls it."""
        names = max((len(line) for each in self.imports for line in _names(each)), default=0) + 2
        if names + _STATE_WIDTH + _TIME_WIDTH + _FRAME <= options.max_width:
            yield self._table()
        else:
            yield from self._paragraphs()

    def _table(self) -> Table:
        table = Table(
            Column("Import", no_wrap=True, ratio=1),
            Column("State", no_wrap=True, width=_STATE_WIDTH),
            Column("For", no_wrap=True, justify="right", width=_TIME_WIDTH),
            caption=self._caption or None,
            caption_justify="left",
            expand=self.has_bars,
            show_lines=len(self.imports) > 1,
        )
        for each in self.imports:
            name, *more = _names(each)
            cell = Text("\n  ".join([name, *more]))
            cell.highlight_words([each.dataset] if each.dataset else [], Style(link=each.link or None))
            table.add_row(cell, Lines(*self._state(each)), minutes(each.elapsed))
        return table

    def _paragraphs(self) -> Iterator[RenderableType]:
        for each in self.imports:
            name, *more = _names(each)
            yield Text(name)
            yield Text.assemble("  ", _state_text(each), "  ", minutes(each.elapsed))
            for line in more:
                yield Text(f"  {line}")
        if self._speed_note:
            yield Text(self._speed_note, style="dim")

    @property
    def _caption(self) -> str:
        """The explanation of bars and times."""
        bars = "A bar is full after 20 minutes: 10 to 20 are usual." if self.has_bars else ""
        return " ".join(filter(None, [bars, self._speed_note]))

    @property
    def _speed_note(self) -> str:
        if self.speed == 1:
            return ""
        return f"Personalize is {self.speed:g} times as fast here; times are real."

    def _state(self, each: ImportStatus) -> Iterator[RenderableType]:
        yield _state_text(each)
        if self.has_bars and each.state in (ImportState.IMPORTING, ImportState.ACTIVE):
            is_full = each.state is ImportState.ACTIVE
            done = 1.0 if is_full else min(each.elapsed * self.speed / USUAL_LONGEST, 0.99)
            yield ProgressBar(total=1.0, completed=done, width=_STATE_WIDTH)


def fitting(imports: Sequence[ImportStatus], height: int) -> tuple[Sequence[ImportStatus], str]:
    """Select the imports that fit on a terminal: running imports first, then those that have failed.

    Args:
        imports: The imports.
        height: The lines that are available.

    Returns:
        The imports to show, and a line that counts the others by state. It is empty if all are shown.
    """
    most = max(height // _ROW_HEIGHT, 1)
    if len(imports) <= most:
        return imports, ""
    ordered = sorted(imports, key=_rank)
    counts = Counter(each.state for each in ordered[most:])
    listed = ", ".join(f"{count} {state}" for state, count in counts.items())
    return ordered[:most], f"And {len(ordered) - most} more: {listed}."


def _rank(each: ImportStatus) -> int:
    if each.state in (ImportState.ACTIVE, ImportState.NOT_BEGUN):
        return 2
    return 1 if each.state.has_ended else 0


def label(each: ImportStatus) -> str:
    """Return the name of an import: its construct path, with the stack's name if the path lacks it."""
    return each.path if _names_stack(each) else f"{each.stack}: {each.path}"


def as_line(each: ImportStatus) -> str:
    """Return an import as a line with the same columns in every state."""
    columns = [
        label(each),
        each.dataset or "-",
        each.job or "-",
        each.state,
        minutes(each.elapsed),
        each.reason,
    ]
    return "  ".join(filter(None, columns))


def reasons(report: StatusReport) -> list[Text]:
    """Return the reasons of imports, which are too long for the table."""
    return [
        Text.assemble((f"{label(each)}: ", _style(each.state)), each.reason)
        for each in report.imports
        if each.reason
    ]


def stack_lines(report: StatusReport) -> list[str]:
    """Return the lines about stacks that are in progress or have failed."""
    shown = {each.path for each in report.imports if each.state.has_failed}
    lines = []
    for stack in report.stacks:
        attempt = stack.failed_attempt
        if attempt:
            at = attempt.at.strftime("%Y-%m-%d %H:%M:%S %Z").strip()
            cause = attempt.path if attempt.path in shown else f"{attempt.path}: {attempt.reason}"
            cause = cause.removeprefix(": ")
            lines.append(f"The last deployment of {stack.name} failed at {at} ({stack.status}): {cause}")
        elif stack.is_in_progress:
            own = [each for each in report.imports if each.stack == stack.name]
            # A stack without imports of its own may be the parent of stacks with imports.
            has_begun = any(each.state is not ImportState.NOT_BEGUN for each in own or report.imports)
            nothing = "" if has_begun else " No import has begun yet."
            lines.append(f"{stack.name} is {stack.status}.{nothing}")
    return lines


def links(report: StatusReport) -> list[str]:
    """Return the console pages of the dataset groups."""
    return list(dict.fromkeys(each.link for each in report.imports if each.link))


def as_json(report: StatusReport) -> str:
    """Return the report as JSON."""
    document = {
        "imports": [
            asdict(each) | {"elapsed": round(each.elapsed.total_seconds())} for each in report.imports
        ],
        "stacks": [asdict(stack) for stack in report.stacks],
        "missing": report.missing,
        "errors": [{"stack": error.stack, "message": error.message} for error in report.errors],
        "notes": report.notes,
    }
    return json.dumps(document, indent=2, default=lambda at: at.isoformat())


def minutes(elapsed: timedelta) -> str:
    """Return a duration as m:ss or h:mm:ss."""
    seconds = int(elapsed.total_seconds())
    rest = f"{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{seconds // 3600}:{rest}" if seconds >= 3600 else rest.removeprefix("0")


class Changes:
    """Finds the changes since the last report, for output that is not redrawn."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[ImportState, str, str]] = {}
        self._lines: frozenset[str] = frozenset()

    def among(self, imports: Sequence[ImportStatus]) -> list[ImportStatus]:
        """Return the imports that are new or have a new state, job or reason."""
        changed = []
        for each in imports:
            key, shown = (each.stack, each.logical_id), (each.state, each.job, each.reason)
            if self._seen.get(key) != shown:
                self._seen[key] = shown
                changed.append(each)
        return changed

    def among_lines(self, lines: Sequence[str]) -> list[str]:
        """Return the lines that are new."""
        changed = [line for line in lines if line not in self._lines]
        self._lines = frozenset(lines)
        return changed


def _names(each: ImportStatus) -> list[str]:
    """Return the lines that identify an import. Dataset and job may not be known yet."""
    stack = "" if _names_stack(each) else f"stack {each.stack}"
    return [each.path, *filter(None, [stack, each.dataset, each.job])]


def _names_stack(each: ImportStatus) -> bool:
    return f"/{each.path}".startswith(f"/{each.stack}/")


def _state_text(each: ImportStatus) -> Text:
    return Text(each.state, style=_style(each.state))


def _style(state: ImportState) -> str:
    return "red" if state.has_failed else _STYLES.get(state, "yellow")
