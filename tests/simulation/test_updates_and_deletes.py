# SPDX-License-Identifier: Apache-2.0
"""Updates, rollbacks, cancellations and deletes; all invariants hold."""

from typing import Any

import pytest

from local_aws.personalize import Timing
from tests.fakes.faults import SKIPPED, delayed, refused
from tests.fakes.personalize import BAD_HEADER, BAD_ROW, JOB_ARN
from tests.simulation.scenario import NAME, Scenario, job_arn, new_scenario, physical_id, status

BUSY = refused("LimitExceededException", "More than 5 resources with PENDING or IN_PROGRESS status.")
OTHER: dict[str, Any] = {"RoleArn": "arn:aws:iam::123456789012:role/other"}


@pytest.mark.parametrize(
    "known_as", [JOB_ARN + "never-was-0a1b2c3d4e5f-1", JOB_ARN + "x", "shop-Interactions-1ABC", "None", "x"]
)
def test_a_delete_succeeds_whatever_the_id(scenario: Scenario, known_as: str) -> None:
    """A job that never was, an id that CloudFormation made up, or nonsense: nothing is to be deleted."""
    request = scenario.send("Delete", PhysicalResourceId=known_as)
    scenario.wait(600)

    assert (status(request), physical_id(request)) == ("SUCCESS", known_as)


@pytest.mark.parametrize("properties", [{"Timeout": "soon"}, {"DatasetArn": None}, {"DataSource": None}])
def test_a_delete_succeeds_whatever_the_properties(scenario: Scenario, properties: dict[str, Any]) -> None:
    """What made the Create fail does not keep the stack from being deleted."""
    scenario.simulation.invariants.denials = True
    created = scenario.deploy(**properties)

    deleted = scenario.requests()[1]
    assert (status(created), status(deleted)) == ("FAILED", "SUCCESS")


@pytest.mark.parametrize("is_waiting", [False, True])
def test_a_delete_under_a_made_up_id_stops_the_create(scenario: Scenario, is_waiting: bool) -> None:
    """CloudFormation has given the Create up: it starts nothing, and a job that runs is waited for."""
    scenario.faults.next("CreateDatasetImportJob", *[BUSY] * 20 * is_waiting)
    created = scenario.send("Create")
    scenario.cloudformation.give_up(created)

    deleted = scenario.send("Delete", PhysicalResourceId="shop-Interactions-1ABC")
    scenario.wait(3600)

    assert status(deleted) == "SUCCESS"
    assert created.answers == []
    assert scenario.job_states() == ([] if is_waiting else ["ACTIVE"])


@pytest.mark.parametrize("late", [0, 0.3, 1, 14])
@pytest.mark.parametrize("effect", ["PutItem", "GetItem", "CreateSchedule", "CreateDatasetImportJob"])
def test_a_delete_that_races_with_the_creates_first_calls_wins(
    scenario: Scenario, effect: str, late: float
) -> None:
    """A call that is under way may still start the job; then the Delete waits for its end."""
    scenario.faults.next(effect, delayed(late))
    created = scenario.send("Create")
    scenario.cloudformation.give_up(created)

    deleted = scenario.send("Delete", PhysicalResourceId="shop-Interactions-1ABC")
    scenario.wait(3600)

    assert status(deleted) == "SUCCESS"
    assert deleted.closed
    assert all(job.ends_at <= deleted.closed for job in scenario.jobs())


def test_a_delete_waits_for_the_running_job_so_that_the_dataset_can_go(scenario: Scenario) -> None:
    """Personalize refuses to delete a dataset while an import into it runs."""
    scenario.deploy(Wait="false")

    scenario.stack.resources[NAME].properties["Timeout"] = "3600"
    scenario.do(scenario.stack.delete, for_seconds=300)

    scenario.personalize.do("DeleteDataset", {"datasetArn": scenario.dataset})
    assert status(scenario.requests()[-1]) == "SUCCESS"


def test_a_delete_of_a_job_that_does_not_end_succeeds_in_time() -> None:
    """The job ends by itself; a stack that is stuck would not."""
    with new_scenario(Timing(shortest_import=20_000, longest_import=20_000)) as scenario:
        scenario.deploy(Wait="false", Timeout="300")

        scenario.do(scenario.stack.delete)

        assert status(scenario.requests()[-1]) == "SUCCESS"


def test_a_delete_may_come_twice(scenario: Scenario) -> None:
    """Two requests, or one delivered twice."""
    created = scenario.deploy()

    requests = [scenario.send("Delete", PhysicalResourceId=physical_id(created)) for _ in range(2)]
    scenario.cloudformation.deliver_again(requests[0])
    scenario.wait(600)

    assert [status(request) for request in requests] == ["SUCCESS", "SUCCESS"]
    assert scenario.job_states() == ["ACTIVE"]


@pytest.mark.parametrize(
    "change",
    [OTHER, {"Tags": [{"Key": "team", "Value": "shop"}]}, {"Timeout": "600"}],
    ids=["role", "tags", "timeout"],
)
def test_an_update_of_role_tags_or_timeout_imports_nothing(
    scenario: Scenario, change: dict[str, Any]
) -> None:
    """The data stays, and so does the id."""
    created = scenario.deploy()

    updated = scenario.deploy(**change)

    assert (status(updated), physical_id(updated)) == ("SUCCESS", physical_id(created))
    assert len(scenario.jobs()) == 1


