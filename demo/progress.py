# SPDX-License-Identifier: Apache-2.0
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import Progress as Tasks
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from personalize_import.cli.console import console
from personalize_import.cli.status_view import Changes, ImportTable, as_line
from personalize_import.status import ImportStatus


class Status(Tasks):
    """A status line that moves, and an optional renderable below it."""

    below: RenderableType | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the status line and what is below it. rich calls it."""
        yield from super().get_renderables()
        if self.below is not None:
            yield self.below


class Progress:
    """Shows the progress: on a terminal with a status line that moves, in a pipe with plain lines."""

    def __init__(self, out: Console | None = None) -> None:
        self._console = out or console()
        self._start = time.monotonic()
        self._status: Status | None = None
        self._task: TaskID | None = None
        self._changes = Changes()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Print the title of a step, show that it is running, and print its duration if it succeeds."""
        start = time.monotonic()
        self._console.print(Text(f"▸ {title} ...", style="bold"))
        with self._moving_status() as self._status:
            self._task = self._status.add_task(title)
            yield
        self._console.print(Text(f"  done in {time.monotonic() - start:.0f} s", style="green"))

    def detail(self, line: str) -> None:
        """Print a line of the output of a step."""
        self._console.print(Text(f"  {line}", style="dim"), soft_wrap=True)

    def passing(self, line: str) -> None:
        """Show a line in the status line until the next one. In a pipe it is not printed."""
        if self._status is not None and self._task is not None:
            self._status.update(self._task, description=line)

    def imports(self, imports: Sequence[ImportStatus], speed: float) -> None:
        """Show the status of imports: on a terminal a table that is redrawn, in a pipe each change.

        Args:
            imports: The status.
            speed: The factor by which Personalize runs faster.
        """
        if self._console.is_terminal and self._status is not None:
            self._status.below = ImportTable(imports, has_bars=True, speed=speed)
            self._status.refresh()
        else:
            for changed in self._changes.among(imports):
                self.detail(f"Personalize | {as_line(changed)}")

    def fail(self, message: str) -> None:
        """Print an error."""
        self._console.print(Text(message, style="bold red"), soft_wrap=True)

    def show(self, what: RenderableType) -> None:
        """Print a renderable without cropping it."""
        self._console.print(what, crop=False)

    @property
    def seconds(self) -> float:
        """The time since the beginning."""
        return time.monotonic() - self._start

    def _moving_status(self) -> Status:
        return Status(
            SpinnerColumn(),
            TimeElapsedColumn(),
            TextColumn(
                "{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis"), markup=False
            ),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
