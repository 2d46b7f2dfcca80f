# SPDX-License-Identifier: Apache-2.0
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.text import Text

# Where there is no terminal, such as in CI, a line is as long as it needs to be, not folded at 80 characters.
WIDTH_WITHOUT_TERMINAL = 160


class Progress:
    """Shows what is being done: a turning status line on a terminal, plain lines in a pipe."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or _console()
        self._start = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, show that it goes on, and say how long it took if it succeeded."""
        start = time.monotonic()
        self._console.print(Text(f"▸ {title} ...", style="bold"))
        with self._console.status(title):
            yield
        self._console.print(Text(f"  done in {time.monotonic() - start:.0f} s", style="green"))

    def detail(self, line: str) -> None:
        """Show a line that a step said."""
        self._console.print(Text(f"  {line}", style="dim"))

    def fail(self, message: str) -> None:
        """Show why it ended."""
        self._console.print(Text(message, style="bold red"))

    def show(self, what: RenderableType) -> None:
        """Show something as it is."""
        self._console.print(what)

    @property
    def seconds(self) -> float:
        """The time since the beginning."""
        return time.monotonic() - self._start


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)
