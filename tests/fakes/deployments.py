# SPDX-License-Identifier: Apache-2.0
"""A deployment of stacks in the order in which CloudFormation works.

Creates and Updates come first. After a success the removed and replaced resources get a Delete. After a
failure the updated resources get an Update to their old properties, then the new resources get a Delete, and
the removed ones get nothing. With `--no-rollback` nothing follows a failure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.stacks import Resource, content_of
from tests.fakes.wait_conditions import needs_wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.account import Account
    from tests.fakes.cloudformation import Request
    from tests.fakes.stacks import Properties, Stack, Template
    from tests.fakes.wait_conditions import WaitCondition


@dataclass(eq=False)
class Step:
    """What a deployment does with one resource. `after` is the resource once its request is over."""

    stack: Stack
    logical_id: str
    before: Resource | None
    wanted: Properties
    request: Request
    after: Resource | None = None

    def conclude(self) -> None:
        """Read the outcome of the request."""
        answer = self.request.answer
        if answer and self.request.succeeded:
            self.after = Resource(self.wanted, answer["PhysicalResourceId"])
            return
        made_up = f"{self.stack.name}-{self.logical_id}-1ABCDEFGHIJKL"
        answered = answer["PhysicalResourceId"] if answer else made_up
        physical_id = self.before.physical_id if self.before else answered
        self.after = Resource(self.wanted, physical_id, failed=self.before is None)

    @property
    def is_replacement(self) -> bool:
        """Whether an Update has answered another physical id."""
        return bool(self.before and self.after and self.before.physical_id != self.after.physical_id)


@dataclass(eq=False)
class Deployment:
    """One deployment of a root stack with its nested stacks. `run` is part of a task.

    Attributes:
        wanted: Each stack's template; None for a nested stack that its parent's template no longer has.
        another_fails: Another resource of the stacks fails once these are done.
        cancel_after: Seconds after which the user cancels.
        delete_instead: After `cancel_after` the user deletes the stacks, rather than cancels.
        skip_rollback: The user has the rollback skip the updated resources.
        no_rollback: The user deploys with `--no-rollback`.
        before: Each stack's template before the deployment.
        requests: Every request of the deployment, in order.
        outcome: `complete`, `rolled back`, `rollback failed`, `rollback skipped`, `failed` or `deleted`.
    """

    account: Account
    wanted: Mapping[Stack, Template | None]
    another_fails: bool = False
    cancel_after: float | None = None
    delete_instead: bool = False
    skip_rollback: bool = False
    no_rollback: bool = False
    before: dict[Stack, Template] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    outcome: str = ""
    began: float = 0.0
    ended: float = float("inf")
    _steps: list[Step] = field(default_factory=list)
    _new: set[str] = field(default_factory=set)
    _old_waits: dict[str, dict[str, list[WaitCondition]]] = field(default_factory=dict)

    def run(self) -> bool:
        """Deploy, and return whether the stacks hold what is wanted."""
        self.began = self.account.kernel.now
        self.before = {stack: stack.template for stack in self.wanted}
        for stack, template in self.wanted.items():
            if template is not None:
                self._begin(stack)
        self._journal_beginning()
        self.account.observer.deployment_began(self)
        succeeded = self._change()
        if succeeded:
            self._clean_up()
            self.outcome = "complete"
        elif self.delete_instead:
            self._delete_all()
            self.outcome = "deleted"
        elif self.no_rollback:
            self._leave()
            self.outcome = "failed"
        else:
            self._roll_back()
        self.ended = self.account.kernel.now
        self.account.journal.note("deployment", f"ends: {self.outcome}")
        self.account.observer.deployment_ended(self)
        return succeeded

    def _journal_beginning(self) -> None:
        for stack, template in self.wanted.items():
            for logical_id, properties in (template or {}).items():
                content = " ".join(str(part) for part in content_of(properties)[:3])
                revision = properties.get("Revision", "")
                self.account.journal.note("deployment", f"{stack.name}/{logical_id}: {content} {revision}")

    # Creates and Updates

    def _begin(self, stack: Stack) -> None:
        if stack.is_made:
            stack.status = "UPDATE_IN_PROGRESS"
        else:
            self.account.create(stack)
            self._new.add(stack.id)
        self._old_waits[stack.id] = {name: list(waits) for name, waits in stack.waits.items()}

    def _change(self) -> bool:
        """Create and update, the additions to a dataset after what replaces its data."""
        given = [
            (stack, logical_id, {**properties, "ServiceToken": stack.service_token})
            for stack, template in self.wanted.items()
            for logical_id, properties in (template or {}).items()
        ]
        added = [each for each in given if each[2].get("ImportMode") == "INCREMENTAL"]
        first = [each for each in given if each not in added]
        for group in (first, added):
            if not self._change_together(group):
                return False
        return not self.another_fails

    def _change_together(self, given: list[tuple[Stack, str, Properties]]) -> bool:
        sent = []
        for stack, logical_id, properties in given:
            step = self._step(stack, logical_id, self._with_wait(stack, logical_id, properties))
            if step:
                sent.append(step)
                self._steps.append(step)
        self._wait([step.request for step in sent])
        for step in sent:
            if step.stack.replays and step.request.answer and not step.request.succeeded:
                step.request = self._note(self.account.cloudformation.send_again(step.request))
        self._wait([step.request for step in sent])
        for step in sent:
            step.conclude()
        succeeded = all(step.request.succeeded for step in sent)
        return succeeded and self._wait_for_signals(sent)

    def _step(self, stack: Stack, logical_id: str, wanted: Properties) -> Step | None:
        before = stack.resources.get(logical_id)
        if before and before.failed:
            stack.delete_resource(logical_id, stack.resources.pop(logical_id), self)
            before = None
        if before is None:
            request = self._send("Create", stack, logical_id, wanted)
        elif before.properties == wanted:
            return None
        else:
            request = self._update(stack, logical_id, before, wanted)
        return Step(stack, logical_id, before, wanted, request)

    def _with_wait(self, stack: Stack, logical_id: str, given: Properties) -> Properties:
        """The properties with the handle of a wait condition, a new one for new data."""
        given = {key: value for key, value in given.items() if key != "WaitConditionHandle"}
        if not needs_wait(given):
            return given
        waits = stack.waits.setdefault(logical_id, [])
        content = content_of(given)
        if not waits or waits[-1].content != content:
            waits.append(self.account.cloudformation.waits.make(content))
        return {**given, "WaitConditionHandle": waits[-1].url}

    def _wait(self, requests: list[Request]) -> None:
        """Wait for every answer. The first failure cancels what is still under way, as the user may."""
        cloudformation, kernel = self.account.cloudformation, self.account.kernel
        cancelled_at = self.began + (float("inf") if self.cancel_after is None else self.cancel_after)
        while waiting := [request for request in requests if request.closed is None]:
            has_failed = any(request.answer and not request.succeeded for request in requests)
            if has_failed or kernel.now >= cancelled_at:
                for request in waiting:
                    cloudformation.give_up(request)
                return
            until = min(cancelled_at, *(request.patience_ends for request in waiting))
            kernel.wait([request.signal for request in waiting], until - kernel.now)
            for request in waiting:
                cloudformation.check_patience(request)

    def _wait_for_signals(self, steps: list[Step]) -> bool:
        """Wait for the wait conditions, as far as they have not been waited for before."""
        conditions = self.account.cloudformation.waits
        waiting = [step for step in steps if "WaitConditionHandle" in step.wanted]
        return all(
            [
                conditions.wait(step.stack.waits[step.logical_id][-1], step.request, self.cancel_after)
                for step in waiting
            ]
        )

    # After a success

    def _clean_up(self) -> None:
        for stack, template in self.wanted.items():
            if template is not None and stack.id not in self._new:
                stack.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
            stack.waits = {name: waits[-1:] for name, waits in stack.waits.items()}
        replaced = [(step.stack, step.logical_id, step.before) for step in self._steps if step.is_replacement]
        for step in self._steps:
            assert step.after
            step.stack.resources[step.logical_id] = step.after
        for stack, logical_id, resource in replaced:
            assert resource
            stack.delete_resource(logical_id, resource, self)
        for stack, template in self.wanted.items():
            if template is None:
                stack.delete(self)
                continue
            for logical_id in [known for known in stack.resources if known not in template]:
                stack.delete_resource(logical_id, stack.resources.pop(logical_id), self)
            stack.status = "CREATE_COMPLETE" if stack.id in self._new else "UPDATE_COMPLETE"

    # After a failure

    def _roll_back(self) -> None:
        self._restore_waits()
        root_is_new = any(stack.id in self._new and not stack.parent for stack in self.wanted)
        updated = [step for step in self._steps if step.before]
        self.outcome = "rollback skipped" if self.skip_rollback else "rolled back"
        for stack in self._old_stacks():
            stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        if not self.skip_rollback and not self._update_back(updated):
            self.outcome = "rollback failed"
        for step in updated:
            assert step.before
            step.stack.resources[step.logical_id] = step.before
        for stack in self._old_stacks():
            stack.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
        for stack in self.wanted:
            if stack.id in self._new:
                stack.status = "DELETE_IN_PROGRESS" if stack.parent else "ROLLBACK_IN_PROGRESS"
        for step in reversed(self._steps):
            assert step.after
            if step.before is None or step.is_replacement:
                step.stack.delete_resource(step.logical_id, step.after, self)
        for stack in self.wanted:
            if stack.id in self._new:
                self.account.drop(stack, "DELETE_COMPLETE" if stack.parent else "ROLLBACK_COMPLETE")
        for stack in self._old_stacks():
            stack.status = "UPDATE_ROLLBACK_COMPLETE"
        assert not root_is_new or not updated

    def _update_back(self, steps: list[Step]) -> bool:
        """Update to the old properties; a replacement gets no Update, CloudFormation takes up the old one."""
        sent = []
        for step in steps:
            if not step.is_replacement:
                assert step.before
                assert step.after
                request = self._update(step.stack, step.logical_id, step.after, step.before.properties)
                sent.append((step, request))
        for step, request in sent:
            self.account.cloudformation.wait(request)
            if not request.succeeded:
                step.stack.stuck.append(request.id)
        return all(request.succeeded for _, request in sent)

    def _leave(self) -> None:
        """Leave everything as it is, as with `--no-rollback`."""
        self._restore_waits()
        for step in self._steps:
            assert step.after
            has_failed = not step.request.succeeded
            kept = step.before if has_failed and step.before else step.after
            step.stack.resources[step.logical_id] = kept
        for stack in self.wanted:
            stack.status = "CREATE_FAILED" if stack.id in self._new else "UPDATE_FAILED"

    def _delete_all(self) -> None:
        for step in self._steps:
            assert step.after
            step.stack.resources[step.logical_id] = step.after
        for stack in reversed(list(self.wanted)):
            if stack.is_made:
                stack.delete(self)

    def _restore_waits(self) -> None:
        for stack in self.wanted:
            if stack.id in self._old_waits:
                stack.waits = self._old_waits[stack.id]

    def _old_stacks(self) -> list[Stack]:
        return [stack for stack in self.wanted if stack.is_made and stack.id not in self._new]

    # Requests

    def _update(self, stack: Stack, logical_id: str, before: Resource, wanted: Properties) -> Request:
        return self._send(
            "Update",
            stack,
            logical_id,
            wanted,
            PhysicalResourceId=before.physical_id,
            OldResourceProperties=before.properties,
        )

    def _send(
        self, request_type: str, stack: Stack, logical_id: str, properties: Properties, **more: object
    ) -> Request:
        return self._note(
            self.account.cloudformation.send(request_type, stack.id, logical_id, properties, **more)
        )

    def _note(self, request: Request) -> Request:
        self.requests.append(request)
        return request
