# SPDX-License-Identifier: Apache-2.0
"""Holds files against the rules: a stream of any size, in bounded memory. Needs the extra `cli`."""

from personalize_import.data_check.check import Report, check
from personalize_import.data_check.errors import CannotCheckError

__all__ = ["CannotCheckError", "Report", "check"]
