# SPDX-License-Identifier: Apache-2.0
"""An Update and its rollback, seen from CloudFormation: what is imported, and what the dataset keeps."""

import pytest

from local_aws.personalize import Timing
from tests.fakes.kernel import Died
from tests.fakes.personalize import JOB_ARN
from tests.handler.world import NO_ITEMS, TOO_SHORT, World

OTHER_ROLE = "arn:aws:iam::123456789012:role/other"


def test_new_data_makes_a_new_job_and_leaves_the_old_one(world: World) -> None:
    """An Update with another revision imports again. Its id stays: another one would be a replacement."""
    old = world.properties()
    first = world.create()

    answer = world.run(world.update(first, world.properties(Revision="2"), old))

    [_, (name, _)] = world.jobs()
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert answer["Data"]["DatasetImportJobArn"] == JOB_ARN + name
    assert [status for _, status in world.jobs()] == ["ACTIVE", "ACTIVE"]


def test_another_dataset_is_a_replacement(world: World) -> None:
    """The id is that of the first job there. A rollback takes up the old one, whose data is untouched."""
    elsewhere = world.properties(DatasetArn=world.dataset_arn.replace("/shop/", "/before/"))

    answer = world.run(world.update(JOB_ARN + "before-0a1b2c3d4e5f-1", world.properties(), elsewhere))

    [(name, _)] = world.jobs()
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", JOB_ARN + name)


