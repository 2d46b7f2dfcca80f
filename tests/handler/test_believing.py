# SPDX-License-Identifier: Apache-2.0
"""What a request that could not begin says, and when a refusal of Personalize is believed."""

from datetime import UTC, datetime

import pytest

from dataset_import.errors import PROPAGATION
from local_aws.personalize import ReadRefused
from tests.fakes.faults import error, malformed
from tests.handler.world import World

REFUSALS = {"access": error("AccessDeniedException", "denied"), "final": error("NewException", "never")}


def test_a_refusal_is_believed_three_minutes_after_the_first_one(world: World) -> None:
    """No role or policy is new any more then."""
    world.refuse_access(ReadRefused.POLICY)
    began = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert PROPAGATION <= world.clock.now - began < PROPAGATION + 75


@pytest.mark.parametrize("code", ["InvalidInputException", "AccessDeniedException", "NewException"])
def test_the_tolerance_counts_from_the_refusal_not_from_the_request(world: World, code: str) -> None:
    """A request that waited for its turn for ten minutes meets a policy that is as new as before."""
    busy, refused = error("LimitExceededException"), error(code, "not usable yet")
    world.faults.before("CreateDatasetImportJob", *[busy] * 10, *[refused] * 5)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert len(world.jobs()) == 1


@pytest.mark.parametrize(
    "operation", ["DescribeDataset", "ListDatasetImportJobs", "CreateDatasetImportJob", "CreateSchedule"]
)
def test_any_call_may_be_refused_for_a_while(world: World, operation: str) -> None:
    """The policy of the function is as new as the stack, too."""
    world.faults.before(operation, *[error("AccessDeniedException", "not usable yet")] * 6)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"


def test_a_refusal_after_a_success_begins_a_new_tolerance(world: World) -> None:
    """What was refused before, and then was not, says nothing of the next refusal."""
    refused, busy = error("AccessDeniedException", "not usable yet"), error("LimitExceededException")
    world.faults.before("CreateDatasetImportJob", *[refused] * 6, *[busy] * 5, *[refused] * 6)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"


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

    assert " Job: none, it could not begin. The last reason to wait: none. " in world.answer(create)["Reason"]


def test_an_error_that_never_passes_is_told_at_the_deadline(world: World) -> None:
    """Before a job has been chosen, it is all that is known."""
    world.faults.before("DescribeDataset", *[error("ThrottlingException", "Rate exceeded")] * 99)

    answer = world.run(world.event("Create", world.properties(Timeout="120")))

    assert answer["Status"] == "FAILED"
    assert "The last reason to wait: Rate exceeded." in answer["Reason"]
    assert "Job: none, it could not begin." in answer["Reason"]


@pytest.mark.parametrize("status", ["CREATE FAILED", "DELETE PENDING", "DELETE IN_PROGRESS"])
def test_a_dataset_that_will_never_be_active_fails_the_request_at_once(world: World, status: str) -> None:
    """There is nothing to wait for."""
    description = {"status": status, "creationDateTime": datetime.fromtimestamp(world.clock.now, UTC)}
    world.faults.always("DescribeDataset", malformed({"dataset": description}))
    before = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert answer["Reason"].endswith(
        f"The reason: the dataset is {status}. Make the dataset again, under another name, and deploy again."
    )
    assert world.clock.now - before < 5
    assert world.jobs() == []


def test_a_dataset_that_becomes_active_is_waited_for(world: World) -> None:
    """It may have been created just now."""
    description = {
        "status": "CREATE PENDING",
        "creationDateTime": datetime.fromtimestamp(world.clock.now, UTC),
    }
    world.faults.next("DescribeDataset", *[malformed({"dataset": description})] * 3)

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"


@pytest.mark.parametrize(
    "refusal",
    [error(code, "Not today") for code in ("ThrottlingException", "AccessDeniedException", "NewException")],
)
def test_an_error_of_a_look_at_the_job_fails_no_import(world: World, refusal: Exception) -> None:
    """The job is running all the same: only at the deadline the reason says that its status is not known."""
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
