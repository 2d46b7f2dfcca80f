# SPDX-License-Identifier: Apache-2.0


class DatasetImportError(ValueError):
    """What every error that this library raises at synth is a kind of."""


class InvalidPropertiesError(DatasetImportError):
    """An import was asked for with wrong values; the message holds every one of them."""


class MissingHandlerError(DatasetImportError):
    """The code of the function that performs the imports is not where the library expects it."""
