# SPDX-License-Identifier: Apache-2.0
"""Rollbacks of an Update from INCREMENTAL to FULL, and of a new full import: what was replaced comes back."""

import itertools
import json
from typing import Any

import pytest

from dataset_import.request import ImportRequest
from local_aws.personalize import Timing
from tests.fakes.faults import error
from tests.fakes.personalize import JOB_ARN
from tests.handler.test_staging import staged
from tests.handler.world import BAD_ROW, GOOD, World


def bases(world: World) -> list[str]:
    """Return the names of all jobs without their numbers."""
    return [name.rpartition("-")[0] for name, _ in world.jobs()]


@pytest.mark.parametrize("is_first", [True, False], ids=["it never ends", "it loses data"])
def test_a_switch_back_to_earlier_full_data_is_refused_where_others_have_added(
    world: World, is_first: bool
) -> None:
    """As a switch to new data is: a rollback may not pass the roles of others, and cannot restore theirs."""
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    first = world.create()
    if is_first:
        world.personalize.start_foreign_job(world.dataset_arn, "nightly", "INCREMENTAL")
        world.pass_time(3600)
    world.run(world.update(first, added, full))
    if not is_first:
        world.personalize.start_foreign_job(world.dataset_arn, "nightly", "INCREMENTAL")
        world.pass_time(3600)

    answer = world.run(world.update(first, full, added))
    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    rollbacks = [world.run(world.update(first, added, full))["Status"] for _ in range(2)]

    assert (answer["Status"], rollbacks) == ("FAILED", ["SUCCESS", "SUCCESS"])


def test_a_switch_whose_first_try_has_failed_is_refused_where_others_have_added_since(world: World) -> None:
    """The job that failed has imported nothing: the data is as new as before."""
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    switch = world.properties(DataSource={"DataLocation": "s3://shop/new.csv"})
    first = world.create()
    world.run(world.update(first, added, full))
    world.objects["new.csv"] = BAD_ROW
    assert world.run(world.update(first, switch, added))["Status"] == "FAILED"
    assert world.run(world.update(first, added, switch))["Status"] == "SUCCESS"
    world.personalize.start_foreign_job(world.dataset_arn, "nightly", "INCREMENTAL")
    world.pass_time(3600)
    world.objects["new.csv"] = GOOD

    answer = world.run(world.update(first, switch, added))

    assert answer["Status"] == "FAILED"
    assert "ImportMode cannot change" in answer["Reason"]


def test_a_switch_back_to_earlier_full_data_is_refused_where_a_rollback_has_no_copies(world: World) -> None:
    """The first addition came from files whose copies are gone; neither request of the switch is staged."""
    full = world.properties()
    first = world.create()
    from_asset = staged(world, ImportMode="INCREMENTAL")
    world.run(world.update(first, from_asset, full))
    world.objects["more.csv"] = GOOD
    added = world.properties(ImportMode="INCREMENTAL", DataSource={"DataLocation": "s3://shop/more.csv"})
    world.run(world.update(first, added, from_asset))

    answer = world.run(world.update(first, full, added))
    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    rollbacks = [world.run(world.update(first, added, full))["Status"] for _ in range(2)]

    assert (answer["Status"], rollbacks) == ("FAILED", ["SUCCESS", "SUCCESS"])


@pytest.mark.parametrize("how", ["no rollback", "skipped rollback"])
def test_a_rollback_restores_what_a_late_switch_has_replaced_that_was_deployed_again(how: str) -> None:
    """With a longer timeout, as the reason of the failure advises. The job is adopted."""
    world = World(Timing(shortest_import=1200.0, longest_import=1200.0))
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    first = world.create()
    world.run(world.update(first, added, full))
    switch = world.properties(Revision="2", Timeout="600")
    assert "did not end within" in world.run(world.update(first, switch, added))["Reason"]
    world.pass_time(1800)
    if how == "skipped rollback":
        world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        world.objects["items.csv"] = b""
        world.run(world.update(first, added, switch))
        world.objects["items.csv"] = GOOD
        world.stack.status = "UPDATE_IN_PROGRESS"

    again = {**switch, "Timeout": "3600"}
    # CloudFormation takes the properties of a failed Update that was not rolled back for the old ones.
    world.run(world.update(first, again, added if how == "skipped rollback" else switch))
    before = len(world.jobs())
    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    answer = world.run(world.update(first, added, again))

    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert bases(world)[before:] == bases(world)[:2]


