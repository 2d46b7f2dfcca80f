# SPDX-License-Identifier: Apache-2.0


class CannotCheckError(Exception):
    """The data could not be looked at; the message says why and what to do."""


_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "403", "Forbidden"})


def is_refused(code: str) -> bool:
    """Whether an error code of AWS says that the credentials lack a permission."""
    return code in _REFUSED


def needs(action: str) -> str:
    """The sentence about a permission that is missing."""
    return f"Access denied. The credentials need {action}."


class UnknownTypeError(CannotCheckError):
    """The name of the schema says nothing of the type of the dataset, which was not given either."""
