# SPDX-License-Identifier: Apache-2.0
"""Rollbacks of an Update from INCREMENTAL to FULL, and of a new full import: what was replaced comes back."""

import json

import pytest

from local_aws.personalize import Timing
from tests.fakes.personalize import JOB_ARN
from tests.handler.test_staging import staged
from tests.handler.world import BAD_ROW, GOOD, World, bases


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
