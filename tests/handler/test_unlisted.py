# SPDX-License-Identifier: Apache-2.0
"""Jobs that Personalize's list leaves out: those of the request before, and those of an earlier dataset."""

from typing import Any

import pytest

from dataset_import.claim import SETTLING
from tests.handler.world import World

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/"


@pytest.fixture
def world() -> World:
    """Make a world whose list of jobs is going to leave some out."""
    return World()


def cancelled(world: World, physical_id: str) -> dict[str, Any]:
    """Begin an Update to a second revision, which starts a job that is not listed."""
    update = world.update(physical_id, world.properties(Revision="2"), world.properties())
    world.invoke(update)
    world.unlisted.add(world.jobs()[-1][0])
    return update


def test_the_job_of_the_request_before_is_waited_for(world: World) -> None:
    """Personalize runs one import into a dataset at a time."""
    first = world.run(world.event("Create"))["PhysicalResourceId"]
    cancelled(world, first)

    answer = world.run(world.update(first, world.properties(Revision="3"), world.properties()))

    _, second, third = world.personalize.state.jobs.values()
    assert answer["PhysicalResourceId"] == third.arn
    assert third.created >= second.ends_at


def test_a_rollback_does_not_keep_what_the_request_before_has_replaced(world: World) -> None:
    """Its job is newer than the one that the rollback returns to, though the list does not tell."""
    first = world.run(world.event("Create"))["PhysicalResourceId"]
    update = cancelled(world, first)

    answer = world.run(world.update(first, world.properties(), world.properties(Revision="2")))

    assert world.answered(update) == []
    assert answer["Status"] == "SUCCESS"
    assert [job.arn for job in world.personalize.state.jobs.values()][2:] == [answer["PhysicalResourceId"]]
    assert answer["PhysicalResourceId"] == first.removesuffix("1") + "2"


def test_a_job_that_is_listed_need_not_be_looked_up(world: World) -> None:
    """The list has it all."""
    first = world.run(world.event("Create"))["PhysicalResourceId"]
    cancelled(world, first)
    world.unlisted.clear()
    world.calls.clear()
    update = world.update(first, world.properties(Revision="3"), world.properties())

    world.invoke(update, kill_after=SETTLING + 1)

    # One for the name that comes next, in each look.
    looks = world.calls.count("ListDatasetImportJobs")
    assert looks >= 1
    assert world.calls.count("DescribeDatasetImportJob") == looks


@pytest.mark.parametrize("datasets", [1, 2, 3])
def test_a_name_that_an_earlier_datasets_job_has_is_taken(world: World, datasets: int) -> None:
    """It is taken for good, though the list does not show it and the ledger has forgotten it."""
    for _ in range(datasets):
        world.run(world.event("Create"))
        world.delete_dataset()
        world.make_dataset()
        world.unlisted.update(name for name, _ in world.jobs())
        world.schedules.clear()

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"].endswith(f"-{datasets + 1}")
    assert len(world.jobs()) == datasets + 1
    assert world.personalize.records(world.dataset_arn) == 1000


@pytest.mark.parametrize(
    ("physical_id", "looks"), [(ARN + "never-was-0a1b2c3d4e5f-1", 2), ("Interactions-request-0", 1)]
)
def test_an_id_that_is_no_jobs_is_not_looked_up(world: World, physical_id: str, looks: int) -> None:
    """Personalize would refuse the question; the next name is looked up whatever the id."""
    update = world.update(physical_id, world.properties(), world.properties())

    world.invoke(update, kill_after=1)

    before_start = world.calls[: world.calls.index("CreateDatasetImportJob")]
    assert before_start.count("DescribeDatasetImportJob") == looks
