# SPDX-License-Identifier: Apache-2.0
"""An Update of an import whose dataset somebody has deleted, and the rollback of that Update."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dataset_import.errors import PROPAGATION
from tests.fakes.faults import THROTTLED, refused
from tests.fakes.personalize import JOB_ARN
from tests.handler.world import World

OTHER_ROLE = "arn:aws:iam::123456789012:role/other"
AT_ONCE = 5.0


def imported(world: World) -> dict[str, Any]:
    """Import once, and return the answer."""
    answer = world.run(world.event("Create"))
    assert answer["Status"] == "SUCCESS", answer
    return answer


def failed(world: World, physical_id: str, **changes: str) -> dict[str, Any]:
    """Delete the dataset, let an Update with a change of the properties fail, and return its rollback."""
    world.personalize.delete_dataset(world.dataset_arn)
    new, old = world.properties(**changes), world.properties()
    assert world.run(world.update(physical_id, new, old))["Status"] == "FAILED"
    return world.update(physical_id, old, new)


def refusal(world: World, job: str = "none") -> str:
    """Return Personalize's reason, with what was to be imported, where, and by which job."""
    return (
        f"The import of s3://shop/items.csv into {world.dataset_arn} was refused. Job: {job}. "
        f"Personalize said: Resource Arn {world.dataset_arn} does not exist. Check "
    )


def test_an_update_of_the_same_data_fails_at_once_with_personalizes_reason(world: World) -> None:
    """Data that was in the dataset is gone with it, and no wait brings it back."""
    first = imported(world)["PhysicalResourceId"]
    world.personalize.delete_dataset(world.dataset_arn)
    before = world.clock.now

    update = world.update(first, world.properties(RoleArn=OTHER_ROLE), world.properties())
    answer = world.run(update)

    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(refusal(world))
    assert answer["PhysicalResourceId"] == first
    assert world.clock.now - before < AT_ONCE


def test_an_update_whose_dataset_goes_before_its_job_has_started_names_the_job(world: World) -> None:
    """The name was chosen while a new dataset was there, so the job can be looked for."""
    first = imported(world)["PhysicalResourceId"]
    world.make_dataset_again()
    world.faults.next("CreateDatasetImportJob", THROTTLED)
    update = world.update(first, world.properties(RoleArn=OTHER_ROLE), world.properties())
    world.invoke(update, kill_after=1)
    world.personalize.delete_dataset(world.dataset_arn)

    answer = world.run(update)

    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(refusal(world, f"{first.removesuffix('1')}2 (not started)"))
    assert len(world.jobs()) == 1


def test_an_update_to_other_data_fails_with_personalizes_reason(world: World) -> None:
    """It is believed after some minutes, because the dataset may be a new one."""
    first = imported(world)["PhysicalResourceId"]
    world.personalize.delete_dataset(world.dataset_arn)
    before = world.clock.now

    answer = world.run(world.update(first, world.properties(Revision="2"), world.properties()))

    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(refusal(world))
    assert PROPAGATION <= world.clock.now - before < PROPAGATION + 75


def test_an_update_to_other_data_waits_for_a_dataset_that_comes(world: World) -> None:
    """Personalize may not know it yet."""
    first = imported(world)["PhysicalResourceId"]
    world.faults.next("DescribeDataset", *[refused("ResourceNotFoundException")] * 5)

    answer = world.run(world.update(first, world.properties(Revision="2"), world.properties()))

    assert (answer["Status"], len(world.jobs())) == ("SUCCESS", 2)


def test_the_rollback_of_an_update_to_other_data_fails_with_personalizes_reason(world: World) -> None:
    """The resource would have to hold its old data again, which the dataset has lost."""
    first = imported(world)["PhysicalResourceId"]

    answer = world.run(failed(world, first, Revision="2"))

    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(refusal(world))


def test_the_rollback_of_an_update_of_the_same_data_names_the_resources_job(world: World) -> None:
    """The rollback changes nothing, and the stack would be stuck if it failed."""
    before = imported(world)
    rollback = failed(world, before["PhysicalResourceId"], RoleArn=OTHER_ROLE)

    answer = world.run(rollback)

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", before["PhysicalResourceId"])
    assert answer["Data"] == before["Data"]


def test_the_rollback_names_the_job_that_personalize_no_longer_knows(world: World) -> None:
    """The job has gone with its dataset; when it was made is unknown."""
    before = imported(world)
    rollback = failed(world, before["PhysicalResourceId"], RoleArn=OTHER_ROLE)
    world.faults.always("DescribeDatasetImportJob", refused("ResourceNotFoundException"))
    now = datetime.fromtimestamp(world.clock.now, UTC).isoformat()

    answer = world.run(rollback)

    times = {"CreationDateTime": now, "LastUpdatedDateTime": now}
    assert (answer["Status"], answer["Data"]) == ("SUCCESS", {**before["Data"], **times})


@pytest.mark.parametrize(
    ("revisions", "named"),
    [((), 0), (("2",), 0), (("2", ""), 2), (("2", "", "3"), 2)],
    ids=["the only one", "an earlier one", "the latest one", "the latest one of this data"],
)
def test_the_rollback_names_the_latest_of_the_resources_jobs_with_its_data(
    world: World, revisions: tuple[str, ...], named: int
) -> None:
    """CloudFormation may have forgotten an Update that it did not undo, but the record has its job."""
    first = imported(world)["PhysicalResourceId"]
    old = world.properties()
    for revision in revisions:
        new = world.properties(Revision=revision or None)
        assert world.run(world.update(first, new, old))["Status"] == "SUCCESS"
        old = new
    jobs = [name for name, _ in world.jobs()]
    rollback = failed(world, first, RoleArn=OTHER_ROLE)

    answer = world.run(rollback)

    assert len(jobs) == len(revisions) + 1
    assert answer["Data"]["DatasetImportJobArn"] == JOB_ARN + jobs[named]


@pytest.mark.parametrize("name", ["interactions-0a1b2c3d4e5f-1", ""])
def test_the_rollback_of_a_resource_without_a_record_names_the_job_of_its_id(world: World, name: str) -> None:
    """The id is that of the first job, of whichever data that was."""
    physical_id = JOB_ARN + name if name else imported(world)["PhysicalResourceId"]
    world.account.dynamodb.make_table("shop")
    rollback = failed(world, physical_id, RoleArn=OTHER_ROLE)

    answer = world.run(rollback)

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", physical_id)
    assert answer["Data"]["DatasetImportJobArn"] == physical_id
    assert answer["Data"]["Status"] == "ACTIVE"
