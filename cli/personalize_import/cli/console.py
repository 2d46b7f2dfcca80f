# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 160
"""Where there is no terminal, lines may be longer than the 80 characters that rich would take."""


def console(*, stderr: bool = False) -> Console:
    """Return a console without automatic highlighting; in a pipe it is `WIDTH_WITHOUT_TERMINAL` wide."""
    made = Console(highlight=False, stderr=stderr)
    return made if made.is_terminal else Console(highlight=False, stderr=stderr, width=WIDTH_WITHOUT_TERMINAL)
