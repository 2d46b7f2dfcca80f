# SPDX-License-Identifier: Apache-2.0
"""Look, pause, look again: the polling of one invocation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_PAUSE = 2.5
"""Seconds between two looks at a running job."""

NEXT_TICK = math.inf
"""The pause until the next tick."""

T = TypeVar("T")


class Clock(Protocol):
    """The wall clock, such as the module `time` of the standard library."""

    def time(self) -> float:
        """Return the seconds since the epoch."""

    def sleep(self, seconds: float, /) -> None:
        """Let that many seconds pass."""


class DeadlineError(Exception):
    """The deadline has passed without a result."""


def poll(
    look: Callable[[], T | float],
    *,
    clock: Clock,
    ends: Callable[[], float],
    deadline: Callable[[], float],
    may_wait: Callable[[], bool],
) -> T | None:
    """Look until there is a result, the invocation's time is over, or another invocation polls.

    Args:
        look: Returns a result, or the seconds to pause before the next look.
        clock: Measures and passes time.
        ends: Returns when the invocation has to stop, in seconds since the epoch. A look may move it.
        deadline: Returns until when a result is of use, in seconds since the epoch. A look may move it.
        may_wait: Called once, before the first pause; returns whether this invocation is to wait.

    Returns:
        The result; None if the next tick has to continue.

    Raises:
        DeadlineError: The deadline has passed without a result.
    """
    is_waiting = False
    while True:
        found = look()
        if not isinstance(found, (int, float)):
            return found
        now = clock.time()
        if now >= deadline():
            raise DeadlineError
        if deadline() <= ends():
            found = min(found, deadline() - now)
        if now + found > ends() or not (is_waiting or may_wait()):
            return None
        is_waiting = True
        clock.sleep(found)
