# SPDX-License-Identifier: Apache-2.0
"""Reads from AWS the status of the imports of stacks. Needs the extra `cli`."""

from personalize_import.status.imports import ImportState, ImportStatus
from personalize_import.status.reader import StatusReader
from personalize_import.status.report import FailedAttempt, ReadError, StackStatus, StatusReport

__all__ = [
    "FailedAttempt",
    "ImportState",
    "ImportStatus",
    "ReadError",
    "StackStatus",
    "StatusReader",
    "StatusReport",
]
