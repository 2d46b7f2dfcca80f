# SPDX-License-Identifier: Apache-2.0
"""An import that fails, seen from CloudFormation: when it is answered, and with which reason."""

import pytest

from tests.fakes.faults import error
from tests.fakes.personalize import JOB_ARN
from tests.handler.world import GOOD, NO_ITEMS, TOO_SHORT, World


def test_a_failed_job_fails_the_request_with_personalizes_reason(world: World) -> None:
    """FAILED names location, dataset, job and Personalize's reason, and answers the job's own ARN."""
    world.objects["items.csv"] = TOO_SHORT

    answer = world.run(world.event("Create"))

    [(name, status)] = world.jobs()
    [job] = world.personalize.jobs.values()
    assert status == "CREATE FAILED"
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", JOB_ARN + name)
    for said in ("s3://shop/items.csv", world.dataset_arn, JOB_ARN + name, job.failure_reason):
        assert said in answer["Reason"]


def test_a_wrong_header_fails_at_once_in_personalizes_words(world: World) -> None:
    """What Personalize refuses about the data is not retried."""
    world.objects["items.csv"] = NO_ITEMS
    before = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert "Input csv is missing the following columns: [GENRE]" in answer["Reason"]
    assert world.clock.now - before < 5
    assert world.schedules() == []


def test_corrected_data_imports_under_the_next_number(world: World) -> None:
    """A failed job does not count as holding the data; its name is taken for good."""
    world.objects["items.csv"] = TOO_SHORT
    world.run(world.event("Create"))
    world.objects["items.csv"] = GOOD

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "SUCCESS"
    assert [name[-2:] for name, _ in world.jobs()] == ["-1", "-2"]


def test_a_timeout_is_answered_in_time_and_says_that_the_job_goes_on(world: World) -> None:
    """FAILED comes before CloudFormation gives up, with what to do next."""
    event = world.event("Create", world.properties(Timeout="300"))
    before = world.clock.now

    answer = world.run(event)

    assert answer["Status"] == "FAILED"
    assert "did not end within 5 min" in answer["Reason"]
    assert "goes on" in answer["Reason"]
    assert answer["Data"] == {}
    assert 300 <= world.clock.now - before < 300 + 60
    assert world.schedules() == []


def test_the_default_hour_is_answered_before_cloudformation_ends_it(world: World) -> None:
    """With the longest timeout, too, the answer leaves a tick's time to CloudFormation's hour."""
    world.faults.before("CreateDatasetImportJob", *[error("LimitExceededException")] * 200)
    before = world.clock.now

    answer = world.run(world.event("Create"))

    assert answer["Status"] == "FAILED"
    assert world.clock.now - before < 3600


def test_a_job_that_never_began_is_not_said_to_be_running(world: World) -> None:
    """Its name was chosen, and every call to start it got lost."""
    world.faults.before("CreateDatasetImportJob", *[error("InternalServerException", "boom", 500)] * 5000)

    answer = world.run(world.event("Create", world.properties(Timeout="300")))

    assert "Job: none, it could not begin. The last reason to wait: boom." in answer["Reason"]
    assert world.jobs() == []


@pytest.mark.parametrize("missing", ["DatasetArn", "DataSource", "RoleArn", "JobNamePrefix"])
def test_a_property_that_is_missing_fails_the_request_by_name(world: World, missing: str) -> None:
    """The reason names what a template lacks."""
    answer = world.run(world.event("Create", world.properties(**{missing: None})))

    assert answer["Status"] == "FAILED"
    assert missing in answer["Reason"]