def test_a_rollback_restores_what_a_late_create_has_replaced_that_was_deployed_again() -> None:
    """An import was renamed with new data, its job was late, and the deployment went on after that."""
    world = World(Timing(shortest_import=1200.0, longest_import=1200.0))
    world.create("Before", JobNamePrefix="before")
    late = world.properties(Revision="2", Timeout="600")
    answer = world.run(world.event("Create", late, LogicalResourceId="After"))
    assert "did not end within" in answer["Reason"]
    world.run(world.delete(answer["PhysicalResourceId"], late, LogicalResourceId="After"))
    again = {**late, "Timeout": "3600"}
    created = world.run(world.event("Create", again, LogicalResourceId="After"))
    assert (created["Status"], len(world.jobs())) == ("SUCCESS", 2)

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    world.run(world.delete(created["PhysicalResourceId"], again, LogicalResourceId="After"))

    assert bases(world)[2:] == bases(world)[:1]


def test_a_rollback_restores_nothing_after_an_import_that_was_adopted(world: World) -> None:
    """What an earlier Create of the resource has replaced was replaced by another import again since."""
    old, new = world.properties(Revision="1"), world.properties(Revision="3")
    world.create("Before", Revision="1")
    world.objects["broken.csv"] = BAD_ROW
    late = world.properties(Revision="2", DataSource={"DataLocation": "s3://shop/broken.csv"})
    answer = world.run(world.event("Create", late, LogicalResourceId="After"))
    world.run(world.delete(answer["PhysicalResourceId"], late, LogicalResourceId="After"))
    first = world.jobs()[0][0]
    world.run(world.update(JOB_ARN + first, new, old, LogicalResourceId="Before"))
    created = world.run(world.event("Create", new, LogicalResourceId="After"))["PhysicalResourceId"]
    jobs = world.jobs()

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    world.run(world.delete(created, new, LogicalResourceId="After"))

    assert (answer["Status"], world.jobs()) == ("FAILED", jobs)


@pytest.mark.parametrize("how", ["another role", "renamed"])
def test_the_rollback_of_a_switch_ends_though_the_role_of_the_full_import_is_gone(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """An Update of the role alone imports nothing, nor does a rename; then the old role is deleted."""
    old_role, role = "arn:aws:iam::123456789012:role/old", "arn:aws:iam::123456789012:role/new"
    full, changed = world.properties(RoleArn=old_role), world.properties(RoleArn=role)
    first = world.create("Interactions" if how == "another role" else "Before", RoleArn=old_role)
    if how == "another role":
        world.run(world.update(first, changed, full))
    else:
        first = world.run(world.event("Create", changed))["PhysicalResourceId"]
        world.run(world.delete(first, full, LogicalResourceId="Before"))
    monkeypatch.setattr(world.personalize, "may_pass_role", lambda _, arn: arn != old_role)
    added = world.properties(RoleArn=role, ImportMode="INCREMENTAL")
    world.run(world.update(first, added, changed))
    switch = world.properties(RoleArn=role, Revision="2")
    assert world.run(world.update(first, switch, added))["Status"] == "SUCCESS"
    assert len(world.jobs()) == 3

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    rollbacks = [world.run(world.update(first, added, switch)) for _ in range(2)]

    assert [answer["Status"] for answer in rollbacks] == ["SUCCESS", "SUCCESS"], rollbacks[1]["Reason"]


def test_the_rollback_of_a_switch_restores_what_was_added_after_the_data_of_the_template(
    world: World,
) -> None:
    """A second addition has been undone in the template, but stays in the dataset, as the design says."""
    full, one = world.properties(), world.properties(ImportMode="INCREMENTAL")
    two = world.properties(ImportMode="INCREMENTAL", Revision="2")
    switch = world.properties(Revision="3")
    first = world.create()
    world.run(world.update(first, one, full))
    world.run(world.update(first, two, one))
    world.run(world.update(first, one, two))
    world.run(world.update(first, switch, one))
    assert len(world.jobs()) == 4

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert world.run(world.update(first, one, switch))["Status"] == "SUCCESS"

    assert bases(world)[4:] == bases(world)[:3]


def test_a_rollback_that_another_resource_has_made_fail_restores_all_when_it_is_continued() -> None:
    """The stack is in UPDATE_ROLLBACK_FAILED, while the request that CloudFormation gave up goes on."""
    world = World(Timing(shortest_import=1200.0, longest_import=1200.0))
    full, one = world.properties(), world.properties(ImportMode="INCREMENTAL")
    two = world.properties(ImportMode="INCREMENTAL", Revision="2")
    switch = world.properties(Revision="3")
    first = world.create()
    world.run(world.update(first, one, full))
    world.run(world.update(first, two, one))
    world.run(world.update(first, switch, two))
    assert len(world.jobs()) == 4

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    request = world.update(first, two, switch)
    world.account.functions.deliver(world.stack.service_token, json.dumps(request))
    world.pass_time(60)
    world.stack.status = "UPDATE_ROLLBACK_FAILED"
    world.pass_time(7200)
    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    answer = world.run(world.update(first, two, switch))

    assert answer["Status"] == "SUCCESS", answer["Reason"]
    assert bases(world)[4:] == bases(world)[:3]


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
