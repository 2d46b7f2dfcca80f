# SPDX-License-Identifier: Apache-2.0
"""The writes of an open request: invocations that write at the same time, and writes that fail."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dataset_import.errors import PROPAGATION
from dataset_import.event import SignalState
from dataset_import.open_request import OpenRequest, SupersededError
from dataset_import.record import Record, delivered
from dataset_import.schedules import TICK
from dataset_import.table import ConflictError
from tests.fakes.faults import NETWORK, THROTTLED
from tests.fakes.kernel import START, Kernel
from tests.handler.records import FAILED, SUCCESS, Recorded, new, record, request
from tests.handler.world import World

SIGNAL = {"Status": "SUCCESS", "UniqueId": "job-1"}
TIME_LEFT = 180.0
LAST_WRITE = START + TIME_LEFT - 10.0
"""When an invocation stops to write down what it has decided, so that it has time to send it."""


class NoSchedules:
    """Schedules that may not be stopped, because the request goes on."""

    def stop(self, *_: Any) -> None:
        raise AssertionError("the schedule is still needed")


def opened(recorded: Recorded, record: Record, clock: Kernel | None = None) -> OpenRequest:
    """The request in one invocation."""
    clock = clock or Kernel()
    schedules: Any = NoSchedules()
    return OpenRequest(record, recorded.table, schedules, clock, clock.time() + TIME_LEFT, is_tick=True)


def poll_until_superseded(request: OpenRequest, look: Callable[[], float]) -> bool:
    """Whether polling ends because there is nothing more to do for the request."""
    try:
        request.poll(look)
    except SupersededError:
        return True
    return False


def decided(recorded: Recorded, record: Record) -> Mapping[str, Any] | None:
    """What an invocation delivers that has decided to answer with a success."""
    clock, results = Kernel(), list[Mapping[str, Any] | None]()
    open_request = opened(recorded, record, clock)
    clock.start(lambda: results.append(open_request.decide(SUCCESS, is_signal=record.answered)))
    clock.run()
    [result] = results
    return result


def test_an_answer_that_was_delivered_twice_does_not_conclude_the_signal() -> None:
    """The other invocation has concluded the answer and decided the signal, which is not delivered yet."""
    recorded = Recorded()
    answered = recorded.table.write(new(decided=SUCCESS, signal=SignalState.DUE, has_schedule=True))
    slow = opened(recorded, answered)
    concluded = recorded.table.write(delivered(answered, goes_on=True, deadline=9e9, now=0.0))
    recorded.table.write(replace(concluded, decided=SIGNAL))

    slow.conclude(goes_on=True, deadline=9e9)

    stored = recorded.table.read("key")
    assert stored
    assert (stored.is_open, stored.decided) == (True, SIGNAL)
    assert slow.record == stored


@pytest.mark.parametrize("signal", [None, SIGNAL], ids=["undecided", "decided"])
def test_an_answer_is_not_taken_for_the_signal_that_follows_it(signal: dict[str, str] | None) -> None:
    """The event came twice, and the other invocation has answered while this one polled."""
    recorded = Recorded()
    own = recorded.table.write(new(decided=SUCCESS, signal=SignalState.DUE, has_schedule=True))
    slow = opened(recorded, own)
    answered = recorded.table.write(delivered(own, goes_on=True, deadline=9e9, now=0.0))
    stored = recorded.table.write(replace(answered, decided=signal))
    with pytest.raises(ConflictError):
        slow.write(replace(own, leased_until=1.0))

    assert slow.decide(SUCCESS, is_signal=False) is None
    assert recorded.table.read("key") == stored


@pytest.mark.parametrize(
    "stored",
    [
        record(request("r2"), version=1),
        record(request("r1"), version=1, event=None),
        record(request("r2"), version=1, event=None),
        None,
    ],
    ids=["a newer request", "done", "a newer request that is done", "gone"],
)
def test_a_request_whose_record_is_no_longer_its_own_writes_nothing(stored: Record | None) -> None:
    """Otherwise this invocation would go on with the request of another, or with one that is done."""
    recorded = Recorded()
    own = recorded.table.write(new())
    slow = opened(recorded, own)
    if stored:
        recorded.table.write(stored)
    else:
        recorded.dynamodb.make_table("shop")

    with pytest.raises(SupersededError):
        slow.write(replace(own, job_name="job-1"))

    found = recorded.table.read("key")
    assert slow.record == own
    assert found == (stored and replace(stored, version=2))


def test_a_request_that_another_invocation_has_written_for_goes_on_from_there() -> None:
    """Both work on the same request."""
    recorded = Recorded()
    own = recorded.table.write(new())
    slow = opened(recorded, own)
    written = recorded.table.write(replace(own, job_name="job-1"))

    with pytest.raises(ConflictError):
        slow.write(replace(own, job_name="job-2"))

    assert slow.record == recorded.table.read("key") == written


def test_a_request_that_another_invocation_has_decided_is_looked_at_no_more() -> None:
    """Otherwise this one might start a job after the failure has been answered."""
    recorded, looks, clock = Recorded(), list[str](), Kernel()
    own = recorded.table.write(new(has_schedule=True, deadline=START + 3480))
    slow = opened(recorded, own, clock)
    recorded.table.write(replace(own, decided=FAILED))

    def look() -> float:
        looks.append("look")
        slow.write(replace(slow.record, job_name="job-1"))
        return 60.0

    clock.start(lambda: looks.append(f"ended: {poll_until_superseded(slow, look)}"))
    clock.run()

    assert looks == ["look", "ended: True"]


@pytest.mark.parametrize(
    ("has_schedule", "deadline", "is_delivered"),
    [
        (False, LAST_WRITE + 3000, True),
        (True, LAST_WRITE + 3000, False),
        (True, LAST_WRITE + 1.5 * TICK + 1, False),
        (True, LAST_WRITE + 1.5 * TICK - 1, True),
        (True, LAST_WRITE - 60, True),
    ],
    ids=["nothing ticks", "ticks follow", "one tick follows in time", "no tick in time", "late"],
)
def test_an_answer_that_cannot_be_recorded_is_delivered_by_the_last_that_can(
    has_schedule: bool, deadline: float, is_delivered: bool
) -> None:
    """A later invocation might decide otherwise, so it is left to that one while there is one."""
    recorded = Recorded()
    written = recorded.table.write(new(has_schedule=has_schedule, deadline=deadline))
    recorded.broken = NETWORK

    assert decided(recorded, written) == (SUCCESS if is_delivered else None)


def test_a_schedule_that_is_denied_to_an_old_request_fails_it_at_once(world: World) -> None:
    """A policy that is new by then has propagated."""
    status, seconds = world.deny_to_an_old_create("CreateSchedule")

    assert status == "FAILED"
    assert seconds < 5


def test_a_schedule_that_is_throttled_for_an_old_request_is_tried_again(world: World) -> None:
    """The age of a request says nothing about an error that passes."""
    world.faults.next("CreateSchedule", THROTTLED, THROTTLED, THROTTLED)
    create = world.event("Create", ResponseURL=world.sent(seconds_ago=PROPAGATION + 10))

    assert world.run(create)["Status"] == "SUCCESS"
