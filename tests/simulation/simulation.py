# SPDX-License-Identifier: Apache-2.0
"""An account whose every invariant is checked, and whose log is read."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dataset_import.handler import serve as real_serve
from tests.fakes.account import Account
from tests.simulation.invariants import Invariants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_aws.personalize import Timing
    from tests.fakes.faults import Faults

MEMORY_AND_MORE = 15 * 3600.0
"""Seconds after which nothing is left of a request that has ended."""


class Simulation(Account):
    """An account with invariants."""

    def __init__(
        self,
        faults: Faults,
        *,
        timing: Timing | None = None,
        serve: Callable[[dict[str, Any], Any, Any], None] = real_serve,
    ) -> None:
        self.invariants = Invariants()
        super().__init__(faults, timing=timing, serve=serve, observer=self.invariants)
        self.invariants.account = self

    def finish(self) -> None:
        """Let everything come to its end, and check that it did."""
        self.kernel.run(self.kernel.now + 900)
        self.invariants.check_quiet()
        self.kernel.run(self.kernel.now + MEMORY_AND_MORE)
        self.invariants.check_end()


@contextmanager
def log_captured(invariants: Invariants, level: int = logging.NOTSET) -> Iterator[None]:
    """Show every log line from a level on to the invariants."""
    capture = LogCapture(invariants, level)
    logging.getLogger().addHandler(capture)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(capture)


class LogCapture(logging.Handler):
    """Shows log lines to the invariants, with their errors and extras."""

    def __init__(self, invariants: Invariants, level: int) -> None:
        super().__init__(level)
        self._invariants = invariants

    def emit(self, record: logging.LogRecord) -> None:
        """Show one line."""
        message = record.getMessage()
        self._invariants.logged(record.levelno, f"{message}{record.exc_info}{vars(record)}")
