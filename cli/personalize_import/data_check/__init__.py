# SPDX-License-Identifier: Apache-2.0
"""Checks files against the rules: a stream of any size, in bounded memory. Needs the extra `cli`."""

from personalize_import.data_check.check import Report, check
from personalize_import.data_check.errors import CannotCheckError, UnknownTypeError

__all__ = ["CannotCheckError", "Report", "UnknownTypeError", "check"]
