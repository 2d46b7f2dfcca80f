# SPDX-License-Identifier: Apache-2.0
"""Checks the lines of an import with Amazon Athena, for data that one machine should not read."""

from personalize_import.athena.check import AthenaCheck
from personalize_import.athena.run import PRIMARY, Athena

__all__ = ["PRIMARY", "Athena", "AthenaCheck"]
