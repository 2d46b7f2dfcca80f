# SPDX-License-Identifier: Apache-2.0
"""Events and ticks that come twice, late, out of order or to a process that dies; all invariants hold."""

import pytest

from dataset_import.schedules import LIFE
from tests.fakes.faults import (
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
from tests.fakes.personalize import BAD_ROW, GOOD
from tests.simulation.scenario import NAME, Scenario, physical_id, reason, status

EFFECTS = [
    "GetItem",
    "PutItem",
    "DescribeDataset",
    "ListDatasetImportJobs",
    "DescribeDatasetImportJob",
    "CreateSchedule",
    "CreateDatasetImportJob",
    "DeleteSchedule",
    "Put",
]


@pytest.mark.parametrize("late", [0, 0.1, 1, 30, 200, 4000, 8000])
def test_a_create_that_is_delivered_twice_starts_one_job(scenario: Scenario, late: float) -> None:
    """AWS Lambda delivers at least once: at the same time, while the job runs, or long after the answer."""
    scenario.faults.next("Deliver", Fault(Kind.REPEATED, seconds=late))

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


@pytest.mark.parametrize("late", [300, 3000])
def test_a_failed_create_that_comes_again_starts_nothing(scenario: Scenario, late: float) -> None:
    """The event of a request that was answered FAILED does not try again behind CloudFormation's back."""
    scenario.personalize.bucket["items.csv"] = BAD_ROW
    scenario.faults.next("Deliver", Fault(Kind.REPEATED, seconds=late))

    request = scenario.deploy()

    assert status(request) == "FAILED"
    assert scenario.job_states() == ["CREATE FAILED"]


@pytest.mark.parametrize("late", [400, 3000])
def test_an_old_event_leaves_the_newer_request_alone(scenario: Scenario, late: float) -> None:
    """The Create's event, delivered once more while an Update polls, neither imports nor stops the Update."""
    scenario.faults.next("Deliver", Fault(Kind.REPEATED, seconds=late))
    scenario.deploy()
    sent = scenario.requests()[0].issued
    scenario.faults.next("CreateDatasetImportJob", *[refused("LimitExceededException")] * 50)
    scenario.wait(sent + late - 30 - scenario.kernel.now) if sent + late - 30 > scenario.kernel.now else None

    request = scenario.deploy(Revision="2")

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 2


def test_a_process_that_dies_right_after_it_started_the_job_is_taken_over(scenario: Scenario) -> None:
    """Whoever goes on finds the job by the name that was written down."""
    scenario.faults.next("CreateDatasetImportJob", DIED_AFTER)

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("moment", [DIED_BEFORE, DIED_AFTER], ids=str)
@pytest.mark.parametrize("times", [1, 2])
def test_a_process_may_die_around_any_effect(
    scenario: Scenario, effect: str, moment: Fault, times: int
) -> None:
    """Before or after, once or twice: one job, one answer."""
    scenario.faults.next(effect, *[moment] * times)

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


def test_a_job_whose_reply_was_lost_is_followed(scenario: Scenario) -> None:
    """The call is made again under the same name, which is taken: by the request's own job."""
    scenario.faults.next("CreateDatasetImportJob", REPLY_LOST)

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


def test_a_request_that_is_sent_again_with_a_new_url_is_a_new_try(scenario: Scenario) -> None:
    """The same RequestId after a failure gets no stale verdict, and the new URL is answered."""
    scenario.personalize.bucket["items.csv"] = BAD_ROW
    failed = scenario.send("Create")
    scenario.wait(600)
    scenario.personalize.bucket["items.csv"] = GOOD

    scenario.do(lambda: scenario.cloudformation.send_again(failed))

    again = scenario.requests()[-1]
    assert (failed.id, status(failed)) == (again.id, "FAILED")
    assert status(again) == "SUCCESS"
    assert [len(request.answers) for request in (failed, again)] == [1, 1]


def test_an_invocation_that_runs_out_of_time_says_nothing(scenario: Scenario) -> None:
    """Time is up in the middle of a call: no answer comes from the dying invocation."""
    scenario.faults.next("DescribeDatasetImportJob", None, delayed(100))

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(request.answers) == 1
    assert len(scenario.jobs()) == 1


def test_a_tick_that_comes_after_the_end_does_nothing(scenario: Scenario) -> None:
    """A schedule's last input, delivered once more, finds the request answered."""
    scenario.do(lambda: scenario.stack.deploy({NAME: scenario.properties()}), for_seconds=20)
    [schedule] = scenario.simulation.scheduler.schedules()
    scenario.wait(3600)
    [request] = scenario.requests()

    scenario.simulation.functions.invoke(schedule.params["Target"]["Arn"], schedule.input)
    scenario.wait(600)

    assert [answer["Status"] for answer in request.answers] == ["SUCCESS"]


@pytest.mark.parametrize("late", [0, 0.1, 0.3, 1])
def test_a_second_tick_between_answer_and_clean_up_fails_nothing(scenario: Scenario, late: float) -> None:
    """Two ticks at once see the job end together: both say the same."""
    scenario.faults.always("Tick", Fault(Kind.REPEATED, seconds=late))

    request = scenario.deploy()

    assert {answer["Status"] for answer in request.answers} == {"SUCCESS"}
    assert len(scenario.jobs()) == 1


@pytest.mark.parametrize("effect", ["PutItem", "DeleteSchedule", "Put"])
@pytest.mark.parametrize("moment", [DIED_BEFORE, DIED_AFTER, LOST, REPLY_LOST], ids=str)
@pytest.mark.parametrize("outcome", ["SUCCESS", "FAILED"])
def test_a_crash_around_answer_and_clean_up_is_made_up_for(
    scenario: Scenario, effect: str, moment: Fault, outcome: str
) -> None:
    """Answered, and cleaned up at the next chance; what is answered twice is answered the same."""
    scenario.personalize.bucket["items.csv"] = GOOD if outcome == "SUCCESS" else BAD_ROW
    scenario.faults.next(effect, *[None] * {"PutItem": 4, "DeleteSchedule": 0, "Put": 0}[effect], moment)

    request = scenario.deploy()

    assert status(request) == outcome
    assert scenario.schedules() == 0


def test_what_was_decided_is_not_thought_over(scenario: Scenario) -> None:
    """The answer of a timeout got lost: it stands, although the job has ended meanwhile."""
    scenario.faults.next("Put", DIED_AFTER)

    request = scenario.send("Create", scenario.properties(Timeout="60"))
    scenario.wait(600)

    assert {answer["Status"] for answer in request.answers} == {"FAILED"}
    assert len(request.answers) >= 2
    assert scenario.job_states() == ["ACTIVE"]


@pytest.mark.parametrize(
    "fault", [delayed(55), SKIPPED, Fault(Kind.REPEATED, seconds=300)], ids=["late", "skipped", "bunched"]
)
def test_ticks_may_come_late_bunched_or_not_at_all_for_a_while(scenario: Scenario, fault: Fault) -> None:
    """One tick in time is enough."""
    scenario.faults.next("Tick", *[fault] * 20)

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


def test_the_schedule_of_a_deleted_function_expires_by_itself(scenario: Scenario) -> None:
    """Nobody answers any more, but nothing is left either."""
    scenario.send("Create")

    scenario.simulation.functions.functions.clear()
    scenario.wait(LIFE + 120)

    assert scenario.simulation.scheduler.schedules() == []
    scenario.simulation.dynamodb.drop_table("shop")  # as with the rest of the stack


def test_one_process_serves_several_resources_and_nothing_bleeds(scenario: Scenario) -> None:
    """Two imports of two stacks interleaved, one of which fails: each gets its own answer."""
    scenario.personalize.bucket["bad.csv"] = BAD_ROW
    other = scenario.simulation.make_stack("other")
    dataset = scenario.personalize.make_dataset("other")
    bad = scenario.properties(DataSource={"DataLocation": "s3://data/bad.csv"}, DatasetArn=dataset)
    scenario.do(lambda: other.deploy({"Bad": bad}), for_seconds=1)

    good = scenario.deploy()

    failed = scenario.requests()[0]
    assert (status(failed), status(good)) == ("FAILED", "SUCCESS")
    assert failed.resource == (other.id, "Bad") or other.status == "ROLLBACK_COMPLETE"
    assert physical_id(good) == scenario.jobs()[1].arn


def test_a_handler_that_exits_is_answered_for(scenario: Scenario) -> None:
    """The process goes down with an exit; CloudFormation does not wait for an hour."""
    scenario.simulation.invariants.denials = True
    scenario.faults.next("DescribeDataset", Fault(Kind.REFUSED, SystemExit("out of memory")))

    request = scenario.deploy()

    assert status(request) == "FAILED"
    assert "SystemExit: out of memory" in reason(request)
