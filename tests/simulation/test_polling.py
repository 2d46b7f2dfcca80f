# SPDX-License-Identifier: Apache-2.0
"""Setting up polling and taking it down, when AWS fails; all invariants hold."""

import pytest

from tests.fakes.faults import DENIED, LOST, REPLY_LOST, THROTTLED, UNAVAILABLE, Fault, refused
from tests.simulation.scenario import NAME, Scenario, physical_id, reason, status

SHORT = {"Timeout": "300"}


def test_a_client_that_cannot_be_made_fails_the_request(scenario: Scenario) -> None:
    """The handler cannot start, and answers FAILED with an id."""
    scenario.simulation.invariants.denials = True
    function = scenario.simulation.functions.functions[scenario.stack.service_token]
    del function.environment["SCHEDULE_ROLE_ARN"]

    request = scenario.deploy()

    assert status(request) == "FAILED"
    assert "KeyError: 'SCHEDULE_ROLE_ARN'" in reason(request)
    assert physical_id(request)


@pytest.mark.parametrize(
    ("denied", "service"),
    [
        (["GetItem", "PutItem", "CreateSchedule"], "DynamoDB"),
        (["GetItem"], "DynamoDB"),
        (["PutItem"], "DynamoDB"),
        (["CreateSchedule"], "EventBridge Scheduler"),
    ],
)
def test_polling_that_cannot_be_set_up_fails_with_the_reason_and_starts_nothing(
    scenario: Scenario, denied: list[str], service: str
) -> None:
    """Whatever is denied, nothing is left over, and the user reads what was."""
    scenario.simulation.invariants.denials = True
    for effect in denied:
        scenario.faults.always(effect, DENIED)

    request = scenario.deploy()

    assert status(request) == "FAILED"
    assert f"{service} said: User is not authorized to perform this action." in reason(request)
    assert scenario.jobs() == []


def test_a_permission_that_polling_can_do_without_fails_nothing(scenario: Scenario) -> None:
    """A schedule that cannot be deleted ends by itself."""
    scenario.simulation.invariants.denials = True
    scenario.faults.always("DeleteSchedule", DENIED)

    request = scenario.send("Create", scenario.properties(**SHORT))
    scenario.wait(3600)

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


def test_a_role_that_the_scheduler_may_not_assume_yet_is_waited_for(scenario: Scenario) -> None:
    """The schedules' role is as new as the stack: two minutes are no reason to fail."""
    words = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    scenario.faults.next("CreateSchedule", *[refused("ValidationException", words)] * 12)

    request = scenario.deploy()

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


def test_nine_kilobytes_of_properties_work(scenario: Scenario) -> None:
    """The record takes the whole event, however many tags it has."""
    tags = [{"Key": f"key-{number}", "Value": "v" * 200} for number in range(45)]

    request = scenario.deploy(Tags=tags)

    assert status(request) == "SUCCESS"


def test_a_long_logical_id_works(scenario: Scenario) -> None:
    """The schedule's name is as long as ever."""
    scenario.do(lambda: scenario.stack.deploy({"Deep" * 60: scenario.properties()}))

    assert status(scenario.requests()[0]) == "SUCCESS"


def test_polling_that_cannot_be_set_up_fails_an_update_with_the_old_id(scenario: Scenario) -> None:
    """Another id would have CloudFormation delete what it still needs."""
    created = scenario.deploy()
    scenario.simulation.invariants.denials = True
    scenario.faults.always("CreateSchedule", DENIED)

    updated = scenario.deploy(Revision="2")

    assert (status(updated), physical_id(updated)) == ("FAILED", physical_id(created))
    assert len(scenario.jobs()) == 1


@pytest.mark.parametrize("fault", [DENIED, THROTTLED, UNAVAILABLE, LOST, REPLY_LOST], ids=str)
def test_a_clean_up_that_does_not_succeed_leaves_success_a_success(scenario: Scenario, fault: Fault) -> None:
    """The answer stands; the schedule goes at the next chance, or by itself."""
    request = scenario.send("Create", scenario.properties(**SHORT))
    scenario.faults.next("DeleteSchedule", *[fault] * 5)

    scenario.wait(3600)

    assert {answer["Status"] for answer in request.answers} == {"SUCCESS"}


def test_sixty_imports_queue_for_a_quota_of_five(scenario: Scenario) -> None:
    """They all wait for their turn, and none fails."""
    wanted = {
        f"{NAME}{number}": scenario.properties(
            DatasetArn=scenario.personalize.make_dataset(f"shop{number}"),
            JobNamePrefix=f"interactions{number}",
        )
        for number in range(60)
    }

    scenario.do(lambda: scenario.stack.deploy(wanted))

    assert [status(request) for request in scenario.requests()] == ["SUCCESS"] * 60
    assert len(scenario.jobs()) == 60
