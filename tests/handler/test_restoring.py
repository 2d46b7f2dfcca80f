# SPDX-License-Identifier: Apache-2.0
"""A Delete in a rollback: the data that the resource's full import has replaced is imported again."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dataset_import.errors import PROPAGATION
from tests.fakes.faults import DENIED, THROTTLED, Fault, malformed, refused
from tests.fakes.stacks import Stack
from tests.handler.world import GOOD, TOO_SHORT, World

LOCATION = "s3://shop/items.csv"


class Added:
    """An import of the same dataset that has replaced the data of the first one, and is to be deleted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.properties = world.properties(
            JobNamePrefix="added", DataSource={"DataLocation": "s3://shop/added.csv"}
        )
        world.objects["added.csv"] = GOOD
        create = world.event("Create", self.properties, LogicalResourceId="Added")
        self.physical_id = world.run(create)["PhysicalResourceId"]
        world.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    def delete(self) -> dict[str, Any]:
        """Make the request that the rollback sends."""
        return self.world.delete(self.physical_id, self.properties, LogicalResourceId="Added")

    def delete_while_failing(self, operation: str, fault: Fault) -> list[tuple[str, str]]:
        """Delete the import while two calls of an operation fail; return the jobs that the Delete starts."""
        self.world.faults.next(operation, fault, fault)
        self.world.run(self.delete())
        return self.world.jobs()[2:]


@pytest.fixture
def world() -> World:
    """Make a dataset with the data of one import."""
    world = World()
    assert world.run(world.event("Create"))["Status"] == "SUCCESS"
    return world


@pytest.fixture
def added(world: World) -> Added:
    """Add a second import in a deployment that is rolled back then."""
    return Added(world)


def lost(world: World) -> str:
    """Return the base of the names of the job whose data is to be restored, and of those that repeat it."""
    return world.jobs()[0][0].removesuffix("1")


def kept_data(reason: str) -> str:
    """Return what the log says where the old data could not be restored."""
    return f"The old data, {LOCATION}, could not be imported again: {reason}. Import it with a new"


def test_a_rollback_waits_for_the_job_that_restores_the_data(world: World, added: Added) -> None:
    """The next request of the rollback, or of the user, finds the dataset as it was."""
    answer = world.run(added.delete())

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", added.physical_id)
    assert world.jobs()[2:] == [(f"{lost(world)}2", "ACTIVE")]


def test_a_rollback_waits_for_a_restore_that_another_invocation_has_begun(world: World, added: Added) -> None:
    """Of two invocations of one request, the other one may know more than this one has read."""
    world.personalize.start_foreign_job(world.dataset_arn, f"{lost(world)}2")

    answer = world.run(added.delete())

    assert answer["Status"] == "SUCCESS"
    assert world.jobs()[2:] == [(f"{lost(world)}2", "ACTIVE")]


def test_a_restore_whose_job_has_failed_is_given_up(
    world: World, added: Added, caplog: pytest.LogCaptureFixture
) -> None:
    """Another try would fail for the same reason, and the rollback goes on."""
    world.objects["items.csv"] = TOO_SHORT

    answer = world.run(added.delete())

    assert answer["Status"] == "SUCCESS"
    assert world.jobs()[2:] == [(f"{lost(world)}2", "CREATE FAILED")]
    assert f"{world.dataset_arn} holds the data of a deployment that was rolled back." in caplog.text
    assert kept_data("the job that imports it again has failed") in caplog.text


def test_a_failure_of_another_resource_does_not_keep_a_restore_from_beginning() -> None:
    """The first import had failed, and was corrected, before its data was replaced."""
    world = World()
    world.objects["items.csv"] = TOO_SHORT
    world.run(world.event("Create"))
    world.objects["items.csv"] = GOOD
    world.run(world.event("Create"))
    added = Added(world)

    world.run(added.delete())

    assert [status for _, status in world.jobs()] == ["CREATE FAILED", "ACTIVE", "ACTIVE", "ACTIVE"]
    assert world.jobs()[3][0] == f"{lost(world)}3"


def test_a_failure_of_ones_own_does_not_keep_a_restore_from_beginning(world: World) -> None:
    """What has failed before was an import of other data."""
    world.objects["added.csv"] = TOO_SHORT
    properties = world.properties(JobNamePrefix="added", DataSource={"DataLocation": "s3://shop/added.csv"})
    world.run(world.event("Create", properties, LogicalResourceId="Added"))
    added = Added(world)

    world.run(added.delete())

    assert [status for _, status in world.jobs()] == ["ACTIVE", "CREATE FAILED", "ACTIVE", "ACTIVE"]
    assert world.jobs()[3][0] == f"{lost(world)}2"


