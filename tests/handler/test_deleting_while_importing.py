# SPDX-License-Identifier: Apache-2.0
"""A Delete while a job runs or is about to start: it stops the import, and waits for its own jobs."""

import pytest

from dataset_import.record import IN_FLIGHT
from tests.fakes.faults import error
from tests.fakes.kernel import Died
from tests.fakes.personalize import JOB_ARN
from tests.handler.world import World


def forget_records(world: World) -> None:
    """Restore the stack's table empty, so that the resource is older than its record."""
    world.account.dynamodb.make_table("shop")


def test_a_delete_waits_for_the_running_job(world: World) -> None:
    """Personalize refuses to delete a dataset while an import into it runs."""
    physical_id = world.create(Wait="false")

    answer = world.run(world.delete(physical_id))

    [(_, status)] = world.jobs()
    assert (answer["Status"], status) == ("SUCCESS", "ACTIVE")
    assert world.schedules() == []


def test_a_delete_waits_for_its_running_job_although_the_list_is_behind(world: World) -> None:
    """The job is looked up by the name that the record has."""
    physical_id = world.create(Wait="false")
    world.personalize.unlisted.add(world.jobs()[0][0])

    answer = world.run(world.delete(physical_id))

    [(_, status)] = world.jobs()
    assert (answer["Status"], status) == ("SUCCESS", "ACTIVE")


def test_a_delete_waits_for_a_job_of_the_resource_that_brings_other_data(world: World) -> None:
    """An Update whose rollback was skipped: CloudFormation has forgotten it, but its job still runs."""
    old = world.properties()
    physical_id = world.run(world.event("Create", old))["PhysicalResourceId"]
    world.run(world.update(physical_id, world.properties(Revision="2", Wait="false"), old))
    running = world.jobs()[-1]

    answer = world.run(world.delete(physical_id, old))

    assert running[1] == "CREATE PENDING"
    assert (answer["Status"], world.jobs()[-1][1]) == ("SUCCESS", "ACTIVE")


def test_the_delete_of_a_resource_waits_for_its_latest_job(world: World) -> None:
    """Its id is that of the first; Personalize deletes no dataset while an import into it runs."""
    first = world.create()
    update = world.update(first, world.properties(Revision="2", Wait="false"), world.properties())
    world.run(update)

    deleted = world.run(world.delete(first, world.properties(Revision="2", Wait="false")))

    assert deleted["Status"] == "SUCCESS"
    assert [status for _, status in world.jobs()] == ["ACTIVE", "ACTIVE"]


def test_a_delete_without_a_record_waits_for_the_job_that_the_id_names(world: World) -> None:
    """Whatever prefix its name has."""
    physical_id = world.create(Wait="false")
    forget_records(world)

    answer = world.run(world.delete(physical_id, world.properties(JobNamePrefix="renamed")))

    [(_, status)] = world.jobs()
    assert (answer["Status"], status) == ("SUCCESS", "ACTIVE")


@pytest.mark.parametrize(("prefix", "status"), [("interactions", "ACTIVE"), ("other", "CREATE PENDING")])
def test_a_delete_without_a_record_waits_for_the_jobs_of_its_prefix(
    world: World, prefix: str, status: str
) -> None:
    """One of another prefix is not this resource's to wait for."""
    physical_id = world.create()
    running = world.properties(JobNamePrefix=prefix, Revision="2", Wait="false")
    world.run(world.event("Create", running, LogicalResourceId="Other"))
    forget_records(world)

    answer = world.run(world.delete(physical_id))

    assert (answer["Status"], world.jobs()[-1][1]) == ("SUCCESS", status)


def test_a_delete_does_not_wait_for_the_jobs_of_others(world: World) -> None:
    """They are not this resource's to wait for."""
    physical_id = world.create()
    others = world.properties(JobNamePrefix="other", Revision="2", Wait="false")
    world.run(world.event("Create", others, LogicalResourceId="Other"))

    answer = world.run(world.delete(physical_id))

    assert (answer["Status"], world.jobs()[-1][1]) == ("SUCCESS", "CREATE PENDING")


def test_the_delete_of_the_import_into_another_dataset_leaves_the_new_one_alone(world: World) -> None:
    """The clean-up after an Update to another dataset stops no polling but that of what it deletes."""
    elsewhere = world.properties(DatasetArn=world.dataset_arn.replace("/shop/", "/before/"))
    update = world.update(JOB_ARN + "before-0a1b2c3d4e5f-1", world.properties(Wait="false"), elsewhere)
    updated = world.run(update)

    deleted = world.run(world.delete(JOB_ARN + "before-0a1b2c3d4e5f-1", elsewhere))

    [(name, status)] = world.jobs()
    assert (deleted["Status"], status) == ("SUCCESS", "CREATE PENDING")
    assert updated["PhysicalResourceId"] == JOB_ARN + name


