# SPDX-License-Identifier: Apache-2.0
"""One create or update of a stack. Resources that do not depend on each other run in parallel."""

import asyncio
import contextlib
import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core.concurrency import run_reentrant
from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, provisioners, stacks

from . import interruptions

AT_ONCE = 10
"""The most custom resources in parallel, because each runs a process. The real limit is not documented."""

CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
REPLACED = "Requested update requires the creation of a new physical resource; hence creating one."


@dataclass(frozen=True)
class Calls:
    """The functions of ministack that create or update a resource, and record an event."""

    provision: Callable[..., Any]
    update: Callable[..., Any]
    add_event: Callable[..., None]


class Deployment:
    """One create or update, which runs before ministack's own sequential one.

    Args:
        stack_name: The stack's name.
        template: The template that is deployed.
        parameters: The values of its parameters.
        previous: The stack before the update; None for a create.
        calls: The functions of ministack.
    """

    def __init__(
        self, stack_name: str, template: dict[str, Any], parameters: Any, previous: Any, calls: Calls
    ) -> None:
        self.definitions: dict[str, Any] = template.get("Resources", {})
        self.ended: list[str] = []
        """The logical ids of complete resources in order of completion, then that of the first failure."""
        self._name, self._calls = stack_name, calls
        self._stack = cloudformation._stacks[stack_name]
        self._previous: dict[str, Any] = previous or {}
        self._conditions = engine._evaluate_conditions(template, parameters)
        self._where = (
            parameters, self._conditions, template.get("Mappings", {}), stack_name, self._stack["StackId"]
        )  # fmt: skip
        self._unchanged = (template, parameters) == (
            self._previous.get("_template"),
            self._previous.get("_resolved_params"),
        )
        self._failed: list[str] = []
        self._results: dict[str, tuple[Any, list[Any]]] = {}
        self._shown: set[str] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)

    def can_begin(self) -> bool:
        """Whether ministack accepts the template as a whole."""
        owned = {made["PhysicalResourceId"] for made in self._previous.get("_resources", {}).values()}
        try:
            order = engine._topological_sort(self.definitions, self._conditions)
        except ValueError:
            return False
        unchecked = self._stack.get("_disable_validation")
        return bool(
            unchecked
            or not stacks._validation_errors(self.definitions, order, *self._where, frozenset(owned))
        )

    async def run(self) -> None:
        """Create or update all resources. After a failure or an interruption, start no further one."""
        tasks: dict[str, asyncio.Task[None]] = {}
        for logical_id in engine._topological_sort(self.definitions, self._conditions):
            needed = engine._extract_deps(self.definitions[logical_id], set(tasks))
            before = [tasks[name] for name in needed]
            tasks[logical_id] = asyncio.create_task(self._make_after(before, logical_id))
        interrupting = asyncio.create_task(self._interrupt())
        await asyncio.gather(*tasks.values())
        interrupting.cancel()
        self.ended += self._failed[:1]
        self._shown = set(self.ended)

    def take(self, logical_id: str) -> Any:
        """Return the result of a resource, or raise its error."""
        result, deletes = self._results.pop(logical_id)
        if isinstance(result, Exception):
            raise result
        later = provisioners._DEFERRED_PREDECESSOR_DELETES.get()
        if later is not None:
            later.extend(deletes)
        return result

    def has_shown(self, stack_name: str, logical_id: str, status: str) -> bool:
        """Whether an event of the resource is already recorded, or must not be recorded."""
        ours = stack_name == self._name and logical_id in self._shown
        if ours and status.endswith(("_COMPLETE", "_FAILED")):
            self._shown.discard(logical_id)
        return ours

    def _is_stopped(self) -> bool:
        return bool(self._failed) or interruptions.is_interrupted(self._name)

    async def _interrupt(self) -> None:
        while True:
            await asyncio.sleep(interruptions.LOOK_AGAIN)
            if self._is_stopped():
                interruptions.end_waits(self._name)

    async def _make_after(self, before: list[asyncio.Task[None]], logical_id: str) -> None:
        await asyncio.gather(*before)
        custom = self._kind(logical_id).startswith(CUSTOM)
        async with self._slots if custom else contextlib.nullcontext():
            if not self._is_stopped():
                await self._make(logical_id)

    async def _make(self, logical_id: str) -> None:
        previous = self._previous.get("_resources", {}).get(logical_id)
        verb = "UPDATE" if previous else "CREATE"
        try:
            props, dynamic = self._resolved(logical_id, previous)
            new = self._tagged(logical_id, props, self._stack)
            old = self._tagged(logical_id, previous["Properties"], self._previous) if previous else None
            changed = new != old
            if changed:
                self._show(logical_id, f"{verb}_IN_PROGRESS")
            result, deletes = await self._call(logical_id, previous, old, new)
        except Exception as problem:
            self._show(logical_id, f"{verb}_FAILED", str(problem))
            self._fail(logical_id, previous, problem)
            return
        (physical_id, attributes), seed = result
        self._stack["_resources"][logical_id] = {
            "PhysicalResourceId": physical_id,
            "ResourceType": self._kind(logical_id),
            "ResourceStatus": f"{verb}_COMPLETE",
            "LogicalResourceId": logical_id,
            "Properties": props,
            "Attributes": attributes,
            "Timestamp": now_iso(),
            **({"_dynamic": dynamic} if dynamic else {}),
            **({"_name_seed": seed} if seed else {}),
        }
        if changed:
            self._show(logical_id, f"{verb}_COMPLETE", physical_id=physical_id)
        self._results[logical_id] = result, deletes
        self.ended.append(logical_id)

    async def _call(self, logical_id: str, previous: Any, old: Any, new: Any) -> tuple[Any, list[Any]]:
        """Create or update the resource. Each runs in a task, and so in its own context."""
        kind, deletes = self._kind(logical_id), list[Any]()
        given: tuple[Any, ...]
        if previous:
            physical_id = previous["PhysicalResourceId"]
            policy = stacks._resource_policy(
                self.definitions[logical_id], "UpdateReplacePolicy", self._stack["_resources"], *self._where
            )
            provisioners._RETAIN_REPLACED.set(policy in provisioners._RETAINING_POLICIES)
            provisioners._DEFERRED_PREDECESSOR_DELETES.set(deletes)
            provisioners._NAME_SEED.set(previous.get("_name_seed", ""))
            refused = provisioners._custom_named_replacement_error(kind, old, new)
            if not refused and provisioners._replacing_change(kind, old, new):
                self._show(logical_id, "UPDATE_IN_PROGRESS", REPLACED, physical_id)
            function = self._calls.update
            given = (kind, physical_id, old, new, self._name, logical_id, previous.get("Attributes", {}))
        else:
            function, given = self._calls.provision, (kind, logical_id, new, self._name)
        blocks = stacks._runs_on_worker_thread(kind) and new != old
        return (await run_reentrant(function, *given) if blocks else function(*given)), deletes

    def _fail(self, logical_id: str, previous: Any, problem: Exception) -> None:
        self._failed.append(logical_id)
        if len(self._failed) == 1:
            self._results[logical_id] = problem, []
        elif previous and stacks._sends_back_failed_update(self._kind(logical_id)):
            # ministack rolls back one failed update only, so a second one counts as complete.
            unchanged = previous["PhysicalResourceId"], previous.get("Attributes", {})
            self._results[logical_id] = (unchanged, previous.get("_name_seed", "")), []
            self.ended.append(logical_id)

    def _resolved(self, logical_id: str, previous: Any) -> tuple[dict[str, Any], Any]:
        """Return the resolved properties of the resource, and the dynamic references in them."""
        definition = self.definitions[logical_id]
        props = engine._resolve_refs(
            copy.deepcopy(definition.get("Properties", {})), self._stack["_resources"], *self._where
        )
        given = {name: value for name, value in props.items() if value is not engine._NO_VALUE}
        before = (self._previous.get("_template") or {}).get("Resources", {}).get(logical_id)
        resolved: tuple[dict[str, Any], Any] = engine._resolve_dynamic_references(
            given,
            (previous or {}).get("_dynamic"),
            reuse_ssm=self._unchanged,
            reuse_secrets=bool(previous) and before == definition,
        )
        return resolved

    def _tagged(self, logical_id: str, props: Any, stack: dict[str, Any]) -> dict[str, Any]:
        tagged: dict[str, Any] = provisioners._with_stack_tags(
            self._kind(logical_id), props, stack.get("Tags") or [], *self._where[-2:], logical_id
        )
        return tagged

    def _kind(self, logical_id: str) -> str:
        return str(self.definitions[logical_id].get("Type", CUSTOM[1]))

    def _show(self, logical_id: str, status: str, reason: str = "", physical_id: str = "") -> None:
        name, stack_id = self._where[-2:]
        self._calls.add_event(stack_id, name, logical_id, self._kind(logical_id), status, reason, physical_id)
