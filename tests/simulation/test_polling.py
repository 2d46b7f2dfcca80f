# SPDX-License-Identifier: Apache-2.0
"""Setting up polling and taking it down, when AWS does not play along; all invariants hold."""

import pytest

from tests.simulation.faults import DENIED, LOST, REPLY_LOST, THROTTLED, UNAVAILABLE, Fault, refused
from tests.simulation.play import NAME, Play, physical_id, reason, status

SHORT = {"Timeout": "300"}


def test_row_05_a_client_that_cannot_be_made_fails_the_request(play: Play) -> None:
    """The handler cannot even start: CloudFormation is told so, with an id."""
    play.simulation.invariants.denials = True
    del play.simulation.functions.functions[play.properties()["ServiceToken"]]["SCHEDULE_ROLE_ARN"]

    request = play.deploy()

    assert status(request) == "FAILED"
    assert "KeyError: 'SCHEDULE_ROLE_ARN'" in reason(request)
    assert physical_id(request)


@pytest.mark.parametrize(
    "denied", [["GetSchedule", "CreateSchedule", "UpdateSchedule"], ["CreateSchedule"], ["GetSchedule"]]
)
def test_row_06_polling_that_cannot_be_set_up_fails_with_the_reason_and_starts_nothing(
    play: Play, denied: list[str]
) -> None:
    """Whatever is denied, nothing is left over, and the user reads what was."""
    play.simulation.invariants.denials = True
    for effect in denied:
        play.faults.always(effect, DENIED)

    request = play.deploy()

    assert status(request) == "FAILED"
    assert "EventBridge Scheduler said: User is not authorized to perform this action." in reason(request)
    assert play.jobs() == []


def test_row_06_a_permission_that_polling_can_do_without_fails_nothing(play: Play) -> None:
    """A schedule that can be made and read, but not changed, still brings the import to its end."""
    play.faults.always("UpdateSchedule", DENIED)

    request = play.send("Create", play.properties(**SHORT))
    play.wait(3600)

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


def test_row_06_a_role_that_the_scheduler_may_not_assume_yet_is_waited_for(play: Play) -> None:
    """The schedules' role is as new as the stack: two minutes are no reason to fail."""
    words = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    play.faults.next("CreateSchedule", *[refused("ValidationException", words)] * 12)

    request = play.deploy()

    assert status(request) == "SUCCESS"
    assert len(play.jobs()) == 1


def test_row_07_nine_kilobytes_of_properties_work(play: Play) -> None:
    """The schedule's input takes the whole event, however many tags it has."""
    tags = [{"Key": f"key-{number}", "Value": "v" * 200} for number in range(45)]

    request = play.deploy(Tags=tags)

    assert status(request) == "SUCCESS"


def test_row_08_a_long_logical_id_works(play: Play) -> None:
    """The schedule's name is as long as ever."""
    play.do(lambda: play.stack.deploy({"Deep" * 60: play.properties()}))

    assert status(play.requests()[0]) == "SUCCESS"


def test_row_09_polling_that_cannot_be_set_up_fails_an_update_with_the_old_id(play: Play) -> None:
    """Another id would have CloudFormation delete what it still needs."""
    created = play.deploy()
    play.simulation.invariants.denials = True
    for effect in ("CreateSchedule", "UpdateSchedule"):
        play.faults.always(effect, DENIED)

    updated = play.deploy(Revision="2")

    assert (status(updated), physical_id(updated)) == ("FAILED", physical_id(created))
    assert len(play.jobs()) == 1


@pytest.mark.parametrize("fault", [DENIED, THROTTLED, UNAVAILABLE, LOST, REPLY_LOST], ids=str)
def test_row_19_a_clean_up_that_does_not_succeed_leaves_success_a_success(play: Play, fault: Fault) -> None:
    """The answer stands; the schedule goes at the next chance, or by itself."""
    request = play.send("Create", play.properties(**SHORT))
    play.faults.always("UpdateSchedule", fault)

    play.wait(3600)

    assert {answer["Status"] for answer in request.answers} == {"SUCCESS"}


def test_row_37_sixty_imports_queue_for_a_quota_of_five(play: Play) -> None:
    """They all wait for their turn; none fails, whoever asks first."""
    wanted = {
        f"{NAME}{number}": play.properties(
            DatasetArn=play.personalize.make_dataset(f"shop{number}"), JobName=f"interactions{number}"
        )
        for number in range(60)
    }

    play.do(lambda: play.stack.deploy(wanted))

    assert [status(request) for request in play.requests()] == ["SUCCESS"] * 60
    assert len(play.jobs()) == 60
