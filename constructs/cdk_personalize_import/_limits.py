# SPDX-License-Identifier: Apache-2.0
"""The limits of the API, read from the service model in botocore."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

# The model uses the classes of letters and numbers only together with "_", as "\w" does.
_UNICODE_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}


@dataclass(frozen=True)
class StringLimit:
    """The limits of one string in a request."""

    minimum: int
    maximum: int
    pattern: str | None

    def matches(self, value: str) -> bool:
        """Whether the whole value matches the pattern.

        The patterns of the model are not all anchored, but the service compares the whole value.
        """
        return self.pattern is None or bool(_compiled(self.pattern).fullmatch(value))


@functools.cache
def string_limit(*path: str) -> StringLimit:
    """Return the limit of a string in CreateDatasetImportJob, e.g. `string_limit("tags", "tagKey")`."""
    shape = _request()
    for member in path:
        shape = (shape.member if shape.type_name == "list" else shape).members[member]
    metadata = shape.metadata
    return StringLimit(metadata.get("min", 0), metadata["max"], metadata.get("pattern"))


def most_tags() -> int:
    """Return the number of tags that an import job may have."""
    maximum: int = _request().members["tags"].metadata["max"]
    return maximum


@functools.cache
def listed_regions() -> tuple[str, ...]:
    """Return the regions that the installed botocore lists for Personalize, of all partitions."""
    partitions = Loader().load_data("endpoints")["partitions"]
    services = [partition["services"].get("personalize", {}) for partition in partitions]
    return tuple(sorted(region for service in services for region in service.get("endpoints", {})))


@functools.cache
def _request() -> Any:
    # No session, because that reads the user's AWS configuration and fails if a profile is missing.
    description = Loader().load_service_model("personalize", "service-2")
    return ServiceModel(description, "personalize").operation_model("CreateDatasetImportJob").input_shape


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a Java pattern, whose classes of letters and digits are ASCII."""
    if r"\p{" not in pattern:
        return re.compile(pattern, re.ASCII)
    for java, python in _UNICODE_CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)
