# SPDX-License-Identifier: Apache-2.0
"""boto3 clients over Python functions instead of HTTP. They check parameters as boto3 does."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import ServiceModel


class ConditionalCheckFailedException(ClientError):
    """What a boto3 client of DynamoDB raises where the condition of a write does not hold."""


EXCEPTIONS = SimpleNamespace(
    ClientError=ClientError, ConditionalCheckFailedException=ConditionalCheckFailedException
)


class Client:
    """A boto3 client.

    Args:
        service: The service, by its name in boto3.
        call: Performs an operation, by its name in the API, with its parameters.
    """

    def __init__(self, service: str, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._service = service
        self._call = call
        self.exceptions = EXCEPTIONS

    def __getattr__(self, method: str) -> Callable[..., Any]:
        service, perform = self._service, self._call
        operation = operation_name(service, method)

        def call(**params: Any) -> Any:
            check(service, operation, params)
            return perform(operation, params)

        return call


@cache
def service_model(service: str) -> ServiceModel:
    """Read botocore's model of a service once."""
    return botocore.session.get_session().get_service_model(service)


@cache
def operation_name(service: str, method: str) -> str:
    """Return the API's name of a client's method."""
    name = "".join(part.title() for part in method.split("_"))
    if name not in service_model(service).operation_names:
        raise AttributeError(f"{service} has no operation {name}")
    return name


_checked: set[tuple[str, str, Any]] = set()
"""The forms of parameters that have been checked. A search makes the same calls a million times."""


def check(service: str, operation: str, params: dict[str, Any]) -> None:
    """Raise ParamValidationError where parameters do not fit botocore's model of the operation."""
    key = (service, operation, tuple((name, type(value), not value) for name, value in params.items()))
    if key not in _checked:
        shape = service_model(service).operation_model(operation).input_shape
        assert shape
        validate_parameters(params, shape)
        _checked.add(key)
