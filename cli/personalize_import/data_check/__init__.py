# SPDX-License-Identifier: Apache-2.0
"""Checks files against the rules: a stream of any size, in bounded memory. Needs the extra `cli`."""

import polars  # noqa: F401  # the first, because callers look for its name if the extra is not installed

from personalize_import.data_check.check import Report, check
from personalize_import.data_check.errors import CannotCheckError, UnknownTypeError

__all__ = ["CannotCheckError", "Report", "UnknownTypeError", "check"]
