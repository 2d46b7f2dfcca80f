# SPDX-License-Identifier: Apache-2.0
"""The tags of resources."""

from typing import Any

from .errors import ServiceError, not_found
from .scope import Scope

MOST_TAGS = 50
"""AWS allows 50 tags a resource, although the request's list may have 200 entries."""


class Tagging:
    """TagResource, UntagResource, ListTagsForResource, and the tags that come with a creation."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, arn: str, tags: list[dict[str, str]] | None) -> None:
        """Add tags to a resource, or raise if there are too many."""
        merged = self._scope.state.tags.get(arn, {}) | {tag["tagKey"]: tag["tagValue"] for tag in tags or []}
        if len(merged) > MOST_TAGS:
            raise ServiceError("TooManyTagsException", f"A resource can have at most {MOST_TAGS} tags.")
        if merged:
            self._scope.state.tags[arn] = merged

    def tag_resource(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """TagResource."""
        self._known(params["resourceArn"])
        self.put(params["resourceArn"], params["tags"])
        return {}

    def untag_resource(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """UntagResource."""
        self._known(params["resourceArn"])
        tags = self._scope.state.tags.get(params["resourceArn"], {})
        for key in params["tagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """ListTagsForResource."""
        self._known(params["resourceArn"])
        tags = self._scope.state.tags.get(params["resourceArn"], {})
        return {"tags": [{"tagKey": key, "tagValue": value} for key, value in tags.items()]}

    def _known(self, arn: str) -> None:
        state = self._scope.state
        if not any(
            arn in kept
            for kept in (
                state.schemas,
                state.groups,
                state.datasets,
                state.jobs,
                state.solutions,
                state.recommenders,
            )
        ):
            raise not_found(arn)
