# SPDX-License-Identifier: Apache-2.0
"""Rollbacks where a switch to FULL is late, is cancelled, or is one of several deployments."""

import itertools
import json
from typing import Any

import pytest

from dataset_import.request import ImportRequest
from local_aws.personalize import Timing
from tests.fakes.faults import error
from tests.handler.world import BAD_ROW, GOOD, World, bases


def test_a_cancelled_switch_that_still_waits_for_its_turn_is_not_taken_for_the_rollback() -> None:
    """The import's own addition runs, and CloudFormation rolls other resources back first."""
    world = World(Timing(shortest_import=600.0, longest_import=600.0))
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL", Wait="false")
    switch = world.properties(Revision="2")
    first = world.create()
    world.run(world.update(first, added, full))
    cancelled = world.update(first, switch, added)
    world.account.functions.deliver(world.stack.service_token, json.dumps(cancelled))
    world.pass_time(60)
    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    world.pass_time(1500)
    assert len(world.jobs()) == 3

    world.run(world.update(first, added, switch))
    world.pass_time(3600)

    assert bases(world)[3:] == bases(world)[:2]


@pytest.mark.parametrize("how", ["its event is late", "the status cannot be read"])
def test_a_switch_that_learns_late_of_a_rollback_notes_what_it_replaces(world: World, how: str) -> None:
    """Another resource has failed by then, and the rollback of this one is still to come."""
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    switch = world.properties(Revision="2")
    first = world.create()
    world.run(world.update(first, added, full))
    cancelled = world.update(first, switch, added)
    if how == "its event is late":
        world.pass_time(40)
    else:
        world.faults.before("DescribeStacks", *[error("Throttling")] * 3)
        world.account.functions.deliver(world.stack.service_token, json.dumps(cancelled))
        world.pass_time(3)
    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    world.run(cancelled)
    before = len(world.jobs())

    world.run(world.update(first, added, switch))

    assert bases(world)[before:] == bases(world)[:2]


@pytest.mark.parametrize("import_mode", ["FULL", "INCREMENTAL"])
def test_a_rollback_of_two_deployments_restores_what_was_before_both(world: World, import_mode: str) -> None:
    """The first one switched to full data, and was not rolled back when another resource failed."""
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    switch = world.properties(Revision="2")
    second = world.properties(Revision="3", ImportMode=import_mode)
    first = deploy(world, full, added, switch, second)
    before = len(world.jobs())

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    world.run(world.update(first, added, second))

    assert bases(world)[before:] == bases(world)[:2]


def deploy(world: World, *states: dict[str, Any]) -> str:
    """Create an import and update it, without a rollback in between; return its physical id."""
    first = world.run(world.event("Create", states[0]))["PhysicalResourceId"]
    for old, new in itertools.pairwise(states):
        assert world.run(world.update(first, new, old))["Status"] == "SUCCESS"
    return str(first)


def test_a_rollback_of_many_deployments_restores_what_was_before_the_last_switch(world: World) -> None:
    """However many additions came before and after it."""
    full, *added = (world.properties(Revision=str(n), ImportMode="INCREMENTAL") for n in range(6))
    full["ImportMode"] = "FULL"
    first_switch, switch = world.properties(Revision="7"), world.properties(Revision="8")
    states = (full, *added[:3], first_switch, added[3], switch, added[4])
    first = deploy(world, *states)
    before = len(world.jobs())

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    world.run(world.update(first, added[0], states[-1]))

    assert bases(world)[before:] == [*bases(world)[4:6], bases(world)[1]]


def test_a_rollback_restores_what_was_before_a_switch_that_failed_and_one_that_did_not(world: World) -> None:
    """The second one starts from the properties of the first, without a rollback."""
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    switch, second = world.properties(Revision="2"), world.properties(Revision="3")
    first = deploy(world, full, added)
    world.objects["items.csv"] = BAD_ROW
    assert world.run(world.update(first, switch, added))["Status"] == "FAILED"
    world.objects["items.csv"] = GOOD
    assert world.run(world.update(first, second, switch))["Status"] == "SUCCESS"
    before = len(world.jobs())

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    world.run(world.update(first, added, second))

    assert bases(world)[before:] == bases(world)[:2]


def test_a_rollback_to_an_addition_that_came_after_a_switch_restores_nothing(world: World) -> None:
    """The deployment of the switch is complete, and so is that of the addition."""
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    switch = world.properties(Revision="2")
    later = world.properties(Revision="3", ImportMode="INCREMENTAL")
    failed = world.properties(Revision="4", ImportMode="INCREMENTAL")
    first = deploy(world, full, added, switch, later, failed)
    before = len(world.jobs())

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert world.run(world.update(first, later, failed))["Status"] == "SUCCESS"

    assert len(world.jobs()) == before


def test_a_switch_is_not_refused_because_a_rollback_has_restored_the_own_data(world: World) -> None:
    """The rollback of a renamed import has run the own jobs again, under names that are in no record."""
    full = world.properties(JobNamePrefix="before")
    added = {**full, "ImportMode": "INCREMENTAL"}
    new = world.properties(JobNamePrefix="after", Revision="2")
    first = world.create("Before", JobNamePrefix="before")
    world.run(world.update(first, added, full, LogicalResourceId="Before"))
    after = world.run(world.event("Create", new, LogicalResourceId="After"))["PhysicalResourceId"]
    world.stack.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    world.run(world.delete(after, new, LogicalResourceId="After"))
    world.stack.status = "UPDATE_IN_PROGRESS"

    switch = {**full, "Revision": "3"}
    answer = world.run(world.update(first, switch, added, LogicalResourceId="Before"))

    assert answer["Status"] == "SUCCESS", answer["Reason"]


@pytest.mark.parametrize("has_failed", [True, False])
def test_the_rollback_of_a_move_warns_once_of_what_the_move_has_replaced(
    caplog: pytest.LogCaptureFixture, has_failed: bool
) -> None:
    """Another import filled the dataset. CloudFormation sends that one nothing, and this one an Update."""
    world = World(Timing(shortest_import=1200.0, longest_import=1200.0))
    elsewhere = world.personalize.make_dataset("other")
    other = world.properties(DatasetArn=elsewhere, JobNamePrefix="other")
    world.run(world.event("Create", other, LogicalResourceId="Other"))
    first, old = world.create(), world.properties()
    moved = world.properties(DatasetArn=elsewhere, Revision="2", Timeout="3000" if has_failed else "600")
    world.objects["items.csv"] = BAD_ROW if has_failed else GOOD
    assert world.run(world.update(first, moved, old))["Status"] == "FAILED"
    world.objects["items.csv"] = GOOD
    world.personalize.start_foreign_job(world.dataset_arn, "foreign")

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert world.run(world.update(first, old, moved))["Status"] == "SUCCESS"

    warnings = caplog.text.count(f"{elsewhere} holds the data of a move that is rolled back.")
    assert warnings == (0 if has_failed else 1)


def test_a_new_addition_of_a_cancelled_deployment_restores_nothing(world: World) -> None:
    """The stack is rolled back at the first look, but these properties are new: nothing goes back to them."""
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    switch = world.properties(Revision="2")
    addition = world.properties(Revision="3", ImportMode="INCREMENTAL")
    first = deploy(world, full, added, switch)
    before = len(world.jobs())

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    world.run(world.update(first, addition, switch))

    assert [name for name, _ in world.jobs()[before:]] == [
        f"interactions-{ImportRequest.from_properties(addition).fingerprint}-1"
    ]
