# SPDX-License-Identifier: Apache-2.0
"""Updates, rollbacks, cancellations and deletes; all invariants hold."""

from typing import Any

import pytest

from local_aws.personalize import Timing
from tests.simulation.faults import SKIPPED, delayed, refused
from tests.simulation.personalize_service import BAD_HEADER, BAD_ROW
from tests.simulation.play import NAME, Play, job_arn, physical_id, status
from tests.simulation.play import play as new_play

JOB = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/"
BUSY = refused("LimitExceededException", "More than 5 resources with PENDING or IN_PROGRESS status.")
OTHER: dict[str, Any] = {"RoleArn": "arn:aws:iam::123456789012:role/other"}


@pytest.mark.parametrize(
    "known_as", [JOB + "never-was-0a1b2c3d4e5f-1", JOB + "x", "shop-Interactions-1ABC", "None", "x"]
)
def test_row_26_a_delete_succeeds_whatever_the_id(play: Play, known_as: str) -> None:
    """A job that never was, an id that CloudFormation made up, or nonsense: nothing is to be deleted."""
    request = play.send("Delete", PhysicalResourceId=known_as)
    play.wait(600)

    assert (status(request), physical_id(request)) == ("SUCCESS", known_as)


@pytest.mark.parametrize("properties", [{"Timeout": "soon"}, {"DatasetArn": None}, {"DataSource": None}])
def test_row_26_a_delete_succeeds_whatever_the_properties(play: Play, properties: dict[str, Any]) -> None:
    """What made the Create fail does not keep the stack from being deleted."""
    play.simulation.invariants.denials = True
    created = play.deploy(**properties)

    deleted = play.requests()[1]
    assert (status(created), status(deleted)) == ("FAILED", "SUCCESS")


@pytest.mark.parametrize("is_waiting", [False, True])
def test_row_27_a_delete_under_a_made_up_id_stops_the_create(play: Play, is_waiting: bool) -> None:
    """CloudFormation has given the Create up: it starts nothing, and a job that runs is waited for."""
    play.faults.next("CreateDatasetImportJob", *[BUSY] * 20 * is_waiting)
    created = play.send("Create")
    play.cloudformation.give_up(created)

    deleted = play.send("Delete", PhysicalResourceId="shop-Interactions-1ABC")
    play.wait(3600)

    assert status(deleted) == "SUCCESS"
    assert created.answers == []
    assert play.job_states() == ([] if is_waiting else ["ACTIVE"])


@pytest.mark.parametrize("late", [0, 0.3, 1, 14])
@pytest.mark.parametrize("effect", ["CreateSchedule", "GetSchedule", "CreateDatasetImportJob"])
def test_row_27_a_delete_that_races_with_the_creates_first_calls_wins(
    play: Play, effect: str, late: float
) -> None:
    """A call that is under way may still start the job; then the Delete waits for its end."""
    play.faults.next(effect, delayed(late))
    created = play.send("Create")
    play.cloudformation.give_up(created)

    deleted = play.send("Delete", PhysicalResourceId="shop-Interactions-1ABC")
    play.wait(3600)

    assert status(deleted) == "SUCCESS"
    assert deleted.closed
    assert all(job.ends_at <= deleted.closed for job in play.jobs())


def test_row_28_a_delete_waits_for_the_running_job_so_that_the_dataset_can_go(play: Play) -> None:
    """Personalize refuses to delete a dataset while an import into it runs."""
    play.deploy(Wait="false")

    play.stack.resources[NAME].properties["Timeout"] = "3600"
    play.do(play.stack.delete, for_seconds=300)

    play.personalize.do("DeleteDataset", {"datasetArn": play.dataset})
    assert status(play.requests()[-1]) == "SUCCESS"


def test_row_28_a_delete_of_a_job_that_does_not_end_succeeds_in_time() -> None:
    """The job ends by itself; a stack that is stuck would not."""
    with new_play(Timing(shortest_import=20_000, longest_import=20_000)) as play:
        play.deploy(Wait="false", Timeout="300")

        play.do(play.stack.delete)

        assert status(play.requests()[-1]) == "SUCCESS"


def test_row_29_a_delete_may_come_twice(play: Play) -> None:
    """Two requests, or one delivered twice."""
    created = play.deploy()

    requests = [play.send("Delete", PhysicalResourceId=physical_id(created)) for _ in range(2)]
    play.cloudformation.deliver_again(requests[0])
    play.wait(600)

    assert [status(request) for request in requests] == ["SUCCESS", "SUCCESS"]
    assert play.job_states() == ["ACTIVE"]


@pytest.mark.parametrize(
    "change",
    [OTHER, {"Tags": [{"Key": "team", "Value": "shop"}]}, {"Timeout": "600"}],
    ids=["role", "tags", "timeout"],
)
def test_row_30_an_update_of_role_tags_or_timeout_imports_nothing(play: Play, change: dict[str, Any]) -> None:
    """The data stays, and so does the id."""
    created = play.deploy()

    updated = play.deploy(**change)

    assert (status(updated), physical_id(updated)) == ("SUCCESS", physical_id(created))
    assert len(play.jobs()) == 1


