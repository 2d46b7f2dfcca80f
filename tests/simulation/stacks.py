# SPDX-License-Identifier: Apache-2.0
"""A stack of imports, deployed, cancelled, rolled back and deleted as CloudFormation does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulation.invariants import content_of
from tests.simulation.wait_condition import needs_wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulation.cloudformation import CloudFormation, Request
    from tests.simulation.kernel import Kernel
    from tests.simulation.wait_condition import WaitCondition

Properties = dict[str, Any]


@dataclass
class Resource:
    """An import as CloudFormation remembers it."""

    properties: Properties
    physical_id: str


@dataclass
class Step:
    """What CloudFormation does with one resource while it deploys."""

    logical_id: str
    before: Resource | None
    wanted: Properties
    request: Request
    after: Resource | None = None
    """What the resource is once its request is over; None if it is not there."""

    def conclude(self, stack: str) -> bool:
        """Read the outcome, and tell whether it was a success."""
        answer = self.request.answer
        if answer and answer["Status"] == "SUCCESS":
            self.after = Resource(self.wanted, answer["PhysicalResourceId"])
            return True
        made_up = f"{stack}-{self.logical_id}-1ABCDEFGHIJKL"
        answered = answer["PhysicalResourceId"] if answer else made_up
        physical_id = self.before.physical_id if self.before else answered
        self.after = Resource(self.wanted, physical_id)
        return False


class Stack:
    """One stack. Its methods run as part of a task and take as long as CloudFormation does."""

    def __init__(self, kernel: Kernel, cloudformation: CloudFormation, name: str) -> None:
        self.name = name
        self.id = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/0b1e7d80"
        self.resources: dict[str, Resource] = {}
        self.waits: dict[str, list[WaitCondition]] = {}
        """The wait conditions of each import: that of the template, and while deploying a new one."""
        self._kernel = kernel
        self._cloudformation = cloudformation
        self.stuck: list[str] = []
        self.replays = False
        """Whether a failed request is sent again, with the same RequestId."""

    def deploy(
        self,
        wanted: Mapping[str, Properties],
        *,
        another_fails: bool = False,
        cancel_after: float | None = None,
        skip_rollback: bool = False,
    ) -> bool:
        """Create or update the stack so that it holds the wanted imports.

        Args:
            wanted: Properties by logical id.
            another_fails: Some other resource of the stack fails once these are done.
            cancel_after: Seconds after which the user cancels.
            skip_rollback: The user has the rollback skip these resources.

        Returns:
            Whether the stack got there; otherwise it has been rolled back.
        """
        old_waits = {logical_id: list(waits) for logical_id, waits in self.waits.items()}
        wanted = {logical_id: self._with_wait(logical_id, given) for logical_id, given in wanted.items()}
        steps = [self._step(logical_id, properties) for logical_id, properties in wanted.items()]
        sent = [step for step in steps if step]
        if cancel_after is not None:
            for step in sent:
                self._kernel.wait(step.request.signal, cancel_after) if step.request.closed is None else None
                self._cloudformation.give_up(step.request)
        for step in sent:
            answer = self._cloudformation.wait(step.request)
            if self.replays and answer and answer["Status"] == "FAILED":
                step.request = self._cloudformation.send_again(step.request)
                self._cloudformation.wait(step.request)
        answered = [step.conclude(self.name) for step in sent]
        succeeded = all(answered) and self._wait(sent, cancel_after) and not another_fails
        self.waits = {name: waits[-1:] for name, waits in self.waits.items()} if succeeded else old_waits
        if succeeded:
            self._clean_up(sent, wanted)
        elif skip_rollback:
            for step in sent:
                if step.before:
                    self.resources[step.logical_id] = step.before
                elif step.after:
                    self._delete(step.logical_id, step.after)
        else:
            for step in sent:
                self._roll_back(step)
        return succeeded

    def delete(self) -> None:
        """Delete every resource."""
        for logical_id, resource in list(self.resources.items()):
            self._delete(logical_id, resource)
            self.resources.pop(logical_id, None)

    def _with_wait(self, logical_id: str, wanted: Properties) -> Properties:
        """The properties with the handle of a wait condition, a new one for new data."""
        wanted = {key: value for key, value in wanted.items() if key != "WaitConditionHandle"}
        if not needs_wait(wanted):
            return wanted
        waits = self.waits.setdefault(logical_id, [])
        content = content_of(wanted)
        if not waits or waits[-1].content != content:
            waits.append(self._cloudformation.waits.make(content))
        return {**wanted, "WaitConditionHandle": waits[-1].url}

    def _wait(self, steps: list[Step], cancel_after: float | None) -> bool:
        """Wait for the wait conditions, as far as they have not been waited for before."""
        conditions = self._cloudformation.waits
        waiting = [step for step in steps if "WaitConditionHandle" in step.wanted]
        return all(
            [conditions.wait(self.waits[step.logical_id][-1], step.request, cancel_after) for step in waiting]
        )

    def _step(self, logical_id: str, wanted: Properties) -> Step | None:
        before = self.resources.get(logical_id)
        if before is None:
            request = self._cloudformation.send("Create", self.id, logical_id, wanted)
        elif before.properties == wanted:
            return None
        else:
            request = self._update(logical_id, before, wanted)
        return Step(logical_id, before, wanted, request)

    def _update(self, logical_id: str, before: Resource, wanted: Properties) -> Request:
        return self._cloudformation.send(
            "Update",
            self.id,
            logical_id,
            wanted,
            PhysicalResourceId=before.physical_id,
            OldResourceProperties=before.properties,
        )

    def _clean_up(self, steps: list[Step], wanted: Mapping[str, Properties]) -> None:
        for step in steps:
            assert step.after
            self.resources[step.logical_id] = step.after
            if step.before and step.before.physical_id != step.after.physical_id:
                self._delete(step.logical_id, step.before)
        for logical_id in [known for known in self.resources if known not in wanted]:
            self._delete(logical_id, self.resources.pop(logical_id))

    def _roll_back(self, step: Step) -> None:
        assert step.after
        if step.before is None:
            self._delete(step.logical_id, step.after)
            return
        if step.after.physical_id != step.before.physical_id:
            # A replacement is not updated back: CloudFormation takes up the old one again.
            self.resources[step.logical_id] = step.before
            self._delete(step.logical_id, step.after)
            return
        request = self._update(step.logical_id, step.after, step.before.properties)
        answer = self._cloudformation.wait(request)
        back = answer["PhysicalResourceId"] if answer else step.after.physical_id
        self.resources[step.logical_id] = Resource(step.before.properties, back)
        if not answer or answer["Status"] != "SUCCESS":
            self.stuck.append(request.id)
        elif back != step.after.physical_id:
            self._delete(step.logical_id, step.after)

    def _delete(self, logical_id: str, resource: Resource) -> None:
        request = self._cloudformation.send(
            "Delete", self.id, logical_id, resource.properties, PhysicalResourceId=resource.physical_id
        )
        answer = self._cloudformation.wait(request)
        if not answer or answer["Status"] != "SUCCESS":
            self.stuck.append(request.id)
