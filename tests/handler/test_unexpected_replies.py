# SPDX-License-Identifier: Apache-2.0
"""A call answers with what nobody expects, at any point: there is an answer, in time, and one job."""

from typing import Any

import pytest

from dataset_import.cloudformation import Delivery
from local_aws.personalize import Timing
from tests.fakes.faults import Fault, Kind, error, malformed
from tests.handler.world import World

QUICK = Timing(pending=10, shortest_import=60, longest_import=120)

REPLIES: dict[str, Any] = {
    "nothing": None,
    "an empty object": {},
    "a list": [],
    "a text": "<html>502 Bad Gateway</html>",
    "a number": 1,
    "objects of wrong kinds": {
        "Item": [],
        "dataset": [],
        "datasetImportJob": "x",
        "datasetImportJobs": 1,
        "ScheduleArn": 1,
        "Stacks": {},
    },
    "empty parts": {
        "Item": {},
        "dataset": {},
        "datasetImportJob": {},
        "datasetImportJobs": [{}],
        "Stacks": [{}],
    },
}
OPERATIONS = [
    "GetItem",
    "PutItem",
    "CreateSchedule",
    "DeleteSchedule",
    "DescribeDataset",
    "ListDatasetImportJobs",
    "DescribeDatasetImportJob",
    "CreateDatasetImportJob",
]
SHORT = {"Timeout": "600"}


@pytest.fixture
def world() -> World:
    """Make a world in which an import takes a minute or two."""
    return World(timing=QUICK)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_one_reply_that_nobody_expects_does_no_harm(
    world: World, operation: str, reply: Any, number: int
) -> None:
    """The first call of its kind, or a later one."""
    world.faults.next(operation, *[None] * number, malformed(reply))

    answer = world.run(world.event("Create", world.properties(**SHORT)))

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize(
    "operation", ["DescribeDataset", "ListDatasetImportJobs", "DescribeDatasetImportJob"]
)
def test_replies_that_nobody_expects_for_ever_end_in_an_answer(
    world: World, operation: str, reply: Any
) -> None:
    """Before CloudFormation gives up, with no loop that is busy."""
    world.faults.always(operation, malformed(reply))

    answer = world.run(world.event("Create", world.properties(**SHORT)), for_seconds=3600)

    assert answer["Status"] in ("SUCCESS", "FAILED")
    assert world.count(operation) < 900
    assert len(world.jobs()) <= 1


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("operation", ["GetItem", "PutItem", "DescribeStacks", "DescribeDatasetImportJob"])
def test_a_delete_does_not_depend_on_replies(world: World, operation: str, reply: Any) -> None:
    """It succeeds."""
    physical_id = world.create()
    world.faults.next(operation, malformed(reply), malformed(reply))

    assert world.run(world.delete(physical_id))["Status"] == "SUCCESS"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_error_that_echoes_the_url_is_redacted(
    world: World, operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A service repeats what it was sent, the response URL in it."""
    create = world.event("Create", world.properties(**SHORT))
    message = f"1 validation error detected: Value '{create['ResponseURL']}' at 'input'"
    world.faults.next(operation, *[Fault(Kind.REFUSED, error("ValidationException", message))] * 3)

    answer = world.run(create)

    assert "5ec7e7" not in str(answer)
    assert "5ec7e7" not in caplog.text
    assert all("5ec7e7" not in str(vars(entry)) for entry in caplog.records)


def test_a_job_that_never_shows_makes_no_busy_loop(world: World) -> None:
    """Create answers 200, and the job is nowhere: every round pauses."""
    world.faults.always("CreateDatasetImportJob", Fault(Kind.LOST, error("InternalFailure", status=500)))
    world.faults.always("DescribeDatasetImportJob", Fault(Kind.REFUSED, error("ResourceNotFoundException")))

    answer = world.run(world.event("Create", world.properties(**SHORT)))

    assert answer["Status"] == "FAILED"
    assert world.count("CreateDatasetImportJob") < 600 / 2
    assert world.jobs() == []


def test_an_answer_that_is_never_taken_does_not_stop_the_handler(world: World) -> None:
    """It tries again until the URL has expired, and then cleans up."""
    world.deliveries.extend([Delivery.LOST] * 999)

    world.invoke(world.event("Create", world.properties(Wait="false")))
    world.pass_time(8000)

    assert world.answers == []
    assert world.schedules() == []
    assert world.record()["event"] is None
