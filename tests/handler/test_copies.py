# SPDX-License-Identifier: Apache-2.0
"""When the copies of staged files are removed: never while a job may read them, and none stays for good."""

import json
from typing import Any

import pytest

from local_aws.personalize import Timing
from tests.fakes.faults import DENIED, Fault, Kind
from tests.handler.test_staging import PREFIX, copies, staged
from tests.handler.world import BAD_ROW, World

COPY = ("staging", f"{PREFIX}items.csv")
OTHER_COPY = ("staging", "data/Interactions/ffff00/items.csv")


def world_of_minutes(minutes: float) -> World:
    """Make a world in which an import takes so many minutes."""
    return World(Timing(pending=10, shortest_import=minutes * 60, longest_import=minutes * 60))


def test_the_failed_job_of_an_update_leaves_no_copy_of_the_job_of_before(world: World) -> None:
    """That one has ended, because a dataset runs one job at a time."""
    old = staged(world, Wait="false")
    new = staged(world, content=BAD_ROW, asset="ffff00", Wait="false")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]

    world.run(world.update(first, new, old))
    world.pass_time(3600)

    assert copies(world) == []


@pytest.mark.parametrize("is_moved", [True, False])
def test_an_update_that_fails_before_its_job_leaves_the_copy_of_the_running_one(is_moved: bool) -> None:
    """Both have the same files at the same place."""
    world = world_of_minutes(60)
    old = staged(world, Wait="false")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    if not is_moved:
        world.faults.always("DescribeDataset", DENIED)
    elsewhere = {"DatasetArn": world.dataset_arn.replace("/shop/", "/nowhere/")}
    new = {**old, **(elsewhere if is_moved else {"Revision": "2"})}

    answer = world.run(world.update(first, new, old))

    assert (answer["Status"], world.jobs()[0][1]) == ("FAILED", "CREATE IN_PROGRESS")
    assert copies(world) == [COPY]


def test_the_copy_of_a_job_that_was_not_waited_for_does_not_outlive_a_change_to_other_data() -> None:
    """They go when none of the import's jobs runs any more."""
    world = world_of_minutes(10)
    old = staged(world, Wait="false")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]

    world.run(world.update(first, world.properties(Wait="false"), old))
    world.pass_time(900)

    assert (copies(world), world.schedules()) == ([], [])


@pytest.mark.parametrize("phase", range(0, 60, 5))
def test_a_superseded_request_removes_no_copy_that_the_newer_one_has_found(phase: float) -> None:
    """Its invocation still polls when the job ends. Only the current request may write, and so remove."""
    world = world_of_minutes(10)
    world.pass_time(phase)
    old = staged(world, Wait="false")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    [job] = world.personalize.jobs.values()
    world.clock.run(job.ends_at - 33)
    functions, token = world.account.functions, world.stack.service_token
    functions.deliver(token, json.dumps({"RecordKey": f"{world.stack.id}/Interactions"}))
    world.clock.run(job.ends_at - 29.2)
    functions.deliver(token, json.dumps(world.update(first, staged(world, Revision="2"), old)))

    world.clock.run(job.ends_at + 60)

    assert (len(world.jobs()), copies(world)) == (2, [COPY])


@pytest.mark.parametrize("is_denied", [False, True])
def test_a_delete_that_does_not_see_the_end_of_its_job_leaves_the_copy(is_denied: bool) -> None:
    """The bucket of the stack expires it after a week."""
    world = world_of_minutes(90)
    properties = staged(world, Wait="false")
    first = world.run(world.event("Create", properties))["PhysicalResourceId"]
    if is_denied:
        world.faults.always("ListDatasetImportJobs", DENIED)

    answer = world.run(world.delete(first, properties))

    assert (answer["Status"], world.jobs()[0][1]) == ("SUCCESS", "CREATE IN_PROGRESS")
    assert copies(world) == [COPY]


def test_a_delete_after_two_superseded_requests_waits_for_the_copy_of_the_first() -> None:
    """The second one has taken over while the first still copied."""
    world = world_of_minutes(1)
    old = staged(world)
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    new = staged(world, Revision="2")
    world.account.s3.seconds = 70.0
    for event in (world.update(first, new, old), world.update(first, old, new)):
        world.account.functions.deliver(world.stack.service_token, json.dumps(event))
        world.pass_time(5)

    world.run(world.delete(first, old))
    world.pass_time(600)

    assert copies(world) == []


@pytest.mark.parametrize("how", ["not waited for", "late", "cancelled", "same files"])
def test_the_rollback_of_an_addition_leaves_the_copy_that_its_running_job_reads(how: str) -> None:
    """The rollback adopts the earlier addition at once, and the copy goes when the later job has ended."""
    world = world_of_minutes(30)
    world.create("Full", JobNamePrefix="full")
    is_waited_for = how in ("late", "cancelled")
    given: dict[str, Any] = {"ImportMode": "INCREMENTAL", "Wait": str(is_waited_for).lower()}
    old = staged(world, **given)
    if how == "same files":
        new = {**old, "Revision": "2"}
    else:
        new = staged(world, asset="ffff00", **given, Timeout="600")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.pass_time(3600)
    update = world.update(first, new, old)
    if how == "cancelled":
        world.invoke(update)
    else:
        assert world.run(update)["Status"] == ("FAILED" if how == "late" else "SUCCESS")
        world.pass_time(60)

    world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    answer = world.run(world.update(first, old, new))

    assert (answer["Status"], world.jobs()[-1][1]) == ("SUCCESS", "CREATE IN_PROGRESS")
    assert copies(world) == [COPY if how == "same files" else OTHER_COPY]
    world.pass_time(3600)
    assert (copies(world), world.schedules()) == ([], [])


