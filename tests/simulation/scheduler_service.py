# SPDX-License-Identifier: Apache-2.0
"""EventBridge Scheduler: schedules in groups, which invoke a function at a rate until they end."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.simulation.faults import Kind, error

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.faults import Faults
    from tests.simulation.journal import Journal
    from tests.simulation.kernel import Kernel

COMPLETION = 5.0
"""Seconds after which a schedule that has ended is deleted."""


@dataclass
class Schedule:
    """A schedule as its maker described it, with its times in seconds."""

    params: dict[str, Any]
    starts: float
    ends: float
    rate: float

    @property
    def event(self) -> dict[str, Any]:
        """What the function is invoked with."""
        event: dict[str, Any] = json.loads(self.params["Target"]["Input"])
        return event


class SchedulerService:
    """One account's schedules.

    Args:
        kernel: Tells and passes time.
        faults: Decides which ticks come late, twice or never.
        journal: Takes note.
        invoke: Invokes a function, by its ARN, with an input.
    """

    def __init__(
        self, kernel: Kernel, faults: Faults, journal: Journal, invoke: Callable[[str, str], None]
    ) -> None:
        self._kernel = kernel
        self._faults = faults
        self._journal = journal
        self._invoke = invoke
        self.groups: dict[str, dict[str, Schedule]] = {}

    def schedules(self) -> list[Schedule]:
        """Every schedule of every group."""
        return [schedule for group in self.groups.values() for schedule in group.values()]

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Call the API, in boto3's shapes."""
        group = self.groups.get(params["GroupName"])
        name = params["Name"]
        assert re.fullmatch(r"[0-9a-zA-Z-_.]{1,64}", name)
        if group is None:
            raise error(
                "ResourceNotFoundException", f"Schedule group {params['GroupName']} does not exist.", 404
            )
        if operation == "CreateSchedule":
            if name in group:
                raise error("ConflictException", f"Schedule {name} already exists.", 409)
        elif name not in group:
            raise error("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)
        if operation == "GetSchedule":
            return dict(group[name].params)
        if operation == "DeleteSchedule":
            del group[name]
            return {}
        self._put(group, name, params)
        return {"ScheduleArn": name}

    def _put(self, group: dict[str, Schedule], name: str, params: dict[str, Any]) -> None:
        assert params["ActionAfterCompletion"] == "DELETE"
        assert len(params["Target"]["Input"]) <= 256 * 1024
        rate = re.fullmatch(r"rate\((\d+) minutes?\)", params["ScheduleExpression"])
        assert rate
        schedule = Schedule(
            params, params["StartDate"].timestamp(), params["EndDate"].timestamp(), 60.0 * int(rate[1])
        )
        assert schedule.ends > self._kernel.now, "the service refuses an end that has passed"
        group[name] = schedule
        self._arm(group, name, schedule, max(schedule.starts, self._kernel.now))

    def _arm(self, group: dict[str, Schedule], name: str, schedule: Schedule, due: float) -> None:
        def tick() -> None:
            if group.get(name) is not schedule:
                return
            self._tick(schedule)
            self._arm(group, name, schedule, due + schedule.rate)

        def complete() -> None:
            if group.get(name) is schedule:
                del group[name]

        if due > schedule.ends:
            self._kernel.at(schedule.ends + COMPLETION, complete)
        else:
            self._kernel.at(due, tick)

    def _tick(self, schedule: Schedule) -> None:
        request = schedule.event["RequestId"]
        fault = self._faults.draw(request, "Tick")
        due = datetime.fromtimestamp(self._kernel.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        target = schedule.params["Target"]["Arn"]
        payload = schedule.params["Target"]["Input"].replace("<aws.scheduler.scheduled-time>", due)
        if fault:
            self._journal.fault(request, str(fault.kind.value), "Tick")
        if fault and fault.kind is Kind.SKIPPED:
            return
        late = fault.seconds if fault else 0.0
        self._kernel.after(late, lambda: self._invoke(target, payload))
        if fault and fault.kind is Kind.REPEATED:
            self._kernel.after(late + fault.seconds, lambda: self._invoke(target, payload))