def test_row_31_the_delete_of_the_old_job_leaves_the_new_one_alone(play: Play) -> None:
    """The clean-up after an Update to new data touches neither the new job nor its polling."""
    created = play.deploy()
    updated = play.send(
        "Update",
        play.properties(Revision="2"),
        PhysicalResourceId=physical_id(created),
        OldResourceProperties=play.properties(),
    )

    deleted = play.send("Delete", PhysicalResourceId=physical_id(created))
    play.wait(3600)

    assert (status(updated), status(deleted)) == ("SUCCESS", "SUCCESS")
    assert play.job_states() == ["ACTIVE", "ACTIVE"]


def test_row_32_the_rollback_of_an_update_that_failed_imports_nothing(play: Play) -> None:
    """The old data is still in the dataset: its job is recognised."""
    created = play.deploy()
    play.personalize.bucket["bad.csv"] = BAD_ROW

    play.deploy(DataSource={"DataLocation": "s3://data/bad.csv"})

    [updated, rolled_back] = play.requests()[1:]
    assert (status(updated), physical_id(updated)) == ("FAILED", physical_id(created))
    assert (status(rolled_back), physical_id(rolled_back)) == ("SUCCESS", physical_id(created))
    assert play.job_states() == ["ACTIVE", "CREATE FAILED"]


@pytest.mark.parametrize("data", [BAD_ROW, BAD_HEADER], ids=["its job failed", "no job was started"])
def test_row_32_what_others_have_added_survives_the_rollback_of_an_update_that_failed(
    play: Play, data: bytes
) -> None:
    """A full import of the old data would remove it."""
    play.deploy()
    play.do(lambda: play.personalize.start_foreign_job(play.dataset, "nightly", "INCREMENTAL"), 600)
    play.personalize.bucket["bad.csv"] = data

    play.deploy(DataSource={"DataLocation": "s3://data/bad.csv"})

    assert [job.name for job in play.jobs() if job.status(play.kernel.now) == "ACTIVE"][-1] == "nightly"
    assert play.stack.stuck == []


def test_row_34_the_rollback_of_an_update_that_is_cancelled_may_take_as_long_as_an_import() -> None:
    """Its time begins when the job of the cancelled Update has ended."""
    with new_play(Timing(shortest_import=900, longest_import=900)) as play:
        play.deploy(Timeout="1500")

        play.deploy(Timeout="1500", Revision="2", cancel_after=120)

        assert play.stack.stuck == []
        assert play.job_states() == ["ACTIVE"] * 3


def test_row_32_the_rollback_of_an_update_that_lacked_a_property_succeeds(play: Play) -> None:
    """The old properties of the rollback are those that made the Update fail."""
    created = play.deploy()

    play.simulation.invariants.denials = True
    play.deploy(RoleArn=None, DataSource="items.csv")

    [updated, rolled_back] = play.requests()[1:]
    assert (status(updated), status(rolled_back)) == ("FAILED", "SUCCESS")
    assert physical_id(rolled_back) == physical_id(created)


def test_row_33_the_rollback_of_an_update_that_succeeded_imports_the_old_data_again(play: Play) -> None:
    """Another resource failed; the dataset no longer holds the old data."""
    play.deploy()

    play.deploy(Revision="2", another_fails=True)

    [updated, rolled_back] = play.requests()[1:]
    assert [status(request) for request in (updated, rolled_back)] == ["SUCCESS"] * 2
    assert job_arn(rolled_back) == play.jobs()[2].arn
    assert [job.name.split("-")[1] for job in play.jobs()[::2]] == [play.jobs()[0].name.split("-")[1]] * 2


@pytest.mark.parametrize("cancel_after", [3, 30, 50])
@pytest.mark.parametrize("is_waiting", [False, True])
def test_row_34_a_cancelled_update_stops_polling(play: Play, cancel_after: float, is_waiting: bool) -> None:
    """The request that follows takes over, and has the last word on the data."""
    created = play.deploy()
    play.faults.next("CreateDatasetImportJob", *[BUSY] * 30 * is_waiting)

    cancelled = play.deploy(Revision="2", cancel_after=cancel_after)

    rolled_back = play.requests()[2]
    assert cancelled.answers == []
    assert status(rolled_back) == "SUCCESS"
    assert (job_arn(rolled_back) == job_arn(created)) is is_waiting


def test_row_35_an_update_after_a_rollback_that_was_skipped_converges(play: Play) -> None:
    """CloudFormation believes in the old data; the dataset holds the new."""
    play.deploy()
    play.deploy(Revision="2", another_fails=True, skip_rollback=True)

    role_only = play.deploy(**OTHER)

    assert status(role_only) == "SUCCESS"
    assert job_arn(role_only) == play.jobs()[2].arn


def test_row_35_the_same_update_after_a_rollback_that_was_skipped_imports_nothing(play: Play) -> None:
    """What the dataset holds already is recognised."""
    play.deploy()
    skipped = play.deploy(Revision="2", another_fails=True, skip_rollback=True)

    again = play.deploy(Revision="2")

    assert job_arn(again) == job_arn(skipped)
    assert len(play.jobs()) == 2


def test_a_request_that_is_first_seen_after_its_deadline_starts_nothing(play: Play) -> None:
    """CloudFormation has given it up, or is about to."""
    play.faults.next("Deliver", delayed(3500))
    play.faults.always("Tick", SKIPPED)

    request = play.send("Create")
    play.wait(4000)

    assert status(request) == "FAILED"
    assert play.jobs() == []
