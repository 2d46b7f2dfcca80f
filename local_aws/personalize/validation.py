# SPDX-License-Identifier: Apache-2.0
"""Checks a request against botocore's model of the service, with the messages of the service.

botocore's own validator checks types, required members and minimum lengths. The model also has maximum
lengths, patterns and enumerations, which only the service enforces. This module checks all of them.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from .errors import ServiceError, invalid_input

SERIALIZATION = "SerializationException"
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "float": (int, float),
    "double": (int, float),
    "list": (list, tuple),
    "structure": (dict,),
    "map": (dict,),
}


@functools.cache
def service_model() -> ServiceModel:
    """Botocore's model of Amazon Personalize."""
    loader = botocore.session.get_session().get_component("data_loader")
    return ServiceModel(loader.load_service_model("personalize", "service-2"), "personalize")


def validate(operation: str, params: Mapping[str, Any]) -> None:
    """Raise one error with all problems of the parameters, as the service does."""
    # A handler that polls sends the same ARN thousands of times.
    is_text = all(isinstance(value, str) for value in params.values())
    problems = _cached_problems(operation, *params.items()) if is_text else _all_problems(operation, params)
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise invalid_input(f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}")


@functools.lru_cache(maxsize=1024)
def _cached_problems(operation: str, *params: tuple[str, str]) -> list[str]:
    return _all_problems(operation, dict(params))


def _all_problems(operation: str, params: Mapping[str, Any]) -> list[str]:
    if operation not in service_model().operation_names:
        raise ServiceError("UnknownOperationException", f"Unknown operation {operation}")
    shape = service_model().operation_model(operation).input_shape
    return list(_problems(shape, dict(params), "")) if shape else []


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    expected = _TYPES.get(shape.type_name)
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected)):
        raise ServiceError(
            SERIALIZATION, f"Expected a {shape.type_name} at '{path}', got {type(value).__name__}"
        )
    if isinstance(shape, StructureShape):
        yield from _structure_problems(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _constraint_problems(shape, value, path)
        for index, member in enumerate(value, start=1):
            yield from _problems(shape.member, member, f"{path}.{index}.member")
    elif not isinstance(shape, MapShape):
        yield from _constraint_problems(shape, value, path)


def _structure_problems(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{prefix}{name}' failed to satisfy constraint: Member must not be null"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _problems(member, value[name], f"{prefix}{name}")


def _constraint_problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    for constraint in _broken(shape, value):
        shown = "[" + ", ".join(map(str, value)) + "]" if isinstance(value, (list, tuple)) else value
        yield f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {constraint}"


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    metadata = shape.metadata
    number = isinstance(value, (int, float))
    size, what = (value, "value") if number else (len(value), "length")
    if "min" in metadata and size < metadata["min"]:
        yield f"have {what} greater than or equal to {metadata['min']}"
    if "max" in metadata and size > metadata["max"]:
        yield f"have {what} less than or equal to {metadata['max']}"
    if "enum" in metadata and value not in metadata["enum"]:
        yield f"satisfy enum value set: [{', '.join(metadata['enum'])}]"
    pattern = metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield f"satisfy regular expression pattern: {pattern}"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the model, and replace the Unicode classes that Python does not support."""
    for java, python in (
        (r"\p{ASCII}", r"[\x00-\x7f]"),
        (r"\p{L}", r"\w"),
        (r"\p{Z}", r"\s"),
        (r"\p{N}", r"\d"),
    ):
        pattern = pattern.replace(java, python)
    return re.compile(pattern)
