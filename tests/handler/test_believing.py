# SPDX-License-Identifier: Apache-2.0
"""What a request that could not begin tells of: what Personalize said, and when it is believed."""

import pytest

from dataset_import.watch import PROPAGATION
from local_aws.personalize import ReadRefused, Timing
from tests.fakes.faults import error
from tests.handler.world import World

REFUSALS = {"access": error("AccessDeniedException", "denied"), "final": error("NewException", "never")}


@pytest.mark.parametrize(("age", "is_believed"), [(PROPAGATION - 1, False), (PROPAGATION, True)])
def test_a_refusal_is_believed_three_minutes_after_the_request_was_sent(
    world: World, age: float, is_believed: bool
) -> None:
    """To the second; no role is new any more then."""
    world.refuse_access(ReadRefused.POLICY)
    create = world.event("Create", ResponseURL=world.sent(seconds_ago=age))

    world.invoke(create, kill_after=1)

    assert [answer["Status"] for answer in world.answered(create)] == ["FAILED"] * is_believed


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_names_the_job_that_was_not_started(world: World, refusal: str) -> None:
    """Its name had been chosen, so that it can be looked for."""
    world.faults.before("CreateDatasetImportJob", *[REFUSALS[refusal]] * 99)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert f"Job: {answer['PhysicalResourceId']} (not started)." in answer["Reason"]
    assert "dataset-import-job/interactions-" in answer["PhysicalResourceId"]


def test_a_request_that_heard_nothing_says_so(world: World) -> None:
    """The deadline had passed when it was first seen."""
    create = world.event("Create", ResponseURL=world.sent(seconds_ago=3500))

    world.invoke(create)

    assert (
        " Job: none, it could not begin. The last that was said: nothing. " in world.answer(create)["Reason"]
    )


def test_an_error_that_never_passes_is_told_at_the_deadline(world: World) -> None:
    """Before a job has been chosen, it is all that there is to tell."""
    world.faults.before("DescribeDataset", *[error("ThrottlingException", "Rate exceeded")] * 99)

    answer = world.run(world.event("Create", world.properties(Timeout="120")))

    assert answer["Status"] == "FAILED"
    assert "The last that was said: Rate exceeded." in answer["Reason"]
    assert "Job: none, it could not begin." in answer["Reason"]


def test_a_dataset_that_is_not_active_is_told_of_at_the_deadline() -> None:
    """Whoever makes or deletes it knows then what to wait for."""
    world = World(timing=Timing(deletion=9000))
    world.delete_dataset()

    answer = world.run(world.event("Create", world.properties(Timeout="120")))

    assert answer["Status"] == "FAILED"
    assert "The last that was said: the dataset is DELETE" in answer["Reason"]
    assert world.jobs() == []


@pytest.mark.parametrize(
    "refusal",
    [error(code, "Not today") for code in ("ThrottlingException", "AccessDeniedException", "NewException")],
)
def test_an_error_of_a_look_at_the_job_fails_no_import(world: World, refusal: Exception) -> None:
    """It is running all the same: only at the deadline it is told that nobody knows how far it has got."""
    create = world.event("Create", world.properties(Timeout="120"))
    world.invoke(create)
    world.faults.before("DescribeDatasetImportJob", *[refusal] * 99)

    world.pass_time(180)

    answer = world.answer(create)
    [(name, status)] = world.jobs()
    assert answer["PhysicalResourceId"].endswith(name)
    assert status == "CREATE IN_PROGRESS"
    assert (
        f"did not end within 2 min. Job: {answer['PhysicalResourceId']}. "
        "Its status could not be read: Not today. Deploy again with a longer timeout. "
    ) in answer["Reason"]


def test_an_error_of_a_look_at_the_job_passes(world: World) -> None:
    """The next look finds the job, and the import succeeds."""
    create = world.event("Create")
    world.invoke(create)
    world.pass_time(240)
    world.faults.before("DescribeDatasetImportJob", error("AccessDeniedException"), error("NewException"))

    assert world.run(create)["Status"] == "SUCCESS"