def test_an_update_waits_for_the_removal_of_the_same_copies_that_is_under_way() -> None:
    """A slow call of Amazon S3 would remove what the update has copied meanwhile."""
    world = world_of_minutes(10)
    old = staged(world, Wait="false")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    [job] = world.personalize.jobs.values()
    world.faults.next("DeleteObjects", Fault(Kind.DELAYED, seconds=40))
    world.clock.run(job.ends_at + 3)

    answer = world.run(world.update(first, {**old, "Revision": "2"}, old), for_seconds=600)
    world.pass_time(120)

    assert (answer["Status"], len(world.jobs()), world.jobs()[-1][1]) == ("SUCCESS", 2, "CREATE IN_PROGRESS")
    assert copies(world) == [COPY]


def test_copies_are_removed_by_one_invocation_of_several() -> None:
    """The other one waits, so that nothing is removed after the answer, when the next request copies."""
    world = world_of_minutes(1)
    old = staged(world)
    world.faults.next("DeleteObjects", Fault(Kind.DELAYED, seconds=40))
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    new = staged(world, Revision="2")

    world.account.functions.deliver(world.stack.service_token, json.dumps(world.update(first, new, old)))
    while len(world.jobs()) < 2:
        world.pass_time(1)
    *_, job = world.personalize.jobs.values()
    world.clock.run(job.ends_at - 1)

    assert copies(world) == [COPY]


def test_a_create_after_a_late_one_that_is_refused_leaves_the_copy_that_the_job_reads() -> None:
    """A deployment that goes on after a failure deletes what it has created, and creates it again."""
    world = world_of_minutes(300)
    properties = staged(world)
    first = world.run(world.event("Create", properties))["PhysicalResourceId"]
    world.run(world.delete(first, properties))
    assert (world.jobs()[0][1], copies(world)) == ("CREATE IN_PROGRESS", [COPY])
    world.faults.always("DescribeDataset", DENIED)

    again = world.run(world.event("Create", properties))
    assert (again["Status"], copies(world)) == ("FAILED", [COPY])
    deleted = world.run(world.delete(again["PhysicalResourceId"], properties))

    assert (deleted["Status"], world.jobs()[0][1]) == ("SUCCESS", "CREATE IN_PROGRESS")
    assert copies(world) == [COPY]


def test_a_slow_removal_removes_no_copy_of_the_next_request() -> None:
    """Another invocation has removed the copies meanwhile and answered, and the next request copies again."""
    world = world_of_minutes(1)
    old = staged(world)
    world.faults.next("DeleteObjects", Fault(Kind.DELAYED, seconds=40))
    first = world.run(world.event("Create", old))["PhysicalResourceId"]

    world.account.functions.deliver(
        world.stack.service_token, json.dumps(world.update(first, staged(world, Revision="2"), old))
    )
    while len(world.jobs()) < 2:
        world.pass_time(1)
    *_, job = world.personalize.jobs.values()
    world.clock.run(job.ends_at - 1)

    assert copies(world) == [COPY]


def test_a_rollback_to_data_that_has_only_been_added_to_leaves_the_copy_of_the_running_job() -> None:
    """The job before the update is adopted, because its data is still in the dataset."""
    world = world_of_minutes(10)
    world.personalize.start_foreign_job(world.dataset_arn, "full")
    world.pass_time(3600)
    old = staged(world, ImportMode="INCREMENTAL")
    new = staged(world, asset="ffff00", ImportMode="INCREMENTAL", Wait="false")
    first = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.run(world.update(first, new, old))
    *_, job = world.personalize.jobs.values()

    world.account.functions.deliver(world.stack.service_token, json.dumps(world.update(first, old, new)))
    world.clock.run(job.ends_at - 1)

    assert copies(world) == [("staging", "data/Interactions/ffff00/items.csv")]
    world.pass_time(600)
    assert copies(world) == []


def test_a_job_that_is_adopted_while_another_invocation_copies_leaves_no_copy() -> None:
    """Another import of the same files was faster, and the tick finds its job before the copy is done."""
    world = world_of_minutes(0.5)
    slow, quick = staged(world), staged(world, JobNamePrefix="quick")
    quick["Staging"] = {**quick["Staging"], "Prefix": "data/Quick/0a1b2c/"}
    quick["DataSource"] = {"DataLocation": "s3://staging/data/Quick/0a1b2c/items.csv"}
    first = world.event("Create", slow)
    world.faults.next("CopyObject", Fault(Kind.DELAYED, seconds=85))
    world.account.functions.deliver(world.stack.service_token, json.dumps(first))
    world.pass_time(2)

    world.run(world.event("Create", quick, LogicalResourceId="Quick"))
    world.wait_for_answer(first)
    world.pass_time(600)

    assert copies(world) == []
