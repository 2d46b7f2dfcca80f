# SPDX-License-Identifier: Apache-2.0
"""Copies of an import that moves to another dataset, where its jobs run side by side."""

from tests.handler.test_copies import COPY, OTHER_COPY, world_of_minutes
from tests.handler.test_staging import copies, staged
from tests.handler.world import BAD_ROW, World


def test_the_delete_after_a_move_to_another_dataset_leaves_the_copy_of_the_running_job(world: World) -> None:
    """The old id and the new one have the same files at the same place."""
    old = staged(world, Wait="false")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(3600)
    new = staged(world, Wait="false", DatasetArn=world.personalize.make_dataset("other"))
    world.run(world.update(first, new, old))

    answer = world.run(world.delete(first, old), for_seconds=10)

    assert (answer["Status"], len(copies(world))) == ("SUCCESS", 1)
    world.pass_time(3600)
    assert [status for _, status in world.jobs()] == ["ACTIVE", "ACTIVE"]
    assert copies(world) == []


def test_a_failed_move_leaves_the_copy_of_before_until_its_job_has_ended() -> None:
    """The job in the other dataset fails first."""
    world = world_of_minutes(30)
    old = staged(world, Wait="false")
    other = world.personalize.make_dataset("other")
    new = staged(world, content=BAD_ROW, asset="ffff00", Wait="false", DatasetArn=other)
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    [job] = world.personalize.jobs.values()
    job.ends_at += 3600

    world.run(world.update(first, new, old))
    world.pass_time(3600)

    assert [status for _, status in world.jobs()] == ["CREATE IN_PROGRESS", "CREATE FAILED"]
    assert COPY in copies(world)
    world.pass_time(3600)
    assert (copies(world), world.schedules()) == ([], [])


def test_the_rollback_of_a_late_move_removes_the_copy_when_its_job_has_ended() -> None:
    """The same files lie at the same place. The rollback waits for the job in the other dataset."""
    world = world_of_minutes(30)
    old = staged(world)
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    new = staged(world, DatasetArn=world.personalize.make_dataset("other"), Timeout="600")
    assert "did not end within" in world.run(world.update(first, new, old))["Reason"]

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    rollback = world.update(first, old, new)
    world.invoke(rollback)
    meanwhile = copies(world)
    world.pass_time(3600)

    assert (world.answer(rollback)["Status"], world.jobs()[-1][1]) == ("SUCCESS", "ACTIVE")
    assert meanwhile == [COPY]
    assert (copies(world), world.schedules()) == ([], [])


def test_the_end_of_the_job_after_a_move_leaves_the_copy_that_the_job_in_the_old_dataset_reads() -> None:
    """That job was started first and takes longer."""
    world = world_of_minutes(30)
    old = staged(world, Wait="false")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    [job] = world.personalize.jobs.values()
    job.ends_at += 3600
    new = staged(world, Wait="false", DatasetArn=world.personalize.make_dataset("other"))
    world.run(world.update(first, new, old))

    world.pass_time(3000)

    assert [status for _, status in world.jobs()] == ["CREATE IN_PROGRESS", "ACTIVE"]
    assert copies(world) == [COPY]
    world.pass_time(3600)
    assert copies(world) == []


def test_the_rollback_of_a_late_move_to_other_files_leaves_no_copy_for_good() -> None:
    """CloudFormation sends no Delete for the id that the move would have had."""
    world = world_of_minutes(30)
    old = staged(world)
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    new = staged(world, asset="ffff00", DatasetArn=world.personalize.make_dataset("other"), Timeout="600")
    world.run(world.update(first, new, old))

    world.invoke(world.update(first, old, new))
    meanwhile = copies(world)
    world.pass_time(3600)

    assert meanwhile == [OTHER_COPY]
    assert (copies(world), world.schedules()) == ([], [])
