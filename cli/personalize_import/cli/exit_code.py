# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """The exit code of a command."""

    CLEAN = 0
    """Nothing is wrong with the data; every dataset holds the data of its import."""

    FINDINGS = 1
    """The data breaks a rule; an import, or the last attempt to deploy a stack, has failed."""

    COULD_NOT_RUN = 2
    """The data could not be checked, or a status could not be read."""

    RUNNING = 3
    """Nothing has failed, but a stack is being deployed, or an import has not ended."""

    OUTDATED = 4
    """Every import has succeeded, but a dataset does not hold the data any more."""
