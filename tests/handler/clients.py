# SPDX-License-Identifier: Apache-2.0
"""AWS clients over Python functions instead of HTTP, and what goes wrong with their calls."""

from __future__ import annotations

from collections import defaultdict, deque
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.model import ServiceModel


@cache
def service_model(service: str) -> ServiceModel:
    """Read botocore's model of a service once."""
    return botocore.session.get_session().get_service_model(service)


class Faults:
    """What goes wrong with which call, in order: an error instead of the effect, or after it."""

    def __init__(self) -> None:
        self._before: defaultdict[str, deque[BaseException | None]] = defaultdict(deque)
        self._after: defaultdict[str, deque[BaseException]] = defaultdict(deque)

    def before(self, operation: str, *errors: BaseException | None) -> None:
        """Raise the errors, one a call, instead of doing anything; None lets a call pass."""
        self._before[operation].extend(errors)

    def after(self, operation: str, *errors: BaseException) -> None:
        """Do what the call says, and then lose its reply."""
        self._after[operation].extend(errors)

    def raise_before(self, operation: str) -> None:
        error = self._before[operation].popleft() if self._before[operation] else None
        if error:
            raise error

    def raise_after(self, operation: str) -> None:
        if self._after[operation]:
            raise self._after[operation].popleft()


def error(code: str, message: str = "as injected", status: int = 400) -> ClientError:
    """An error as boto3 raises it."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Operation",
    )


class Client:
    """A boto3 client over a Python function instead of HTTP; it checks parameters as boto3 does."""

    def __init__(self, service: str, call: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
        self._model = service_model(service)
        self._call = call

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(part.title() for part in name.split("_"))

        def call(**params: Any) -> dict[str, Any]:
            shape = self._model.operation_model(operation).input_shape
            assert shape
            validate_parameters(params, shape)
            return self._call(operation, params)

        return call

    def get_paginator(self, name: str) -> Any:
        def pages(**params: Any) -> Iterator[dict[str, Any]]:
            page: dict[str, Any] = {"nextToken": None}
            while "nextToken" in page:
                token = {"nextToken": page["nextToken"]} if page["nextToken"] else {}
                page = getattr(self, name)(maxResults=2, **token, **params)
                yield page

        return SimpleNamespace(paginate=pages)
