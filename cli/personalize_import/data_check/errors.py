# SPDX-License-Identifier: Apache-2.0


class CannotCheckError(Exception):
    """The data could not be looked at; the message says why and what to do."""


class UnknownTypeError(CannotCheckError):
    """The name of the schema says nothing of the type of the dataset, which was not given either."""