@pytest.mark.parametrize(
    "change",
    [
        {"RoleArn": OTHER_ROLE},
        {"Tags": [{"Key": "team", "Value": "shop"}]},
        {"Timeout": "600"},
        {"JobNamePrefix": "renamed"},
        {"Wait": "false"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_does_not_decide_the_data_imports_nothing(world: World, change: dict[str, str]) -> None:
    """An Update of role, tags, timeout, name or wait alone keeps the job and the id, at once."""
    first = world.create()
    before = world.clock.now

    answer = world.run(world.update(first, world.properties(**change), world.properties()))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert len(world.jobs()) == 1
    assert world.clock.now - before < 5


def test_what_does_not_decide_the_data_imports_nothing_even_after_others_imported(world: World) -> None:
    """A FULL import is not repeated over later incremental data because somebody changed a tag."""
    first = world.create()
    world.create("Increments", ImportMode="INCREMENTAL", JobNamePrefix="increments")
    tagged = world.properties(Tags=[{"Key": "team", "Value": "shop"}])

    answer = world.run(world.update(first, tagged, world.properties()))

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert len(world.jobs()) == 2


def test_a_resource_that_has_imported_something_else_since_imports_again(world: World) -> None:
    """When the rollback of an Update was skipped, CloudFormation no longer knows what the dataset holds."""
    old, new = world.properties(), world.properties(Revision="2")
    first = world.create()
    world.run(world.update(first, new, old))

    answer = world.run(world.update(first, world.properties(RoleArn=OTHER_ROLE), old))

    names = [name for name, _ in world.jobs()]
    assert answer["Data"]["DatasetImportJobArn"] == JOB_ARN + names[2]
    assert names[2] == names[0].removesuffix("1") + "2"


def test_an_update_does_not_keep_the_job_that_filled_an_earlier_dataset(world: World) -> None:
    """The dataset has been made anew since, and is empty."""
    first = world.create()
    world.make_dataset_again()

    answer = world.run(world.update(first, world.properties(RoleArn=OTHER_ROLE), world.properties()))

    assert answer["Data"]["DatasetImportJobArn"] == first.removesuffix("1") + "2"
    assert world.records() == 2


def test_an_update_from_ones_own_increments_to_full_data_imports_it(world: World) -> None:
    """They are what is to be replaced, though the full data has been there before."""
    full, increments = world.properties(), world.properties(ImportMode="INCREMENTAL")
    first = world.create()
    world.run(world.update(first, increments, full))

    answer = world.run(world.update(first, full, increments))

    assert answer["Status"] == "SUCCESS"
    assert [name[-2:] for name, _ in world.jobs()] == ["-1", "-1", "-2"]


def test_an_update_after_one_that_failed_and_was_not_rolled_back_imports(world: World) -> None:
    """The old properties are then those of the failed one, and the id that of the job before it."""
    first = world.create()
    failed = world.properties(Revision="2", DataSource={"DataLocation": "s3://shop/corrected.csv"})
    assert world.run(world.update(first, failed, world.properties()))["Status"] == "FAILED"
    world.objects["corrected.csv"] = world.objects["items.csv"]

    answer = world.run(world.update(first, {**failed, "RoleArn": OTHER_ROLE}, failed))

    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["DatasetImportJobArn"] != first
    assert [status for _, status in world.jobs()][-1] == "ACTIVE"


def test_a_rollback_brings_the_old_data_back(world: World) -> None:
    """When an Update had succeeded, the Update back imports the old data again: the dataset lost it."""
    old, new = world.properties(), world.properties(Revision="2")
    first = world.create()
    world.run(world.update(first, new, old))

    answer = world.run(world.update(first, old, new))

    names = [name for name, _ in world.jobs()]
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert answer["Data"]["DatasetImportJobArn"] == JOB_ARN + names[2]
    assert names[2] == names[0].removesuffix("1") + "2"


def test_a_rollback_of_what_was_added_imports_nothing(world: World) -> None:
    """The old increment is still in the dataset, and would be there twice. Nothing takes the new one out."""
    world.create(JobNamePrefix="full")
    old = world.properties(ImportMode="INCREMENTAL")
    new = world.properties(ImportMode="INCREMENTAL", Revision="2")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.run(world.update(first, new, old))

    answer = world.run(world.update(first, old, new))

    assert (answer["Status"], answer["Data"]["DatasetImportJobArn"]) == ("SUCCESS", first)
    assert len(world.jobs()) == 3


def test_the_rollback_of_a_failed_update_imports_nothing(world: World) -> None:
    """When the new data never got in, the old job is recognised."""
    old, new = world.properties(), world.properties(Revision="2")
    first = world.create()
    world.objects["items.csv"] = TOO_SHORT
    failed = world.run(world.update(first, new, old))

    answer = world.run(world.update(first, old, new))

    assert (failed["Status"], failed["PhysicalResourceId"]) == ("FAILED", first)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", first)
    assert [status for _, status in world.jobs()] == ["ACTIVE", "CREATE FAILED"]


@pytest.mark.parametrize("data", [TOO_SHORT, NO_ITEMS], ids=["its job failed", "no job was started"])
def test_the_rollback_of_a_failed_update_keeps_what_others_have_added(world: World, data: bytes) -> None:
    """A FULL import of the old data would remove it, and the Update has brought nothing."""
    old, new = world.properties(), world.properties(DataSource={"DataLocation": "s3://shop/new.csv"})
    first = world.create()
    world.create("Increments", ImportMode="INCREMENTAL", JobNamePrefix="increments")
    world.objects["new.csv"] = data
    failed = world.run(world.update(first, new, old))
    before = len(world.jobs())

    answer = world.run(world.update(first, old, new))

    assert (failed["Status"], answer["Status"]) == ("FAILED", "SUCCESS")
    assert answer["Data"]["DatasetImportJobArn"] == first
    assert len(world.jobs()) == before


def test_an_update_waits_for_an_earlier_one_before_its_own_time_begins(world: World) -> None:
    """The job of one that was cancelled goes on; the rollback may take as long as any import after it."""
    old, new = world.properties(Timeout="1260"), world.properties(Timeout="1260", Revision="2")
    first = world.create()
    world.invoke(world.update(first, new, old))
    before = world.clock.now

    answer = world.run(world.update(first, old, new))

    assert (answer["Status"], answer["Data"]["Status"]) == ("SUCCESS", "ACTIVE")
    assert world.clock.now - before > 1260
    assert len(world.jobs()) == 3


def test_the_timeout_of_an_update_that_waited_for_an_earlier_one_counts_from_its_turn() -> None:
    """It is the update's own timeout, and no longer time."""
    world = World(Timing(shortest_import=1200.0, longest_import=1200.0))
    first = world.create()
    old, new = world.properties(Revision="2"), world.properties(Revision="3", Timeout="300")
    world.invoke(world.update(first, old, world.properties()))
    its_turn = world.clock.now + 1200

    answer = world.run(world.update(first, new, old))

    assert (answer["Status"], [status for _, status in world.jobs()][1]) == ("FAILED", "ACTIVE")
    assert its_turn + 240 <= world.clock.now < its_turn + 420


def test_a_job_that_was_never_started_is_not_taken_for_an_own_one_later(world: World) -> None:
    """An Update was cancelled before its job, and another import of the prefix uses the name."""
    full, added = world.properties(), world.properties(ImportMode="INCREMENTAL")
    first = world.create()
    world.faults.before("CreateDatasetImportJob", Died())
    world.invoke(world.update(first, added, full))
    world.run(world.update(first, full, added))
    world.run(world.event("Create", added, LogicalResourceId="Added"))
    jobs = world.jobs()

    answer = world.run(world.update(first, {**full, "Tags": [{"Key": "team", "Value": "shop"}]}, full))

    assert answer["Status"] == "SUCCESS"
    assert world.jobs() == jobs


@pytest.mark.parametrize("how", ["cancelled", "late"])
def test_a_rollback_from_a_new_dataset_waits_for_its_job_there(how: str) -> None:
    """As a Delete would: CloudFormation deletes the new dataset next, which Personalize refuses meanwhile."""
    world = World(Timing(shortest_import=1500.0, longest_import=1500.0))
    old = world.properties()
    first = world.create()
    other = world.personalize.make_dataset("other")
    new = world.properties(DatasetArn=other, Timeout="600")
    if how == "late":
        world.run(world.update(first, new, old))
    else:
        world.invoke(world.update(first, new, old))

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    answer = world.run(world.update(first, old, new))

    assert answer["Status"] == "SUCCESS"
    assert not world.personalize.is_importing(other)
    world.personalize.do("DeleteDataset", {"datasetArn": other})
