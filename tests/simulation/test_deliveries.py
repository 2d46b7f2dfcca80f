# SPDX-License-Identifier: Apache-2.0
"""Events and ticks that come twice, late, out of order or to a process that dies; all invariants hold."""

import json

import pytest

from dataset_import.state import LIFE
from tests.simulation.faults import (
    DIED_AFTER,
    DIED_BEFORE,
    LOST,
    REPLY_LOST,
    SKIPPED,
    Fault,
    Kind,
    delayed,
    refused,
)
from tests.simulation.personalize_service import BAD_ROW, GOOD
from tests.simulation.play import NAME, Play, physical_id, reason, status

EFFECTS = [
    "GetSchedule",
    "DescribeDataset",
    "ListDatasetImportJobs",
    "DescribeDatasetImportJob",
    "CreateSchedule",
    "CreateDatasetImportJob",
    "UpdateSchedule",
    "Put",
]


@pytest.mark.parametrize("late", [0, 0.1, 1, 30, 200, 4000, 8000])
def test_row_01_a_create_that_is_delivered_twice_starts_one_job(play: Play, late: float) -> None:
    """AWS Lambda delivers at least once: at the same time, while the job runs, or long after the answer."""
    play.faults.next("Deliver", Fault(Kind.REPEATED, seconds=late))

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


@pytest.mark.parametrize("late", [300, 3000])
def test_row_01_a_failed_create_that_comes_again_starts_nothing(play: Play, late: float) -> None:
    """The event of a request that was answered FAILED does not try again behind CloudFormation's back."""
    play.personalize.bucket["items.csv"] = BAD_ROW
    play.faults.next("Deliver", Fault(Kind.REPEATED, seconds=late))

    request = play.deploy()

    assert status(request) == "FAILED"
    assert play.job_states() == ["CREATE FAILED"]


@pytest.mark.parametrize("late", [400, 3000])
def test_row_01_an_old_event_leaves_the_newer_request_alone(play: Play, late: float) -> None:
    """The Create's event, delivered once more while an Update polls, neither imports nor stops the Update."""
    play.faults.next("Deliver", Fault(Kind.REPEATED, seconds=late))
    play.deploy()
    sent = play.requests()[0].issued
    play.faults.next("CreateDatasetImportJob", *[refused("LimitExceededException")] * 50)
    play.wait(sent + late - 30 - play.kernel.now) if sent + late - 30 > play.kernel.now else None

    request = play.deploy(Revision="2")

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 2


def test_row_02_a_process_that_dies_right_after_it_started_the_job_is_taken_over(play: Play) -> None:
    """Whoever goes on finds the job by the name that was written down."""
    play.faults.next("CreateDatasetImportJob", DIED_AFTER)

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("moment", [DIED_BEFORE, DIED_AFTER], ids=str)
@pytest.mark.parametrize("times", [1, 2])
def test_row_02_a_process_may_die_around_any_effect(
    play: Play, effect: str, moment: Fault, times: int
) -> None:
    """Before or after, once or twice: one job, one answer."""
    play.faults.next(effect, *[moment] * times)

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


def test_row_03_a_job_whose_reply_was_lost_is_followed(play: Play) -> None:
    """The call is made again under the same name, which is taken: by the request's own job."""
    play.faults.next("CreateDatasetImportJob", REPLY_LOST)

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


def test_row_04_a_request_that_is_sent_again_with_a_new_url_is_a_new_try(play: Play) -> None:
    """The same RequestId after a failure gets no stale verdict, and the new URL is answered."""
    play.personalize.bucket["items.csv"] = BAD_ROW
    failed = play.send("Create")
    play.wait(600)
    play.personalize.bucket["items.csv"] = GOOD

    play.do(lambda: play.cloudformation.send_again(failed))

    again = play.requests()[-1]
    assert (failed.id, status(failed)) == (again.id, "FAILED")
    assert status(again) == "SUCCESS"
    assert [len(request.answers) for request in (failed, again)] == [1, 1]


def test_row_14_an_invocation_that_runs_out_of_time_says_nothing(play: Play) -> None:
    """Time is up in the middle of a call: no answer comes from the dying invocation."""
    play.faults.next("DescribeDatasetImportJob", None, delayed(100))

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(request.answers) == 1
    assert len(play.jobs()) == 1


