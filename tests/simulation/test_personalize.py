# SPDX-License-Identifier: Apache-2.0
"""What Personalize says, and when it says nothing for long; all invariants hold."""

from datetime import UTC, datetime

import pytest

from local_aws.personalize import Timing
from tests.fakes.faults import (
    LOST,
    THROTTLED,
    UNAVAILABLE,
    Fault,
    malformed,
    refused,
)
from tests.fakes.personalize import BAD_HEADER, BAD_ROW
from tests.simulation.scenario import Scenario, new_scenario, physical_id, reason, status

NOT_YET = "Insufficient privileges for accessing data in S3."


@pytest.mark.parametrize("code", ["InvalidInputException", "AccessDeniedException"])
@pytest.mark.parametrize("seconds", [30, 120, 150])
def test_access_that_has_not_propagated_yet_is_waited_for(
    scenario: Scenario, code: str, seconds: int
) -> None:
    """A new role or bucket policy takes up to two minutes to be usable."""
    scenario.faults.next("CreateDatasetImportJob", *[refused(code, NOT_YET)] * (seconds // 12))

    request = scenario.deploy()

    assert status(request) == "SUCCESS"


def test_access_that_never_comes_fails_in_personalizes_words(scenario: Scenario) -> None:
    """After some three minutes a refusal is believed."""
    scenario.personalize.refused_until["items.csv"] = float("inf")

    request = scenario.deploy()

    assert status(request) == "FAILED"
    assert NOT_YET in reason(request)
    assert request.closed
    assert 150 < request.closed - request.issued < 270


def test_a_wrong_header_fails_at_once(scenario: Scenario) -> None:
    """What is said about the data has nothing to do with access."""
    scenario.personalize.bucket["items.csv"] = BAD_HEADER

    request = scenario.deploy()

    assert status(request) == "FAILED"
    assert "missing the following columns: [GENRE]" in reason(request)
    assert request.closed
    assert request.closed - request.issued < 5


@pytest.mark.parametrize("fault", [THROTTLED, UNAVAILABLE, LOST], ids=str)
def test_a_describe_that_does_not_get_through_keeps_polling(scenario: Scenario, fault: Fault) -> None:
    """Throttling, errors of the service and of the network fail no import."""
    scenario.faults.next("DescribeDatasetImportJob", None, *[fault] * 25)

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


def test_a_job_that_cannot_be_found_right_after_it_was_made_is_looked_for_again(scenario: Scenario) -> None:
    """Describe and List may lag behind Create."""
    scenario.personalize.describe_lag = scenario.personalize.list_lag = 30

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


def test_a_job_that_fails_fails_the_request_with_its_reason_and_its_arn(scenario: Scenario) -> None:
    """The id is the job's own ARN, so that the Delete that follows knows it."""
    scenario.personalize.bucket["items.csv"] = BAD_ROW

    request = scenario.deploy()

    [job] = scenario.jobs()
    assert (status(request), physical_id(request)) == ("FAILED", job.arn)
    assert job.failure_reason
    assert job.failure_reason in reason(request)
    assert [(sent.type, status(sent)) for sent in scenario.requests()[1:]] == [("Delete", "SUCCESS")]


def test_a_job_that_ends_with_a_status_that_nobody_has_documented_fails(scenario: Scenario) -> None:
    """It is named as what it is, and is not said to be running."""
    stopped = {
        "datasetImportJobArn": "P:dataset-import-job/x",
        "status": "CREATE STOPPED",
        "creationDateTime": datetime.fromtimestamp(scenario.kernel.now, UTC),
        "lastUpdatedDateTime": datetime.fromtimestamp(scenario.kernel.now, UTC),
    }
    scenario.simulation.invariants.denials = True
    scenario.faults.next("DescribeDatasetImportJob", None, malformed({"datasetImportJob": stopped}))

    request = scenario.deploy()

    assert status(request) == "FAILED"
    assert "Its status is CREATE STOPPED." in reason(request)


def test_a_job_that_never_ends_is_answered_before_cloudformation_gives_up() -> None:
    """One FAILED, which says that the job goes on and what to do; the polling is gone."""
    with new_scenario(Timing(shortest_import=20_000, longest_import=20_000)) as scenario:
        request = scenario.send("Create")
        scenario.wait(4000)

        assert status(request) == "FAILED"
        assert "goes on" in reason(request)
        assert "Deploy again with a longer timeout" in reason(request)
        assert scenario.schedules() == 0


def test_an_earlier_dataset_of_the_same_name_does_not_count(scenario: Scenario) -> None:
    """A dataset that was deleted and made again is imported into again."""
    first = scenario.deploy()
    scenario.personalize.remake_dataset(scenario.dataset)
    scenario.stack.resources.clear()

    second = scenario.deploy()

    assert physical_id(second) == physical_id(first).removesuffix("1") + "2"
    assert scenario.job_states() == ["ACTIVE", "ACTIVE"]


def test_a_request_waits_until_somebody_elses_job_has_ended(scenario: Scenario) -> None:
    """Only its end decides what the dataset holds."""
    scenario.personalize.start_foreign_job(scenario.dataset, "somebody-elses")

    request = scenario.deploy()

    foreign, ours = scenario.jobs()
    assert status(request) == "SUCCESS"
    assert ours.created >= foreign.ends_at


@pytest.mark.parametrize("meanwhile", [0, 3000])
def test_a_deploy_after_one_that_timed_out_adopts_the_job(meanwhile: float) -> None:
    """Still running or finished by now: it is recognised, and nothing is imported twice."""
    with new_scenario(Timing(shortest_import=2000, longest_import=2000)) as scenario:
        late = scenario.send("Create", scenario.properties(Timeout="300"))
        scenario.wait(400 + meanwhile)

        again = scenario.deploy()

        assert (status(late), status(again)) == ("FAILED", "SUCCESS")
        assert physical_id(again) == physical_id(late)
        assert len(scenario.jobs()) == 1
