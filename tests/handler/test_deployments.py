# SPDX-License-Identifier: Apache-2.0
"""Sequences of ordinary deployments: a move to another dataset, a rollback that is continued."""

from local_aws.personalize import Timing
from tests.fakes.faults import DENIED
from tests.handler.test_staging import copies, staged
from tests.handler.world import World

MINUTE, HOUR = 60.0, 3600.0


def moved(world: World, dataset_arn: str) -> tuple[str, dict[str, object]]:
    """Import into the dataset of the world, then move the import to another one; return its new id."""
    physical_id = world.create()
    new = world.properties(DatasetArn=dataset_arn)
    return world.run(world.update(physical_id, new, world.properties()))["PhysicalResourceId"], new


def test_the_jobs_of_the_dataset_of_before_do_not_count_after_a_move(world: World) -> None:
    """The other dataset holds the wanted data already, by another resource."""
    other = world.personalize.make_dataset("other")
    world.run(world.event("Create", world.properties(DatasetArn=other), LogicalResourceId="Other"))

    moved(world, other)

    assert len(world.jobs()) == 2


def test_a_full_import_after_a_move_remembers_what_the_other_dataset_held(world: World) -> None:
    """It is not what the resource has imported into the dataset of before, though that is newer."""
    other = world.personalize.make_dataset("other")
    world.personalize.start_foreign_job(other, "foreign")
    world.pass_time(HOUR)

    moved(world, other)

    assert [job["name"] for job in world.record()["replaced"]] == ["foreign"]


def test_a_delete_waits_for_its_job_longer_than_the_imports_timeout() -> None:
    """Personalize refuses to delete the dataset while the job runs."""
    world = World(Timing(shortest_import=20 * MINUTE, longest_import=20 * MINUTE))
    properties = world.properties(Timeout="300")
    failed = world.run(world.event("Create", properties))

    answer = world.run(world.delete(failed["PhysicalResourceId"], properties))

    assert (failed["Status"], answer["Status"]) == ("FAILED", "SUCCESS")
    assert [status for _, status in world.jobs()] == ["ACTIVE"]


def test_a_delete_waits_for_its_job_through_a_refusal_that_passes(world: World) -> None:
    """A policy may not have propagated yet."""
    properties = world.properties(Wait="false")
    physical_id = world.run(world.event("Create", properties))["PhysicalResourceId"]
    world.faults.next("ListDatasetImportJobs", DENIED)

    answer = world.run(world.delete(physical_id, properties))

    assert answer["Status"] == "SUCCESS"
    assert [status for _, status in world.jobs()] == ["ACTIVE"]


def test_a_rollback_that_is_continued_needs_no_dataset_either(world: World) -> None:
    """The first try of the rollback has failed for another reason."""
    old, new = world.properties(), world.properties(Tags=[{"Key": "team", "Value": "shop"}])
    physical_id = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.personalize.delete_dataset(world.dataset_arn)
    update = world.run(world.update(physical_id, new, old))
    world.faults.always("DescribeDataset", DENIED)
    rollback = world.run(world.update(physical_id, old, new))
    world.faults.always("DescribeDataset", None)

    continued = world.run(world.update(physical_id, old, new))

    assert (update["Status"], rollback["Status"], continued["Status"]) == ("FAILED", "FAILED", "SUCCESS")


def test_an_update_that_fails_leaves_the_copies_that_the_job_of_before_reads() -> None:
    """That job may still run, where the user chose not to wait for it."""
    world = World(Timing(pending=HOUR))
    old, new = staged(world, Wait="false"), staged(world, asset="0b2c3d", Wait="false")
    physical_id = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.faults.next("DescribeDataset", *[DENIED] * 99)

    answer = world.run(world.update(physical_id, new, old))

    assert answer["Status"] == "FAILED"
    assert copies(world) == [("staging", "data/Interactions/0a1b2c/items.csv")]


def test_the_copies_of_an_import_that_nobody_waits_for_go_when_its_job_has_ended() -> None:
    """Even if that takes longer than the timeout."""
    world = World(Timing(shortest_import=2 * HOUR, longest_import=2 * HOUR))

    answer = world.run(world.event("Create", staged(world, Wait="false")))
    world.pass_time(3 * HOUR)

    assert answer["Status"] == "SUCCESS"
    assert (copies(world), world.schedules()) == ([], [])


def test_a_switch_of_staged_files_from_incremental_to_full_is_refused(world: World) -> None:
    """A rollback could not import the increments again, because their copies are gone."""
    full, added = staged(world), staged(world, asset="0b2c3d", ImportMode="INCREMENTAL")
    physical_id = world.run(world.event("Create", full))["PhysicalResourceId"]
    world.run(world.update(physical_id, added, full))
    switched = staged(world, asset="0c3d4e")

    answer = world.run(world.update(physical_id, switched, added))
    rollback = world.run(world.update(physical_id, added, switched))

    assert (answer["Status"], rollback["Status"], len(world.jobs())) == ("FAILED", "SUCCESS", 2)
    assert "ImportMode cannot change" in answer["Reason"]


def test_a_switch_from_incremental_to_full_is_refused_where_the_full_data_lies_elsewhere(
    world: World,
) -> None:
    """After a rollback the role of the import can read the location of the increment only."""
    full = world.properties()
    added = world.properties(ImportMode="INCREMENTAL", DataSource={"DataLocation": "s3://data/added.csv"})
    world.personalize.bucket["added.csv"] = world.personalize.bucket["items.csv"]
    physical_id = world.run(world.event("Create", full))["PhysicalResourceId"]
    world.run(world.update(physical_id, added, full))
    switched = world.properties(Revision="2")

    answer = world.run(world.update(physical_id, switched, added))
    rollback = world.run(world.update(physical_id, added, switched))

    assert (answer["Status"], rollback["Status"], len(world.jobs())) == ("FAILED", "SUCCESS", 2)
    assert "ImportMode cannot change" in answer["Reason"]