def test_a_restore_that_personalize_refuses_is_given_up(
    world: World, added: Added, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has Personalize's reason; the refusal may be one of a policy that has not propagated yet."""
    world.faults.always("CreateDatasetImportJob", refused("InvalidInputException", "Not a role."))
    before = world.clock.now

    answer = world.run(added.delete())

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", added.physical_id)
    assert PROPAGATION <= world.clock.now - before < PROPAGATION + 75
    assert len(world.jobs()) == 2
    assert kept_data("Not a role") in caplog.text


def test_a_restore_without_the_permission_for_the_dataset_says_what_is_left(
    world: World, added: Added, caplog: pytest.LogCaptureFixture
) -> None:
    """A rollback takes the permission away before the Delete, if no other import names the dataset."""
    denied = refused("AccessDeniedException", "Not authorized to perform: personalize:DescribeDataset.")
    world.faults.always("DescribeDataset", denied)

    answer = world.run(added.delete())

    assert answer["Status"] == "SUCCESS"
    assert kept_data("Not authorized to perform: personalize:DescribeDataset") in caplog.text


@pytest.mark.parametrize(
    "fault",
    [THROTTLED, refused("LimitExceededException"), DENIED],
    ids=["throttled", "busy", "refused"],
)
def test_a_restore_that_is_refused_for_a_while_is_tried_again(
    world: World, added: Added, fault: Fault
) -> None:
    """Busy, throttled or not allowed yet: all of it passes."""
    restored = added.delete_while_failing("CreateDatasetImportJob", fault)

    assert restored == [(f"{lost(world)}2", "ACTIVE")]


def test_a_restore_takes_a_name_that_no_job_of_another_dataset_has(world: World, added: Added) -> None:
    """The list of the dataset leaves such a job out, and an account has one job of a name."""
    other = world.personalize.make_dataset("other")
    world.personalize.start_foreign_job(other, f"{lost(world)}2")

    world.run(added.delete())

    assert world.jobs()[3:] == [(f"{lost(world)}3", "ACTIVE")]


def test_a_restore_that_cannot_be_seen_for_a_moment_is_not_started_twice(world: World, added: Added) -> None:
    """Neither list nor description show the new job yet."""
    world.personalize.list_lag = 60.0
    world.faults.next("DescribeDatasetImportJob", None, refused("ResourceNotFoundException"))
    world.forget_calls()

    world.run(added.delete())

    assert world.count("CreateDatasetImportJob") == 1
    assert world.jobs()[2:] == [(f"{lost(world)}2", "ACTIVE")]


def test_a_rollback_with_nothing_to_restore_leaves_the_data_alone(world: World, added: Added) -> None:
    """Somebody has imported all data anew since."""
    world.personalize.start_foreign_job(world.dataset_arn, "foreign")
    world.pass_time(3600)

    answer = world.run(added.delete())

    assert answer["Status"] == "SUCCESS"
    assert [name for name, _ in world.jobs()[2:]] == ["foreign"]


def test_nothing_is_restored_into_a_dataset_that_is_being_deleted(world: World, added: Added) -> None:
    """Personalize would refuse the job, and nobody needs the data any more."""
    created = datetime.fromtimestamp(world.clock.now - 86400, UTC)
    description = {"status": "DELETE IN_PROGRESS", "creationDateTime": created}
    world.faults.always("DescribeDataset", malformed({"dataset": description}))

    answer = world.run(added.delete())

    assert (answer["Status"], len(world.jobs())) == ("SUCCESS", 2)


def test_a_stack_that_cannot_be_described_keeps_its_data(
    world: World, added: Added, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether the Delete is part of a rollback is unknown then, and the log says so."""
    world.faults.always("DescribeStacks", DENIED)

    answer = world.run(added.delete())

    assert (answer["Status"], len(world.jobs())) == ("SUCCESS", 2)
    assert f"{world.dataset_arn} keeps its data, even in a rollback" in caplog.text


@pytest.mark.parametrize("fault", [THROTTLED, DENIED], ids=["throttled", "refused"])
def test_a_stack_that_cannot_be_described_for_a_while_is_asked_again(
    world: World, added: Added, fault: Fault
) -> None:
    """The old data is restored all the same."""
    restored = added.delete_while_failing("DescribeStacks", fault)

    assert restored == [(f"{lost(world)}2", "ACTIVE")]


@pytest.mark.parametrize(
    ("is_nested", "status", "is_warned"),
    [
        (True, "DELETE_IN_PROGRESS", True),
        (False, "DELETE_IN_PROGRESS", False),
        (True, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False),
    ],
)
def test_the_delete_of_a_nested_stack_warns_of_replaced_data(
    world: World,
    added: Added,
    caplog: pytest.LogCaptureFixture,
    is_nested: bool,
    status: str,
    is_warned: bool,
) -> None:
    """Its user may delete it, or a rollback of its parent, which look alike."""
    if is_nested:
        world.stack.parent = Stack(world.stack.account, "Parent", id="arn:aws:cloudformation:parent")
    world.stack.status = status

    assert world.run(added.delete())["Status"] == "SUCCESS"

    warning = "If a rollback of the parent stack deletes this nested stack, import the old data"
    assert (warning in caplog.text, len(world.jobs())) == (is_warned, 2)
