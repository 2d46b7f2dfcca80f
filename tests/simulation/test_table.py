# SPDX-License-Identifier: Apache-2.0
"""DynamoDB throttles, refuses, loses replies and writes late: every invariant holds."""

import pytest

from tests.fakes.faults import (
    DENIED,
    DIED_AFTER,
    DIED_BEFORE,
    LOST,
    REPEATED,
    REPLY_LOST,
    THROTTLED,
    UNAVAILABLE,
    Fault,
    delayed,
    lands_late,
    refused,
)
from tests.simulation.scenario import NAME, Scenario, physical_id, status

CALLS = 9
"""Calls of each kind that a quick import makes at most."""

READS = [THROTTLED, UNAVAILABLE, LOST, DIED_BEFORE, DIED_AFTER, delayed(20)]
WRITES = [
    *READS,
    REPLY_LOST,
    lands_late(14),
    lands_late(14, raised_after=1),
    refused("InternalServerError", status=500),
]


@pytest.mark.parametrize("number", range(CALLS))
@pytest.mark.parametrize("fault", READS, ids=str)
def test_any_read_may_fail(scenario: Scenario, fault: Fault, number: int) -> None:
    """One job, one answer."""
    scenario.faults.next("GetItem", *[None] * number, fault)

    request = scenario.deploy(Timeout="600")

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


@pytest.mark.parametrize("number", range(CALLS))
@pytest.mark.parametrize("fault", WRITES, ids=range(len(WRITES)))
def test_any_write_may_fail_or_land_late_or_lose_its_reply(
    scenario: Scenario, fault: Fault, number: int
) -> None:
    """The condition is judged when the write lands, so that it never overwrites a newer one."""
    scenario.faults.next("PutItem", *[None] * number, fault)

    request = scenario.deploy(Timeout="600")

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1
    assert {answer["Status"] for answer in request.answers} == {"SUCCESS"}


@pytest.mark.parametrize("effect", ["GetItem", "PutItem"])
def test_a_table_that_is_throttled_for_two_minutes_fails_no_import(scenario: Scenario, effect: str) -> None:
    """On demand, a table may have to grow first."""
    scenario.faults.always(effect, THROTTLED)
    request = scenario.send("Create")
    scenario.wait(120)
    scenario.faults.always(effect, None)

    scenario.wait(1800)

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


@pytest.mark.parametrize("effect", ["GetItem", "PutItem"])
def test_a_table_that_refuses_an_update_leaves_the_data_and_the_id(scenario: Scenario, effect: str) -> None:
    """Nothing is started for a request that cannot be recorded."""
    created = scenario.deploy()
    scenario.simulation.invariants.denials = True
    scenario.faults.always(effect, DENIED)

    updated = scenario.deploy(Revision="2")

    assert (status(updated), physical_id(updated)) == ("FAILED", physical_id(created))
    assert len(scenario.jobs()) == 1
    scenario.faults.always(effect, None)


def test_a_lease_that_was_written_twice_does_not_end_an_invocation_without_a_schedule(
    scenario: Scenario,
) -> None:
    """The network sends the write twice: the second one conflicts with the first, which is its own."""
    scenario.faults.next("CreateSchedule", LOST)
    scenario.faults.next("PutItem", None, REPEATED)

    request = scenario.deploy(Timeout="600")

    assert status(request) == "SUCCESS"
    assert len(scenario.jobs()) == 1


def test_a_late_schedule_of_a_request_that_is_done_is_deleted_by_its_tick(scenario: Scenario) -> None:
    """CreateSchedule timed out, and the schedule appeared after DeleteSchedule had found none."""
    scenario.faults.next("CreateSchedule", lands_late(14, raised_after=1))

    request = scenario.deploy(Wait="false")
    scenario.wait(120)

    assert status(request) == "SUCCESS"
    assert scenario.schedules() == 0


def test_an_empty_table_is_no_reason_to_import_again(scenario: Scenario) -> None:
    """Restored empty, or of a stack that is older than its records: the names of the jobs decide."""
    scenario.deploy()
    name = scenario.simulation.functions.functions[scenario.stack.service_token].environment["TABLE_NAME"]
    scenario.simulation.dynamodb.make_table(name)

    updated = scenario.deploy(Timeout="1800")

    assert status(updated) == "SUCCESS"
    assert len(scenario.jobs()) == 1
    assert NAME in scenario.stack.resources
