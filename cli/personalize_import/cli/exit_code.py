# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """The exit code of a command."""

    CLEAN = 0
    """Nothing is wrong with the data; every import is ACTIVE."""

    FINDINGS = 1
    """The data breaks a rule; an import has failed."""

    COULD_NOT_RUN = 2
    """The question could not be answered."""

    RUNNING = 3
    """No import has failed, but some are under way."""