def test_row_16_a_tick_that_comes_after_the_end_does_nothing(play: Play) -> None:
    """A schedule's last input, delivered once more, finds the request answered."""
    play.do(lambda: play.stack.deploy({NAME: play.properties()}), for_seconds=20)
    [schedule] = play.simulation.scheduler.schedules()
    play.wait(3600)
    [request] = play.requests()

    play.simulation.functions.invoke(schedule.params["Target"]["Arn"], json.dumps(schedule.event))
    play.wait(600)

    assert [answer["Status"] for answer in request.answers] == ["SUCCESS"]


@pytest.mark.parametrize("late", [0, 0.1, 0.3, 1])
def test_row_17_a_second_tick_between_answer_and_clean_up_fails_nothing(play: Play, late: float) -> None:
    """Two ticks at once see the job end together: both say the same."""
    play.faults.always("Tick", Fault(Kind.REPEATED, seconds=late))

    request = play.deploy()

    assert {answer["Status"] for answer in request.answers} == {"SUCCESS"}
    assert len(play.jobs()) == 1


@pytest.mark.parametrize("effect", ["UpdateSchedule", "Put"])
@pytest.mark.parametrize("moment", [DIED_BEFORE, DIED_AFTER, LOST, REPLY_LOST], ids=str)
@pytest.mark.parametrize("outcome", ["SUCCESS", "FAILED"])
def test_row_18_a_crash_around_answer_and_clean_up_is_made_up_for(
    play: Play, effect: str, moment: Fault, outcome: str
) -> None:
    """Answered, and cleaned up at the next chance; what is answered twice is answered the same."""
    play.personalize.bucket["items.csv"] = GOOD if outcome == "SUCCESS" else BAD_ROW
    which = {"UpdateSchedule": 1, "Put": 0}[effect]
    play.faults.next(effect, *[None] * which, moment)

    request = play.deploy()

    assert status(request) == outcome
    assert play.polls() == 0


def test_row_18_what_was_decided_is_not_thought_over(play: Play) -> None:
    """The answer of a timeout got lost: it stands, although the job has ended meanwhile."""
    play.faults.next("Put", DIED_AFTER)

    request = play.send("Create", play.properties(Timeout="60"))
    play.wait(600)

    assert {answer["Status"] for answer in request.answers} == {"FAILED"}
    assert len(request.answers) >= 2
    assert play.job_states() == ["ACTIVE"]


@pytest.mark.parametrize(
    "fault", [delayed(55), SKIPPED, Fault(Kind.REPEATED, seconds=300)], ids=["late", "skipped", "bunched"]
)
def test_row_20_ticks_may_come_late_bunched_or_not_at_all_for_a_while(play: Play, fault: Fault) -> None:
    """One tick in time is enough."""
    play.faults.next("Tick", *[fault] * 20)

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


def test_row_36_the_schedule_of_a_deleted_function_expires_by_itself(play: Play) -> None:
    """Nobody answers any more, but nothing is left either."""
    play.send("Create")

    play.simulation.functions.functions.clear()
    play.wait(LIFE + 120)

    assert play.simulation.scheduler.schedules() == []


def test_row_38_one_process_serves_several_resources_and_nothing_bleeds(play: Play) -> None:
    """Two imports interleaved, one of which fails: each gets its own answer."""
    play.personalize.bucket["bad.csv"] = BAD_ROW
    good, bad = play.properties(), play.properties(DataSource={"DataLocation": "s3://data/bad.csv"})
    bad["DatasetArn"] = play.personalize.make_dataset("other")

    play.do(lambda: play.stack.deploy({"Good": good, "Bad": bad}))

    answers = {request.resource[1]: status(request) for request in play.requests()[:2]}
    [good_id] = [physical_id(request) for request in play.requests()[:1]]
    assert answers == {"Good": "SUCCESS", "Bad": "FAILED"}
    assert good_id == play.jobs()[0].arn


def test_row_38_a_handler_that_exits_is_answered_for(play: Play) -> None:
    """The process goes down with an exit; CloudFormation does not wait for an hour."""
    play.simulation.invariants.denials = True
    play.faults.next("DescribeDataset", Fault(Kind.REFUSED, SystemExit("out of memory")))

    request = play.deploy()

    assert status(request) == "FAILED"
    assert "SystemExit: out of memory" in reason(request)
