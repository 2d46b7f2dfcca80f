# SPDX-License-Identifier: Apache-2.0
"""EventBridge Scheduler: CreateSchedule and DeleteSchedule, and ticks at a rate until a schedule ends."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.faults import Kind, error

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.faults import Faults
    from tests.fakes.journal import Journal
    from tests.fakes.kernel import Kernel

COMPLETION = 5.0
"""Seconds from the end of a schedule until it is deleted."""

NAME = re.compile(r"[0-9a-f-]{1,64}")
EXPRESSION = re.compile(r"rate\((\d+) minutes?\)")


@dataclass
class Schedule:
    """A schedule: its parameters, and its times in seconds."""

    params: dict[str, Any]
    starts: float
    ends: float
    rate: float

    @property
    def name(self) -> str:
        """The schedule's name."""
        return str(self.params["Name"])

    @property
    def input(self) -> str:
        """What the function is invoked with, as JSON."""
        return str(self.params["Target"]["Input"])

    @property
    def record_key(self) -> str:
        """The key of the record that the schedule ticks for."""
        return str(json.loads(self.input)["RecordKey"])


class Scheduler:
    """The schedules of one account and region.

    Args:
        kernel: The clock.
        faults: Decides which ticks come late, twice or never.
        journal: Records the faults.
        invoke: Invokes a function, by its ARN, with an input.

    Attributes:
        ticks: How many ticks there have been.
    """

    def __init__(
        self, kernel: Kernel, faults: Faults, journal: Journal, invoke: Callable[[str, str], None]
    ) -> None:
        self._kernel = kernel
        self._faults = faults
        self._journal = journal
        self._invoke = invoke
        self.groups: dict[str, dict[str, Schedule]] = {}
        self.ticks = 0

    def schedules(self) -> list[Schedule]:
        """Return every schedule of every group."""
        return [schedule for group in self.groups.values() for schedule in group.values()]

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Perform an operation as boto3 does, with errors as boto3 raises them."""
        group, name = self.groups.get(params["GroupName"]), params["Name"]
        assert NAME.fullmatch(name), name
        if group is None:
            raise error(
                "ResourceNotFoundException", f"Schedule group {params['GroupName']} does not exist.", 404
            )
        if operation == "DeleteSchedule":
            if name not in group:
                raise error("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)
            del group[name]
            return {}
        assert operation == "CreateSchedule", f"the handler has no permission for {operation}"
        if name in group:
            raise error("ConflictException", f"Schedule {name} already exists.", 409)
        self._create(group, params)
        return {"ScheduleArn": f"arn:aws:scheduler:us-east-1:123456789012:schedule/{name}"}

    def _create(self, group: dict[str, Schedule], params: dict[str, Any]) -> None:
        rate = EXPRESSION.fullmatch(params["ScheduleExpression"])
        assert rate, params["ScheduleExpression"]
        assert params["ActionAfterCompletion"] == "DELETE"
        assert params["Target"]["RoleArn"]
        assert set(json.loads(params["Target"]["Input"])) == {"RecordKey"}
        starts = params["StartDate"].timestamp() if "StartDate" in params else self._kernel.now
        schedule = Schedule(params, starts, params["EndDate"].timestamp(), 60.0 * int(rate[1]))
        if schedule.ends <= self._kernel.now:
            raise error("ValidationException", "The EndDate you specify cannot be in the past.")
        group[schedule.name] = schedule
        self._plan(group, schedule, max(schedule.starts, self._kernel.now))

    def _plan(self, group: dict[str, Schedule], schedule: Schedule, due: float) -> None:
        def tick() -> None:
            if group.get(schedule.name) is schedule:
                self._tick(schedule)
                self._plan(group, schedule, due + schedule.rate)

        def complete() -> None:
            if group.get(schedule.name) is schedule:
                del group[schedule.name]

        if due > schedule.ends:
            self._kernel.at(schedule.ends + COMPLETION, complete)
        else:
            self._kernel.at(due, tick)

    def _tick(self, schedule: Schedule) -> None:
        self.ticks += 1
        key, target, payload = schedule.record_key, schedule.params["Target"]["Arn"], schedule.input
        fault = self._faults.draw(key, "Tick")
        if fault:
            self._journal.fault(key, str(fault), "Tick")
        if fault and fault.kind is Kind.SKIPPED:
            return
        late = fault.seconds if fault else 0.0
        if fault and fault.kind is Kind.REPEATED:
            self._kernel.after(late, lambda: self._invoke(target, payload))
            late = 0.0
        self._kernel.after(late, lambda: self._invoke(target, payload))
