# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations


class DatasetImportError(ValueError):
    """Base class of all errors of this library."""


class InvalidPropertiesError(DatasetImportError):
    """Properties of an import are wrong. The message lists all of them."""


class MissingHandlerError(DatasetImportError):
    """The code of the function that performs the imports is not installed completely."""