def test_the_delete_of_a_replaced_id_leaves_the_new_job_alone(scenario: Scenario) -> None:
    """The clean-up after an Update to another dataset neither waits for the new job nor stops its request."""
    created = scenario.deploy()
    other = scenario.personalize.make_dataset("other")

    updated = scenario.deploy(DatasetArn=other, Wait="false")

    deleted = scenario.requests()[2]
    assert (status(updated), status(deleted)) == ("SUCCESS", "SUCCESS")
    assert physical_id(deleted) == physical_id(created) != physical_id(updated)
    assert deleted.closed
    assert deleted.closed < scenario.jobs()[1].ends_at
    assert scenario.job_states() == ["ACTIVE", "ACTIVE"]


def test_the_rollback_of_an_update_that_failed_imports_nothing(scenario: Scenario) -> None:
    """The old data is still in the dataset: its job is recognised."""
    created = scenario.deploy()
    scenario.personalize.bucket["bad.csv"] = BAD_ROW

    scenario.deploy(DataSource={"DataLocation": "s3://data/bad.csv"})

    [updated, rolled_back] = scenario.requests()[1:]
    assert (status(updated), physical_id(updated)) == ("FAILED", physical_id(created))
    assert (status(rolled_back), physical_id(rolled_back)) == ("SUCCESS", physical_id(created))
    assert scenario.job_states() == ["ACTIVE", "CREATE FAILED"]


@pytest.mark.parametrize("data", [BAD_ROW, BAD_HEADER], ids=["its job failed", "no job was started"])
def test_what_others_have_added_survives_the_rollback_of_an_update_that_failed(
    scenario: Scenario, data: bytes
) -> None:
    """A full import of the old data would remove it."""
    scenario.deploy()
    scenario.do(
        lambda: scenario.personalize.start_foreign_job(scenario.dataset, "nightly", "INCREMENTAL"), 600
    )
    scenario.personalize.bucket["bad.csv"] = data

    scenario.deploy(DataSource={"DataLocation": "s3://data/bad.csv"})

    assert [job.name for job in scenario.jobs() if job.status(scenario.kernel.now) == "ACTIVE"][
        -1
    ] == "nightly"
    assert scenario.stack.stuck == []


def test_the_rollback_of_an_update_that_is_cancelled_may_take_as_long_as_an_import() -> None:
    """Its time begins when the job of the cancelled Update has ended."""
    with new_scenario(Timing(shortest_import=900, longest_import=900)) as scenario:
        scenario.deploy(Timeout="1500")

        scenario.deploy(Timeout="1500", Revision="2", cancel_after=120)

        assert scenario.stack.stuck == []
        assert scenario.job_states() == ["ACTIVE"] * 3


def test_the_rollback_of_an_update_that_lacked_a_property_succeeds(scenario: Scenario) -> None:
    """The old properties of the rollback are those that made the Update fail."""
    created = scenario.deploy()

    scenario.simulation.invariants.denials = True
    scenario.deploy(RoleArn=None, DataSource="items.csv")

    [updated, rolled_back] = scenario.requests()[1:]
    assert (status(updated), status(rolled_back)) == ("FAILED", "SUCCESS")
    assert physical_id(rolled_back) == physical_id(created)


def test_the_rollback_of_an_update_that_succeeded_imports_the_old_data_again(scenario: Scenario) -> None:
    """Another resource failed; the dataset no longer holds the old data."""
    scenario.deploy()

    scenario.deploy(Revision="2", another_fails=True)

    [updated, rolled_back] = scenario.requests()[1:]
    assert [status(request) for request in (updated, rolled_back)] == ["SUCCESS"] * 2
    assert job_arn(rolled_back) == scenario.jobs()[2].arn
    assert [job.name.split("-")[1] for job in scenario.jobs()[::2]] == [
        scenario.jobs()[0].name.split("-")[1]
    ] * 2


@pytest.mark.parametrize("cancel_after", [3, 30, 50])
@pytest.mark.parametrize("is_waiting", [False, True])
def test_a_cancelled_update_stops_polling(scenario: Scenario, cancel_after: float, is_waiting: bool) -> None:
    """The request that follows takes over, and has the last word on the data."""
    created = scenario.deploy()
    scenario.faults.next("CreateDatasetImportJob", *[BUSY] * 30 * is_waiting)

    cancelled = scenario.deploy(Revision="2", cancel_after=cancel_after)

    rolled_back = scenario.requests()[2]
    assert cancelled.answers == []
    assert status(rolled_back) == "SUCCESS"
    assert (job_arn(rolled_back) == job_arn(created)) is is_waiting


def test_an_update_after_a_rollback_that_was_skipped_converges(scenario: Scenario) -> None:
    """CloudFormation believes in the old data; the dataset holds the new."""
    scenario.deploy()
    scenario.deploy(Revision="2", another_fails=True, skip_rollback=True)

    role_only = scenario.deploy(**OTHER)

    assert status(role_only) == "SUCCESS"
    assert job_arn(role_only) == scenario.jobs()[2].arn


def test_the_same_update_after_a_rollback_that_was_skipped_imports_nothing(scenario: Scenario) -> None:
    """What the dataset holds already is recognised."""
    scenario.deploy()
    skipped = scenario.deploy(Revision="2", another_fails=True, skip_rollback=True)

    again = scenario.deploy(Revision="2")

    assert job_arn(again) == job_arn(skipped)
    assert len(scenario.jobs()) == 2


def test_a_request_that_is_first_seen_after_its_deadline_starts_nothing(scenario: Scenario) -> None:
    """CloudFormation has given it up, or is about to."""
    scenario.faults.next("Deliver", delayed(3500))
    scenario.faults.always("Tick", SKIPPED)

    request = scenario.send("Create")
    scenario.wait(4000)

    assert status(request) == "FAILED"
    assert scenario.jobs() == []
