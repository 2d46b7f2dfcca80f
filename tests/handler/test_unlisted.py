# SPDX-License-Identifier: Apache-2.0
"""Jobs that Personalize's list leaves out: those of the request before, and those of an earlier dataset."""

from typing import Any

import pytest

from dataset_import.record import IN_FLIGHT
from tests.handler.world import World


@pytest.fixture
def world() -> World:
    """Make a world whose list of jobs is going to leave some out."""
    return World()


def cancelled(world: World, physical_id: str) -> dict[str, Any]:
    """Begin an Update to a second revision, which starts a job that is not listed."""
    update = world.update(physical_id, world.properties(Revision="2"), world.properties())
    world.invoke(update)
    world.personalize.unlisted.add(world.jobs()[-1][0])
    return update


def test_the_job_of_the_request_before_is_waited_for(world: World) -> None:
    """Personalize runs one import into a dataset at a time."""
    first = world.create()
    cancelled(world, first)

    answer = world.run(world.update(first, world.properties(Revision="3"), world.properties()))

    _, second, third = world.personalize.jobs.values()
    assert answer["Data"]["DatasetImportJobArn"] == third.arn
    assert third.created >= second.ends_at


def test_a_rollback_does_not_keep_what_the_request_before_has_replaced(world: World) -> None:
    """Its job is newer than the one that the rollback returns to, though the list does not show it."""
    first = world.create()
    update = cancelled(world, first)

    answer = world.run(world.update(first, world.properties(), world.properties(Revision="2")))

    assert world.answered(update) == []
    assert answer["Status"] == "SUCCESS"
    [_, _, third] = world.personalize.jobs.values()
    assert answer["Data"]["DatasetImportJobArn"] == third.arn == first.removesuffix("1") + "2"


def test_a_job_that_is_listed_need_not_be_looked_up(world: World) -> None:
    """The list has it all."""
    first = world.create()
    cancelled(world, first)
    world.personalize.unlisted.clear()
    world.forget_calls()
    update = world.update(first, world.properties(Revision="3"), world.properties())

    world.invoke(update, kill_after=IN_FLIGHT + 3)

    # The job of the cancelled request runs, so no name is chosen yet that would have to be looked up.
    assert world.count("ListDatasetImportJobs") >= 1
    assert world.count("DescribeDatasetImportJob") == 0


@pytest.mark.parametrize("datasets", [1, 2, 3])
def test_a_name_that_an_earlier_datasets_job_has_is_taken(world: World, datasets: int) -> None:
    """It is taken for good, though the list does not show it and the table was restored empty."""
    for _ in range(datasets):
        world.run(world.event("Create"))
        world.make_dataset_again()
        world.personalize.unlisted.update(name for name, _ in world.jobs())
        world.account.dynamodb.make_table("shop")

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"].endswith(f"-{datasets + 1}")
    assert len(world.jobs()) == datasets + 1
    assert world.records() == 2


@pytest.mark.parametrize("prefix", ["interactions", "renamed"])
def test_the_resources_own_job_is_kept_although_the_list_is_behind(world: World, prefix: str) -> None:
    """It is looked up by the name that it has to have, also where the Update changes the prefix."""
    first = world.create()
    world.personalize.unlisted.add(world.jobs()[0][0])
    renamed = world.properties(JobNamePrefix=prefix, RoleArn="arn:aws:iam::123456789012:role/other")

    answer = world.run(world.update(first, renamed, world.properties()))

    assert answer["Data"]["DatasetImportJobArn"] == first
    assert len(world.jobs()) == 1
