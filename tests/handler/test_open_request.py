# SPDX-License-Identifier: Apache-2.0
"""Two invocations that deliver for one request at the same time."""

from dataclasses import replace
from typing import Any

from dataset_import.event import SignalState
from dataset_import.open_request import OpenRequest
from dataset_import.record import Record, delivered
from tests.fakes.kernel import Kernel
from tests.handler.test_record import SUCCESS
from tests.handler.test_table import Recorded, new

SIGNAL = {"Status": "SUCCESS", "UniqueId": "job-1"}


class NoSchedules:
    """Schedules that may not be stopped, because the request goes on."""

    def stop(self, *_: Any) -> None:
        raise AssertionError("the schedule is still needed")


def opened(recorded: Recorded, record: Record) -> OpenRequest:
    """The request in one invocation."""
    clock = Kernel()
    schedules: Any = NoSchedules()
    return OpenRequest(record, recorded.table, schedules, clock, clock.time() + 180, is_tick=True)


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
