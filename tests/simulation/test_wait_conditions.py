# SPDX-License-Identifier: Apache-2.0
"""Imports of hours: answered early, and signalled to a wait condition at their end; all invariants hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local_aws.personalize import Timing
from tests.fakes.faults import DIED_AFTER, DIED_BEFORE, LOST, REPLY_LOST, SKIPPED, Fault
from tests.fakes.personalize import BAD_ROW, GOOD
from tests.simulation.scenario import NAME, Scenario, job_arn, new_scenario, physical_id, status

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3600.0
THREE_HOURS = Timing(pending=60, shortest_import=3 * HOUR, longest_import=3 * HOUR)
DAY = 24 * HOUR


@pytest.fixture
def hours() -> Iterator[Scenario]:
    """Make a scenario in which an import takes three hours."""
    with new_scenario(THREE_HOURS) as made:
        yield made


def signals(scenario: Scenario) -> list[dict[str, Any]]:
    """Every signal of every wait condition."""
    return [signal for wait in scenario.cloudformation.waits.by_url.values() for signal in wait.signals]


def deploy(
    scenario: Scenario, *, timeout: float = 12 * HOUR, for_seconds: float = DAY, **changes: Any
) -> bool:
    """Deploy the import with a timeout of hours, and return whether the deployment succeeded."""
    outcome: list[bool] = []
    options = {
        key: changes.pop(key) for key in ("cancel_after", "another_fails", "no_rollback") if key in changes
    }
    wanted = {NAME: scenario.properties(Timeout=f"{timeout:.0f}", **changes)}
    scenario.do(lambda: outcome.append(scenario.stack.deploy(wanted, **options)), for_seconds)
    return outcome[0]


def test_the_resource_is_complete_when_the_job_is_accepted_and_the_wait_when_it_is_active(
    hours: Scenario,
) -> None:
    """The answer comes within minutes, and the signal hours later."""
    assert deploy(hours)

    [request] = hours.requests()
    assert request.closed is not None
    assert request.closed - request.issued < 60
    assert [signal["Status"] for signal in signals(hours)] == ["SUCCESS"]
    assert signals(hours)[0]["Data"] == physical_id(request) == hours.jobs()[0].arn
    assert hours.schedules() == 0


def test_a_job_that_fails_after_hours_fails_the_deployment_with_the_reason(hours: Scenario) -> None:
    """The stack rolls back; what Personalize said is in the signal."""
    hours.personalize.bucket["bad.csv"] = BAD_ROW

    assert not deploy(hours, DataSource={"DataLocation": "s3://data/bad.csv"})

    [signal] = signals(hours)
    assert signal["Status"] == "FAILURE"
    assert hours.jobs()[0].arn in signal["Reason"]
    assert hours.stack.resources == {}


def test_a_job_that_outlives_its_timeout_fails_the_deployment(hours: Scenario) -> None:
    """The handler signals that before the wait condition times out."""
    assert not deploy(hours, timeout=2 * HOUR)

    assert "did not end within 2 h" in signals(hours)[0]["Reason"]


def test_other_data_makes_a_new_wait_and_other_tags_do_not(hours: Scenario) -> None:
    """An Update that imports nothing has nothing to wait for."""
    assert deploy(hours)
    assert deploy(hours, Tags=[{"Key": "team", "Value": "shop"}], for_seconds=HOUR / 2)
    assert len(signals(hours)) == 1

    assert deploy(hours, Revision="2")

    assert len(signals(hours)) == 2
    assert hours.job_states() == ["ACTIVE", "ACTIVE"]


def test_a_failed_update_rolls_back_to_the_old_data_without_an_import(hours: Scenario) -> None:
    """The old job is recognised, and the old wait condition has had its signal."""
    assert deploy(hours)
    hours.personalize.bucket["bad.csv"] = BAD_ROW

    assert not deploy(hours, DataSource={"DataLocation": "s3://data/bad.csv"})

    assert hours.job_states() == ["ACTIVE", "CREATE FAILED"]
    assert hours.stack.stuck == []


def test_a_rollback_to_the_old_data_imports_it_and_gets_no_stack_stuck(hours: Scenario) -> None:
    """It takes longer than CloudFormation waits for a rollback, which has no wait condition of its own."""
    assert deploy(hours)

    assert not deploy(hours, Revision="2", another_fails=True, for_seconds=2 * DAY)
    hours.wait(12 * HOUR)

    assert hours.job_states() == ["ACTIVE"] * 3
    assert job_arn(hours.requests()[-1]) == hours.jobs()[2].arn
    assert len(signals(hours)) == 2
    assert (hours.stack.stuck, hours.schedules()) == ([], 0)


def test_a_rollback_of_an_update_that_had_no_wait_condition_waits_for_the_old_data() -> None:
    """The old wait condition is over, though there is no newer one to compare its date with."""
    with new_scenario() as quick:
        assert deploy(quick)

        assert not deploy(quick, timeout=HOUR, Revision="2", another_fails=True)

        assert quick.job_states() == ["ACTIVE"] * 3
        rollback = quick.requests()[-1]
        assert rollback.closed is not None
        assert rollback.closed >= quick.jobs()[2].ends_at
        assert len(signals(quick)) == 1


@pytest.mark.parametrize(
    "ended", [{"cancel_after": HOUR / 2}, {"timeout": 2 * HOUR}], ids=["cancelled", "out of time"]
)
def test_a_rollback_out_of_an_import_that_goes_on_for_hours_gets_no_stack_stuck(
    hours: Scenario, ended: dict[str, Any]
) -> None:
    """It waits its turn behind that import, longer than CloudFormation does, and imports after the answer."""
    assert deploy(hours)

    assert not deploy(hours, Revision="2", **ended)

    assert hours.stack.stuck == []
    assert hours.job_states() == ["ACTIVE"] * 3
    assert job_arn(hours.requests()[-1]) == hours.jobs()[2].arn
    assert hours.schedules() == 0


def test_a_deployment_that_is_cancelled_while_it_waits_stops_polling(hours: Scenario) -> None:
    """The Delete of the rollback takes over. The job ends by itself, without a signal."""
    assert not deploy(hours, cancel_after=2 * HOUR)

    assert signals(hours) == []
    assert hours.schedules() == 0


@pytest.mark.parametrize("fault", [DIED_BEFORE, DIED_AFTER, LOST, REPLY_LOST], ids=str)
@pytest.mark.parametrize("effect", ["GetItem", "PutItem", "DeleteSchedule", "Put"])
def test_a_fault_on_the_way_to_the_signal_loses_nothing(hours: Scenario, effect: str, fault: Fault) -> None:
    """The tick after it delivers the same signal."""
    hours.do(lambda: hours.stack.deploy({NAME: hours.properties(Timeout="43200")}), 4.9 * HOUR)
    hours.faults.next(effect, fault)

    hours.wait(HOUR)

    assert {signal["Status"] for signal in signals(hours)} == {"SUCCESS"}
    assert hours.schedules() == 0


def test_ticks_that_are_skipped_for_hours_only_delay_the_signal(hours: Scenario) -> None:
    """The first tick that comes through finds the job at its end."""
    hours.faults.always("Tick", SKIPPED)
    hours.do(lambda: hours.stack.deploy({NAME: hours.properties(Timeout="43200")}), 6 * HOUR)

    hours.faults.always("Tick", None)
    hours.wait(HOUR)

    assert [signal["Status"] for signal in signals(hours)] == ["SUCCESS"]


def test_a_deployment_without_rollback_that_failed_is_deployed_again(hours: Scenario) -> None:
    """The new wait condition of the new revision gets its signal, and the failure has said what it needs."""
    hours.personalize.bucket["bad.csv"] = BAD_ROW
    bad: dict[str, Any] = {"DataSource": {"DataLocation": "s3://data/bad.csv"}}
    assert not deploy(hours, no_rollback=True, **bad)
    assert "--no-rollback" in signals(hours)[0]["Reason"]
    hours.personalize.bucket["bad.csv"] = GOOD

    assert deploy(hours, Revision="2", **bad)

    assert [signal["Status"] for signal in signals(hours)] == ["FAILURE", "SUCCESS"]


def test_a_queue_of_hours_completes_the_resource_and_goes_on_waiting(hours: Scenario) -> None:
    """Six imports of three hours with a quota of five: the sixth begins when the first ends."""
    wanted = {}
    for number in range(6):
        dataset = hours.personalize.make_dataset(f"shop{number}")
        wanted[f"{NAME}{number}"] = hours.properties(
            DatasetArn=dataset, JobNamePrefix=f"import{number}", Timeout="43200"
        )

    hours.do(lambda: hours.stack.deploy(wanted), DAY)

    assert [status(request) for request in hours.requests()] == ["SUCCESS"] * 6
    assert [signal["Status"] for signal in signals(hours)] == ["SUCCESS"] * 6
    assert hours.job_states() == ["ACTIVE"] * 6
