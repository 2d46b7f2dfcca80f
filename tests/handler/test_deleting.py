# SPDX-License-Identifier: Apache-2.0
"""A Delete, seen from CloudFormation: what it leaves, and how it is answered."""

import pytest

from dataset_import.errors import PROPAGATION
from tests.fakes.faults import DENIED, error, refused
from tests.fakes.personalize import JOB_ARN
from tests.handler.world import World


@pytest.mark.parametrize(
    "physical_id", [JOB_ARN + "never-was-0a1b2c3d4e5f-1", "None", "Interactions-request-0", "x"]
)
def test_the_delete_of_what_never_was_succeeds(world: World, physical_id: str) -> None:
    """Whatever the id, there is nothing to delete."""
    answer = world.run(world.delete(physical_id))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", physical_id)
    assert world.schedules() == []


def test_a_delete_without_a_physical_id_is_answered(world: World) -> None:
    """CloudFormation does not document such a Delete; without an answer it would wait for an hour."""
    answer = world.run(world.delete(""))

    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"]


def test_a_delete_needs_no_property(world: World) -> None:
    """Those of a template written by hand may be anything."""
    deleted = world.delete(JOB_ARN + "never-was-0a1b2c3d4e5f-1", world.properties(DatasetArn=None))

    assert world.run(deleted)["Status"] == "SUCCESS"


def test_a_delete_leaves_the_data_and_the_job(world: World) -> None:
    """Personalize has no call that removes either."""
    physical_id = world.create()

    first, second = world.run(world.delete(physical_id)), world.run(world.delete(physical_id))

    assert (first["Status"], second["Status"]) == ("SUCCESS", "SUCCESS")
    assert world.records() == 2
    assert len(world.jobs()) == 1


def test_the_delete_of_a_finished_job_is_done_at_once(world: World) -> None:
    """There is nothing to stop and nothing to wait for."""
    physical_id = world.create()
    before = world.clock.now

    world.run(world.delete(physical_id))

    assert world.clock.now - before < 5


def test_a_delete_whose_dataset_is_gone_is_done_at_once(world: World) -> None:
    """Its jobs went with it, so there is nothing to wait for."""
    physical_id = world.create()
    world.faults.always("ListDatasetImportJobs", refused("ResourceNotFoundException"))
    before = world.clock.now

    answer = world.run(world.delete(physical_id))

    assert answer["Status"] == "SUCCESS"
    assert world.clock.now - before < 5


def test_a_delete_that_cannot_ask_personalize_succeeds(world: World) -> None:
    """A stack is not held up by a permission that is gone already."""
    physical_id = world.create()
    world.faults.always("ListDatasetImportJobs", DENIED)
    before = world.clock.now

    answer = world.run(world.delete(physical_id))

    assert answer["Status"] == "SUCCESS"
    assert PROPAGATION <= world.clock.now - before < PROPAGATION + 75


def test_a_delete_succeeds_where_the_schedule_group_is_gone(world: World) -> None:
    """Nothing can poll without it, so there is nothing to stop; the stack could not be deleted otherwise."""
    gone = error("ResourceNotFoundException", "Schedule group shop does not exist.")
    world.faults.before("CreateSchedule", *[gone] * 100)

    answer = world.run(world.delete("Interactions-request-0"))

    assert answer["Status"] == "SUCCESS"


def test_a_delete_that_cannot_stop_the_polling_fails(world: World) -> None:
    """Said to be deleted, the resource would still import, and replace data."""
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 99)
    world.invoke(world.event("Create"))
    world.faults.before("PutItem", *[error("AccessDeniedException", "no")] * 99)
    world.faults.before("CreateSchedule", *[error("AccessDeniedException", "no")] * 99)

    answer = world.run(world.delete("Shop-Interactions-1ABC"))

    assert answer["Status"] == "FAILED"
    assert "The polling for Shop-Interactions-1ABC could not be stopped" in answer["Reason"]
    assert "might still import" in answer["Reason"]


def test_a_delete_that_does_not_reach_the_scheduler_in_time_fails_with_its_words(world: World) -> None:
    """It names the id, and what was said."""
    for operation in ("GetItem", "CreateSchedule"):
        world.faults.before(operation, *[error("ThrottlingException", "Rate exceeded")] * 99)

    answer = world.run(world.delete("Shop-Interactions-1ABC", world.properties(Timeout="30")))

    assert answer["Status"] == "FAILED"
    assert "The polling for Shop-Interactions-1ABC could not be stopped" in answer["Reason"]
    assert "DynamoDB said: Rate exceeded." in answer["Reason"]


def test_a_rollback_of_two_full_imports_in_turn_restores_what_was_before_both(world: World) -> None:
    """The second depends on the first: its Delete comes first and restores what the next Delete replaces."""
    world.run(world.event("Create"))
    created = [
        world.run(world.event("Create", world.properties(Revision=name), LogicalResourceId=name))
        for name in ("First", "Second")
    ]
    world.stack.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"

    for name, answer in reversed(list(zip(("First", "Second"), created, strict=True))):
        properties = world.properties(Revision=name)
        world.run(world.delete(answer["PhysicalResourceId"], properties, LogicalResourceId=name))

    names = [name for name, _ in world.jobs()]
    assert names[-2:] == [f"{names[1].removesuffix('-1')}-2", f"{names[0].removesuffix('-1')}-2"]
    assert len(names) == 5


def test_the_record_of_an_old_id_has_an_end_from_its_start(world: World) -> None:
    """Even if no later invocation closes it, its event with the response URL does not stay."""
    elsewhere = world.properties(DatasetArn=world.dataset_arn.replace("/shop/", "/before/"))
    old_id = JOB_ARN + "before-0a1b2c3d4e5f-1"
    world.run(world.update(old_id, world.properties(Wait="false"), elsewhere))

    world.invoke(world.delete(old_id, elsewhere), kill_after=0.1)

    [item] = [item for item in world.items() if item["Key"]["S"].endswith(old_id)]
    assert int(item["ExpiresAt"]["N"]) > world.clock.now
