# SPDX-License-Identifier: Apache-2.0
"""Reads from AWS how the imports of stacks stand. Needs the extra `cli`."""

from personalize_import.status.imports import ImportStatus, Stands
from personalize_import.status.reader import StatusReader

__all__ = ["ImportStatus", "Stands", "StatusReader"]
