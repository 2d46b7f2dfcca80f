# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 160
"""Where there is no terminal, lines may be longer than the 80 characters that rich would take."""


def console(*, stderr: bool = False) -> Console:
    """A console that colours nothing by guess, and knows how wide it is in a pipe."""
    made = Console(highlight=False, stderr=stderr)
    return made if made.is_terminal else Console(highlight=False, stderr=stderr, width=WIDTH_WITHOUT_TERMINAL)
