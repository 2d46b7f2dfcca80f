# SPDX-License-Identifier: Apache-2.0
"""The schedules that tick for a record: they hold its key and nothing else, and end by themselves."""

import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from dataset_import.errors import ErrorKind, PollingError
from dataset_import.schedules import (
    FIRST_TICK,
    LIFE,
    TICK,
    Schedules,
    schedule_name,
    seconds_to_first_tick,
)
from tests.fakes.clients import Client
from tests.fakes.faults import Script, error
from tests.fakes.journal import Journal
from tests.fakes.kernel import START, Kernel
from tests.fakes.scheduler import Scheduler

KEY = "stack/Interactions"
NAME = schedule_name(KEY, "0" * 32)


class Group:
    """A schedule group over the fake of EventBridge Scheduler, whose ticks are recorded."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.ticks: list[tuple[float, str, str]] = []
        self.calls: list[dict[str, Any]] = []
        self.broken: Exception | None = None
        self.scheduler = Scheduler(self.kernel, Script(), Journal(self.kernel), self._invoke)
        self.scheduler.groups["shop"] = {}
        self.schedules = Schedules(
            lambda: Client("scheduler", self._call),  # type: ignore[arg-type,return-value]
            group="shop",
            role_arn="arn:aws:iam::123456789012:role/schedules",
            function_arn="arn:aws:lambda:us-east-1:123456789012:function:handler",
        )

    @property
    def names(self) -> list[str]:
        """The names of the schedules."""
        return [schedule.name for schedule in self.scheduler.schedules()]

    def _invoke(self, function_arn: str, payload: str) -> None:
        self.ticks.append((self.kernel.now - START, function_arn, payload))

    def _call(self, operation: str, params: dict[str, Any]) -> Any:
        if self.broken:
            raise self.broken
        self.calls.append(params)
        return self.scheduler.call(operation, params)


@pytest.fixture
def group() -> Group:
    """Make an empty group."""
    return Group()


def test_a_schedule_ticks_every_minute_with_the_key_of_its_record(group: Group) -> None:
    """And with nothing else: it holds no event, no URL and no state."""
    group.schedules.start(NAME, KEY, START)

    group.kernel.run(START + 200)

    times = [round(when) for when, _, _ in group.ticks]
    assert [later - earlier for earlier, later in pairwise(times)] == [60, 60]
    assert FIRST_TICK <= times[0] < FIRST_TICK + TICK
    assert {function_arn.rsplit(":", 1)[1] for _, function_arn, _ in group.ticks} == {"handler"}
    assert {payload for _, _, payload in group.ticks} == {json.dumps({"RecordKey": KEY})}


def test_a_schedule_ends_by_itself(group: Group) -> None:
    """The function may be gone."""
    group.schedules.start(NAME, KEY, START)

    group.kernel.run(START + LIFE + 120)

    assert group.names == []
    assert group.ticks[-1][0] <= LIFE


def test_a_schedule_that_exists_is_left_as_it_is(group: Group) -> None:
    """An invocation that died may have made it."""
    group.schedules.start(NAME, KEY, START)
    group.schedules.start(NAME, KEY, START)

    assert group.names == [NAME]


def test_schedules_are_stopped_as_far_as_they_exist(group: Group) -> None:
    """That of the request, and those of requests that it has superseded."""
    group.schedules.start(NAME, KEY, START)

    group.schedules.stop(KEY, ["1" * 32, "0" * 32])

    assert group.names == []


def test_a_schedule_that_cannot_be_deleted_does_not_matter(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    """Its next tick deletes it, or it ends by itself."""
    group.schedules.start(NAME, KEY, START)
    group.broken = error("ThrottlingException", "Rate exceeded")

    group.schedules.stop(KEY, ["0" * 32])

    assert group.names == [NAME]
    assert "Rate exceeded" in caplog.text


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", ErrorKind.REFUSED), ("ResourceNotFoundException", ErrorKind.NOT_FOUND)],
)
def test_a_schedule_that_cannot_be_made_is_an_error_of_the_scheduler(
    group: Group, code: str, kind: ErrorKind
) -> None:
    """The request cannot be followed."""
    group.broken = error(code)

    with pytest.raises(PollingError) as caught:
        group.schedules.start(NAME, KEY, START)

    assert (caught.value.service, caught.value.kind) == ("EventBridge Scheduler", kind)


def test_each_request_has_a_schedule_of_its_own() -> None:
    """A late delete for one cannot stop the polling of the next."""
    names = {schedule_name(key, request) for key in ("a", "b") for request in ("0" * 32, "1" * 32)}

    assert len(names) == 4
    assert all(re.fullmatch(r"[0-9a-f-]{1,64}", name) for name in names)


def test_requests_that_wait_tick_each_at_a_second_of_its_own() -> None:
    """So that one of them soon sees a free place."""
    first = [seconds_to_first_tick(schedule_name(f"key-{number}", "0" * 32), START) for number in range(200)]

    assert all(FIRST_TICK <= seconds < FIRST_TICK + TICK for seconds in first)
    assert len(set(first)) > 50


def test_the_second_of_a_schedule_stays_the_same() -> None:
    """An invocation computes when the next tick is due."""
    early = START + seconds_to_first_tick(NAME, START)
    late = START + 17 + seconds_to_first_tick(NAME, START + 17)

    assert (late - early) % TICK == 0


def test_a_schedule_ticks_every_minute_at_exact_times_and_ends_by_itself() -> None:
    """The dates have a zone, because the SDK takes others for local time. A lost tick is not retried."""
    group = Group()

    group.schedules.start(NAME, KEY, START)

    first = START + seconds_to_first_tick(NAME, START)
    assert group.calls == [
        {
            "GroupName": "shop",
            "Name": NAME,
            "ScheduleExpression": "rate(1 minute)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "StartDate": datetime.fromtimestamp(first, UTC),
            "EndDate": datetime.fromtimestamp(START + LIFE, UTC),
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": "arn:aws:lambda:us-east-1:123456789012:function:handler",
                "RoleArn": "arn:aws:iam::123456789012:role/schedules",
                "Input": json.dumps({"RecordKey": KEY}),
                "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
            },
        }
    ]
