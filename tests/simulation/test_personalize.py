# SPDX-License-Identifier: Apache-2.0
"""What Personalize says, and when it says nothing for long; all invariants hold."""

import pytest

from local_aws.personalize import Timing
from tests.simulation.faults import (
    LOST,
    THROTTLED,
    UNAVAILABLE,
    Fault,
    refused,
)
from tests.simulation.personalize_service import BAD_HEADER, BAD_ROW
from tests.simulation.play import Play, physical_id, reason, status
from tests.simulation.play import play as new_play

NOT_YET = "Insufficient privileges for accessing data in S3."


@pytest.mark.parametrize("code", ["InvalidInputException", "AccessDeniedException"])
@pytest.mark.parametrize("seconds", [30, 120, 150])
def test_row_10_access_that_has_not_propagated_yet_is_waited_for(play: Play, code: str, seconds: int) -> None:
    """A new role or bucket policy takes up to two minutes to be usable."""
    play.faults.next("CreateDatasetImportJob", *[refused(code, NOT_YET)] * (seconds // 12))

    request = play.deploy()

    assert status(request) == "SUCCESS"


def test_row_10_access_that_never_comes_fails_in_personalizes_words(play: Play) -> None:
    """After some three minutes a refusal is believed."""
    play.personalize.refused_until["items.csv"] = float("inf")

    request = play.deploy()

    assert status(request) == "FAILED"
    assert NOT_YET in reason(request)
    assert request.closed
    assert 150 < request.closed - request.issued < 270


def test_row_10_a_wrong_header_fails_at_once(play: Play) -> None:
    """What is said about the data has nothing to do with access."""
    play.personalize.bucket["items.csv"] = BAD_HEADER

    request = play.deploy()

    assert status(request) == "FAILED"
    assert "missing the following columns: [GENRE]" in reason(request)
    assert request.closed
    assert request.closed - request.issued < 5


@pytest.mark.parametrize("fault", [THROTTLED, UNAVAILABLE, LOST], ids=str)
def test_row_11_a_describe_that_does_not_get_through_keeps_polling(play: Play, fault: Fault) -> None:
    """Throttling, errors of the service and of the network fail no import."""
    play.faults.next("DescribeDatasetImportJob", None, *[fault] * 25)

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


def test_row_12_a_job_that_cannot_be_found_right_after_it_was_made_is_looked_for_again(play: Play) -> None:
    """Describe and List may lag behind Create."""
    play.personalize.describe_lag = play.personalize.list_lag = 30

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


def test_row_13_a_job_that_fails_fails_the_request_with_its_reason_and_its_arn(play: Play) -> None:
    """The id is the job's own ARN, so that the Delete that follows knows it."""
    play.personalize.bucket["items.csv"] = BAD_ROW

    request = play.deploy()

    [job] = play.jobs()
    assert (status(request), physical_id(request)) == ("FAILED", job.arn)
    assert job.failure_reason
    assert job.failure_reason in reason(request)
    assert [(sent.type, status(sent)) for sent in play.requests()[1:]] == [("Delete", "SUCCESS")]


def test_row_15_a_job_that_never_ends_is_answered_before_cloudformation_gives_up() -> None:
    """One FAILED, which says that the job goes on and what to do; the polling is gone."""
    with new_play(Timing(shortest_import=20_000, longest_import=20_000)) as play:
        request = play.send("Create")
        play.wait(4000)

        assert status(request) == "FAILED"
        assert "goes on" in reason(request)
        assert "Deploy again with a longer timeout" in reason(request)
        assert play.polls() == 0


def test_row_39_an_earlier_dataset_of_the_same_name_does_not_count(play: Play) -> None:
    """A dataset that was deleted and made again is imported into again."""
    first = play.deploy()
    play.personalize.remake_dataset(play.dataset)
    play.stack.resources.clear()

    second = play.deploy()

    assert physical_id(second) == physical_id(first).removesuffix("1") + "2"
    assert play.job_states() == ["ACTIVE", "ACTIVE"]


def test_row_40_a_request_waits_until_somebody_elses_job_has_ended(play: Play) -> None:
    """Only its end tells what the dataset holds."""
    play.personalize.start_foreign_job(play.dataset, "somebody-elses")

    request = play.deploy()

    foreign, ours = play.jobs()
    assert status(request) == "SUCCESS"
    assert ours.created >= foreign.ends_at


@pytest.mark.parametrize("meanwhile", [0, 3000])
def test_row_41_a_deploy_after_one_that_timed_out_adopts_the_job(meanwhile: float) -> None:
    """Still running or finished by now: it is recognised, and nothing is imported twice."""
    with new_play(Timing(shortest_import=2000, longest_import=2000)) as play:
        late = play.send("Create", play.properties(Timeout="300"))
        play.wait(400 + meanwhile)

        again = play.deploy()

        assert (status(late), status(again)) == ("FAILED", "SUCCESS")
        assert physical_id(again) == physical_id(late)
        assert len(play.jobs()) == 1
