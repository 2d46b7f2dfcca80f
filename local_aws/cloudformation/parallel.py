# SPDX-License-Identifier: Apache-2.0
"""Parallel deployment of resources that do not depend on each other. ministack deploys them in sequence.

Before ministack's deployment begins, each resource is created or updated when its dependencies are complete.
ministack's deployment then visits them in the order of completion, and finds each done. After a failure no
other resource is started, and waits for answers and signals are cancelled. An unchanged resource has no
events, and a new one has those of a create, in an update too.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
"""

import contextvars
from typing import Any

from ministack.services.cloudformation import changesets, handlers, stacks

from .deployment import Calls, Deployment

_done: contextvars.ContextVar[Deployment | None] = contextvars.ContextVar("done", default=None)
"""The deployment whose results ministack's deployment in this context finds."""


def apply() -> None:
    """Deploy the resources in parallel before ministack's deployment visits them."""
    deploy, sort, validate = stacks._deploy_stack_async, stacks._topological_sort, stacks._validation_errors
    calls = Calls(stacks._provision_keeping_seed, stacks._update_keeping_seed, stacks._add_event)

    async def deploy_stack(
        stack_name: str, stack_id: str, template: Any, parameters: Any, *more: Any, **options: Any
    ) -> None:
        done = Deployment(stack_name, template, parameters, options.get("previous_stack"), calls)
        begins = not options.get("imports") and done.can_begin()
        if begins:
            await done.run()
        token = _done.set(done if begins else None)
        try:
            await deploy(stack_name, stack_id, template, parameters, *more, **options)
        finally:
            _done.reset(token)

    def topological_sort(definitions: Any, conditions: Any) -> Any:
        done = _done.get()
        return list(done.ended) if done and definitions is done.definitions else sort(definitions, conditions)

    def validation_errors(*given: Any) -> Any:
        # ministack would refuse complete resources, because their buckets exist.
        return [] if _done.get() else validate(*given)

    def provision(kind: str, logical_id: str, *more: Any) -> Any:
        done = _done.get()
        return done.take(logical_id) if done else calls.provision(kind, logical_id, *more)

    def update(
        kind: str, physical_id: str, old: Any, new: Any, stack_name: str, logical_id: str, *more: Any
    ) -> Any:
        done = _done.get()
        if done:
            return done.take(logical_id)
        return calls.update(kind, physical_id, old, new, stack_name, logical_id, *more)

    def add_event(
        stack_id: str, stack_name: str, logical_id: str, kind: str, status: str, *more: Any, **options: Any
    ) -> None:
        done = _done.get()
        if not done or not done.has_shown(stack_name, logical_id, status):
            calls.add_event(stack_id, stack_name, logical_id, kind, status, *more, **options)

    for module in (changesets, handlers, stacks):
        module._deploy_stack_async = deploy_stack
    stacks._topological_sort, stacks._add_event = topological_sort, add_event
    stacks._validation_errors = validation_errors
    stacks._provision_keeping_seed, stacks._update_keeping_seed = provision, update
