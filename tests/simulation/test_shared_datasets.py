# SPDX-License-Identifier: Apache-2.0
"""Several imports into one dataset, in one deployment that is rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.scenario import NAME
from tests.simulation.test_renames import FAILS, held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fakes.stacks import Template
    from tests.simulation.scenario import Scenario


def full_imports(scenario: Scenario, revisions: Sequence[str]) -> Template:
    """Full imports into one dataset, each with data of its own."""
    return {f"Full{revision}": scenario.properties(Revision=revision) for revision in revisions}


@pytest.mark.parametrize("order", [("2", "3"), ("3", "2")])
def test_two_new_full_imports_that_are_rolled_back_restore_the_old_data(
    scenario: Scenario, order: Sequence[str]
) -> None:
    """Neither restores what the other one has brought."""
    scenario.deploy()

    deployment = scenario.deploy_all({scenario.stack: full_imports(scenario, order)}, **FAILS)

    assert deployment.outcome == "rolled back"
    assert held(scenario) == (None, [])


def test_data_that_was_added_before_is_restored_although_the_list_is_behind(scenario: Scenario) -> None:
    """The import that has replaced it is looked up by its name."""
    scenario.personalize.list_lag = 3600
    scenario.deploy()
    added = {"Added": scenario.properties(ImportMode="INCREMENTAL")}
    scenario.deploy_all({scenario.stack: added})

    scenario.deploy_all({scenario.stack: {**added, **full_imports(scenario, ["2"])}}, **FAILS)

    assert held(scenario) == (None, [None])


def test_a_new_full_import_leaves_additions_of_an_earlier_resource_of_its_name(scenario: Scenario) -> None:
    """The earlier resource was deleted, and what it has added counts as data of others."""
    scenario.deploy()
    added = scenario.properties(ImportMode="INCREMENTAL", Revision="added")
    scenario.deploy_all({scenario.stack: {"Added": added}})
    scenario.deploy_all({scenario.stack: {}})

    scenario.deploy_all({scenario.stack: {"Added": scenario.properties()}})

    assert held(scenario) == (None, ["added"])
    assert len(scenario.jobs()) == 2


def test_a_switch_that_is_undone_by_hand_can_still_be_rolled_back(scenario: Scenario) -> None:
    """To the handler the user's change looks like a rollback; it remembers what it replaces all the same."""
    first = {"Import": scenario.properties(Revision="first")}
    scenario.deploy_all({scenario.stack: first})
    base = {"Base": scenario.properties(Revision="base")}
    added = {"Import": scenario.properties(Revision="first", ImportMode="INCREMENTAL")}
    scenario.deploy_all({scenario.stack: {**added, **base}})

    scenario.deploy_all({scenario.stack: {**first, **base}}, **FAILS)

    assert held(scenario) == ("base", ["first"])


@pytest.mark.parametrize("cancel_after", [0, 0.5, 2])
def test_a_switch_that_is_undone_by_hand_and_cancelled_at_once_replaces_nothing(
    scenario: Scenario, cancel_after: float
) -> None:
    """The stack is being rolled back before the handler looks, so that the change looks like the rollback."""
    first = {"Import": scenario.properties(Revision="first")}
    scenario.deploy_all({scenario.stack: first})
    base = {"Base": scenario.properties(Revision="base")}
    added = {"Import": scenario.properties(Revision="first", ImportMode="INCREMENTAL")}
    scenario.deploy_all({scenario.stack: {**added, **base}})

    scenario.deploy_all({scenario.stack: {**first, **base}}, cancel_after=cancel_after)

    assert held(scenario) == ("base", ["first"])


def test_a_change_after_the_rollback_of_a_switch_imports_only_its_own_data(scenario: Scenario) -> None:
    """It undoes what the rollback has done, and is no rollback of it."""
    scenario.deploy(Revision="2")
    added = {"ImportMode": "INCREMENTAL"}
    others = {"Other": scenario.properties(Revision="4", **added)}
    switched = {NAME: scenario.properties(Revision="2", **added)}
    scenario.deploy_all({scenario.stack: {**switched, **others}}, **FAILS)

    scenario.deploy(Revision="2", **added)

    assert held(scenario) == ("2", ["2"])


def test_a_switch_that_a_user_changes_back_adds_to_the_full_data(scenario: Scenario) -> None:
    """Only a rollback restores what the switch has replaced."""
    scenario.deploy()
    scenario.deploy(ImportMode="INCREMENTAL", Revision="2")
    scenario.deploy(Revision="2")

    scenario.deploy(ImportMode="INCREMENTAL", Revision="2")

    assert held(scenario) == ("2", ["2"])
