# SPDX-License-Identifier: Apache-2.0
"""Creation, description and deletion of resources that have a status."""

from typing import Any, TypeVar

from .errors import in_use, not_found
from .scope import Scope, when
from .state import ACTIVE, TimedResource

T = TypeVar("T")


def creation_times(scope: Scope) -> tuple[float, float]:
    """Return the times at which a new resource is created and becomes ACTIVE."""
    now = scope.clock()
    return now, now + scope.timing.wall(scope.timing.resource)


def start_deletion(scope: Scope, resource: TimedResource) -> None:
    """Delete a resource, which must be ACTIVE."""
    now = scope.clock()
    if resource.status(now) != ACTIVE:
        raise in_use(resource.arn, f"its status is {resource.status(now)}.")
    resource.deleted = now
    resource.gone_at = now + scope.timing.wall(scope.timing.deletion)


def describe(scope: Scope, resource: TimedResource) -> dict[str, Any]:
    """Return the members that descriptions and lists of every resource have."""
    now = scope.clock()
    return {
        "name": resource.name,
        "status": resource.status(now),
        "creationDateTime": when(resource.created),
        "lastUpdatedDateTime": when(resource.updated(now)),
    }


def without_none(**members: Any) -> dict[str, Any]:
    """Return the members that are not None."""
    return {name: value for name, value in members.items() if value is not None}


def find(kept: dict[str, T], arn: str) -> T:
    """Return the resource with an ARN."""
    if arn not in kept:
        raise not_found(arn)
    return kept[arn]
