# SPDX-License-Identifier: Apache-2.0
"""Cuts a list into pages: at most a hundred entries, with a token for what follows."""

import base64
from collections.abc import Sequence
from typing import Any, TypeVar

from .errors import ServiceError

LARGEST_PAGE = 100
T = TypeVar("T")


def page(entries: Sequence[T], params: dict[str, Any]) -> tuple[Sequence[T], dict[str, str]]:
    """Return the requested page, and the nextToken if there are more pages."""
    start = _offset(params.get("nextToken"))
    end = start + int(params.get("maxResults") or LARGEST_PAGE)
    more = {"nextToken": base64.urlsafe_b64encode(str(end).encode()).decode()} if end < len(entries) else {}
    return entries[start:end], more


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        raise ServiceError("InvalidNextTokenException", "The token is not valid.") from None
