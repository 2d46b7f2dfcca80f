# SPDX-License-Identifier: Apache-2.0
"""Recommenders of domain dataset groups. Nothing is trained here."""

from typing import Any

from .errors import ServiceError, already_exists, in_use, invalid_input
from .lifecycle import creation_times, describe, find, start_deletion
from .pages import page
from .scope import Scope
from .state import ACTIVE, Recommender
from .tagging import Tagging

MOST_RECOMMENDERS = 15
"""Quota of an account and region: https://docs.aws.amazon.com/personalize/latest/dg/creating-recommenders.html"""


class Recommenders:
    """CreateRecommender, DescribeRecommender, ListRecommenders, DeleteRecommender."""

    def __init__(self, scope: Scope, tagging: Tagging) -> None:
        self._scope = scope
        self._tagging = tagging
        self._state = scope.state

    def create_recommender(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """CreateRecommender, in a domain dataset group that is ACTIVE."""
        group = find(self._state.groups, params["datasetGroupArn"])
        arn = self._scope.arn("recommender", params["name"])
        if arn in self._state.recommenders:
            raise already_exists(arn)
        if group.status(self._scope.clock()) != ACTIVE:
            raise in_use(group.arn, "the dataset group is not ACTIVE.")
        if group.domain is None:
            raise invalid_input(f"A recommender needs a domain dataset group, and {group.arn} has no domain.")
        if len(self._state.recommenders) >= MOST_RECOMMENDERS:
            raise ServiceError("LimitExceededException", f"More than {MOST_RECOMMENDERS} recommenders.")
        self._tagging.put(arn, params.get("tags"))
        settings = {name: value for name, value in params.items() if name not in ("name", "tags")}
        self._state.recommenders[arn] = Recommender(
            params["name"], arn, *creation_times(self._scope), group_arn=group.arn, settings=settings
        )
        return {"recommenderArn": arn}

    def describe_recommender(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DescribeRecommender."""
        return {"recommender": self._described(find(self._state.recommenders, params["recommenderArn"]))}

    def list_recommenders(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """ListRecommenders, of one dataset group when it is named."""
        group = params.get("datasetGroupArn")
        kept = [each for each in self._state.recommenders.values() if group in (None, each.group_arn)]
        shown, more = page(kept, params)
        return {"recommenders": [self._described(each) for each in shown], **more}

    def delete_recommender(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DeleteRecommender."""
        start_deletion(self._scope, find(self._state.recommenders, params["recommenderArn"]))
        return {}

    def _described(self, recommender: Recommender) -> dict[str, Any]:
        return {
            **recommender.settings,
            **describe(self._scope, recommender),
            "recommenderArn": recommender.arn,
        }
