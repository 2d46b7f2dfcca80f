# SPDX-License-Identifier: Apache-2.0
"""Solutions: configurations for training. This model trains nothing."""

from typing import Any

from .errors import already_exists, in_use
from .lifecycle import creation_times, describe, find, start_deletion, without_none
from .pages import page
from .scope import Scope
from .state import ACTIVE, Solution
from .tagging import Tagging


class Solutions:
    """CreateSolution, DescribeSolution, ListSolutions, DeleteSolution."""

    def __init__(self, scope: Scope, tagging: Tagging) -> None:
        self._scope = scope
        self._tagging = tagging
        self._state = scope.state

    def create_solution(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """CreateSolution, in a dataset group that is ACTIVE."""
        group = find(self._state.groups, params["datasetGroupArn"])
        arn = self._scope.arn("solution", params["name"])
        if arn in self._state.solutions:
            raise already_exists(arn)
        if group.status(self._scope.clock()) != ACTIVE:
            raise in_use(group.arn, "the dataset group is not ACTIVE.")
        self._tagging.put(arn, params.get("tags"))
        settings = {name: value for name, value in params.items() if name not in ("name", "tags")}
        self._state.solutions[arn] = Solution(
            params["name"], arn, *creation_times(self._scope), group_arn=group.arn, settings=settings
        )
        return {"solutionArn": arn}

    def describe_solution(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DescribeSolution."""
        solution = find(self._state.solutions, params["solutionArn"])
        return {
            "solution": {**solution.settings, **describe(self._scope, solution), "solutionArn": solution.arn}
        }

    def list_solutions(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """ListSolutions, of one dataset group when it is named."""
        group = params.get("datasetGroupArn")
        kept = [
            solution for solution in self._state.solutions.values() if group in (None, solution.group_arn)
        ]
        shown, more = page(kept, params)
        return {"solutions": [self._summary(solution) for solution in shown], **more}

    def delete_solution(self, params: dict[str, Any], _caller: str) -> dict[str, Any]:
        """DeleteSolution."""
        start_deletion(self._scope, find(self._state.solutions, params["solutionArn"]))
        return {}

    def _summary(self, solution: Solution) -> dict[str, Any]:
        recipe = without_none(recipeArn=solution.settings.get("recipeArn"))
        return describe(self._scope, solution) | {"solutionArn": solution.arn} | recipe