def test_a_delete_that_outlasts_its_time_succeeds(world: World) -> None:
    """The job ends by itself; a stack that is stuck would not."""
    properties = world.properties(Timeout="120", Wait="false")
    physical_id = world.run(world.event("Create", properties))["PhysicalResourceId"]

    answer = world.run(world.delete(physical_id, properties))

    assert answer["Status"] == "SUCCESS"


def test_a_delete_keeps_looking_while_personalize_cannot_be_reached(world: World) -> None:
    """A job that cannot be seen may be running."""
    physical_id = world.create(Wait="false")
    for code in ("ThrottlingException", "LimitExceededException"):
        world.faults.before("ListDatasetImportJobs", *[error(code)] * 5)

    answer = world.run(world.delete(physical_id))

    [(_, status)] = world.jobs()
    assert (answer["Status"], status) == ("SUCCESS", "ACTIVE")


def test_a_delete_that_waits_looks_at_schedules_only_when_it_begins_and_leaves(world: World) -> None:
    """What it stopped once stays stopped."""
    physical_id = world.create(Wait="false")
    world.forget_calls()

    world.run(world.delete(physical_id))

    looks = world.count("ListDatasetImportJobs")
    assert world.count("GetItem") < looks / 3


def test_a_delete_of_the_job_that_is_polled_for_stops_the_polling(world: World) -> None:
    """The resource goes while its import runs."""
    create = world.event("Create")
    world.invoke(create)
    [(name, _)] = world.jobs()

    answer = world.run(world.delete(JOB_ARN + name))
    world.pass_time(7200)

    [(_, status)] = world.jobs()
    assert (answer["Status"], status) == ("SUCCESS", "ACTIVE")
    assert world.answered(create) == []


def test_the_delete_of_a_resource_stops_its_latest_import(world: World) -> None:
    """A stack may be deleted while an Update waits for its turn."""
    first = world.create()
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 9)
    world.invoke(world.update(first, world.properties(Revision="2"), world.properties()))

    world.run(world.delete(first, world.properties(Revision="2")))
    world.pass_time(3600)

    assert len(world.jobs()) == 1
    assert world.schedules() == []


def test_a_delete_stops_a_create_that_waits_for_its_turn(world: World) -> None:
    """Nothing is imported after the resource is gone."""
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 3)
    world.invoke(world.event("Create"))

    answer = world.run(world.delete("Shop-Interactions-1ABC"))
    world.pass_time(7200)

    assert answer["Status"] == "SUCCESS"
    assert (world.jobs(), world.schedules()) == ([], [])


def test_a_delete_under_a_made_up_id_stops_the_create(world: World) -> None:
    """CloudFormation gave the Create up: it must not import later; a job that runs is waited for."""
    create = world.event("Create")
    world.invoke(create)

    answer = world.run(world.delete("Shop-Interactions-1ABC"))

    [(_, status)] = world.jobs()
    assert (answer["Status"], status) == ("SUCCESS", "ACTIVE")
    assert world.answered(create) == []
    assert world.schedules() == []


def test_a_delete_under_a_made_up_id_waits_for_calls_that_may_be_under_way(world: World) -> None:
    """A Create that has written down its job's name may be just about to start it."""
    world.faults.before("CreateDatasetImportJob", Died())
    world.invoke(world.event("Create"))
    before = world.clock.now

    world.run(world.delete("Shop-Interactions-1ABC"))

    assert IN_FLIGHT <= world.clock.now - before < IN_FLIGHT + 10


def test_a_delete_waits_for_calls_under_way_although_the_reply_to_its_write_is_lost(world: World) -> None:
    """It finds its own entry then, and has to know that it has not waited yet."""
    world.faults.before("CreateDatasetImportJob", Died())
    world.invoke(world.event("Create"))
    world.faults.after("CreateSchedule", error("InternalServerException", status=500))
    before = world.clock.now

    world.run(world.delete("Shop-Interactions-1ABC"))

    assert IN_FLIGHT <= world.clock.now - before < IN_FLIGHT + 20


def test_a_delete_under_a_made_up_id_does_not_wait_for_what_has_not_been_written_down(world: World) -> None:
    """A Create starts nothing before its entry, and comes too late for that."""
    create = world.event("Create", ResponseURL=world.sent(seconds_ago=9))
    before = world.clock.now

    world.run(world.delete("Shop-Interactions-1ABC"))
    waited = world.clock.now - before
    world.invoke(create)

    assert waited < 5
    assert world.jobs() == []
