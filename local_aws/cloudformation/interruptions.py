# SPDX-License-Identifier: Apache-2.0
"""Deleting a stack, or cancelling its update, ends the waits of the stack.

A stack waits for wait conditions, and for the answers of custom resources to a Create or Update. ministack
continues to wait, and deletes a stack while another operation still runs on it.

- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn--stack-update-cancel.html
- https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-delete-stack.html
"""

import asyncio
import contextvars
from collections import Counter
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import (
    changesets,
    custom_resource,
    handlers,
    helpers,
    stacks,
    wait_conditions,
)

from .answers import Reason

CREATION_CANCELLED = "Resource creation cancelled"
CANCELLED = {"Create": CREATION_CANCELLED, "Update": "Resource update cancelled"}
_MARK = "cancelled by the embedded AWS"
"""The UniqueId that ends a wait. It is no name of a job, so it cannot collide with a signal."""

_DELETE_REQUESTED = "_delete_requested"
"""The member of a stack's record from the request of its deletion to its end."""

_CANCELLED = "_cancelled"
"""The member of a stack's record after its update is cancelled. ministack may lose its own."""

LOOK_AGAIN = 0.05
"""Seconds between two checks whether an operation has ended."""

_request: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("request", default=("", ""))
"""The stack's id and the type of the request to a custom resource that this thread sends."""

_requests: dict[str, tuple[str, str]] = {}
"""The same, by the token of each pending answer."""

_running: Counter[str] = Counter()
"""The number of running operations on each stack, by its id."""


def apply() -> None:
    """Let deletes and cancels end waits, and start a delete when no other operation runs on the stack."""
    _remember_requests()
    _name_the_reason()
    _count_operations()
    _let_deletes_interrupt()
    _let_cancels_interrupt()


def is_being_deleted(stack_name: str) -> bool:
    """Whether the stack, or one that it is nested in, is being deleted."""
    return any(
        stack["StackStatus"].startswith("DELETE_") or stack.get(_DELETE_REQUESTED)
        for stack in _lineage(stack_name)
    )


def is_interrupted(stack_name: str) -> bool:
    """Whether the stack, or one that it is nested in, is being deleted or has its update cancelled."""
    cancelled = any(stack.get(_CANCELLED) for stack in _lineage(stack_name))
    return cancelled or is_being_deleted(stack_name)


def _remember_requests() -> None:
    invoke, register = custom_resource.invoke_custom_resource, custom_resource.register_token

    def invoke_custom_resource(
        kind: str, logical_id: str, props: Any, stack_name: str, stack_id: str, *more: Any, **options: Any
    ) -> Any:
        token = _request.set((stack_id, kind))
        try:
            return invoke(kind, logical_id, props, stack_name, stack_id, *more, **options)
        finally:
            _request.reset(token)

    def register_token(token: str) -> Any:
        _requests[token] = _request.get()
        return register(token)

    custom_resource.invoke_custom_resource = invoke_custom_resource
    custom_resource.register_token = register_token


def _name_the_reason() -> None:
    wait_for = wait_conditions.wait_for

    def wait_for_signals(token: str, *more: Any) -> Any:
        try:
            return wait_for(token, *more)
        except RuntimeError as problem:
            with wait_conditions._changed:
                cancelled = _MARK in wait_conditions._handles.get(token, {}).get("signals", {})
            if cancelled:
                raise RuntimeError(CREATION_CANCELLED) from problem
            raise

    wait_conditions.wait_for = wait_for_signals


def _count_operations() -> None:
    begin = stacks._create_stack_task_in_region

    def begin_counted(operation: Any, stack: dict[str, Any], stack_id: str) -> None:
        begin(_counted(operation, stack, stack_id), stack, stack_id)

    for module in (changesets, handlers, stacks):
        module._create_stack_task_in_region = begin_counted


async def _counted(operation: Any, stack: dict[str, Any], stack_id: str) -> None:
    _running[stack_id] += 1
    try:
        await operation
    finally:
        _running[stack_id] -= 1
        if stack.get(_DELETE_REQUESTED):
            # The result of the operation is not shown, because the delete continues.
            stack["StackStatus"] = "DELETE_IN_PROGRESS"


def _let_deletes_interrupt() -> None:
    request_delete, delete = handlers._delete_stack, stacks._delete_stack_async
    deploy, roll_back = stacks._deploy_stack_async, stacks._roll_back_operation

    def delete_when_allowed(params: Any) -> Any:
        stack = handlers._resolve_stack(handlers._p(params, "StackName")) or {}
        status = stack.get("StackStatus", "")
        if stack.get(_DELETE_REQUESTED):
            return helpers._xml(200, "DeleteStackResponse", "")
        if status.startswith("UPDATE_") and status.endswith("_IN_PROGRESS"):
            said = f"Stack [{stack['StackId']}] cannot be deleted while in status {status}"
            return helpers._error("ValidationError", said)
        return request_delete(params)

    async def delete_after_other_operations(
        stack_name: str, stack_id: str, *more: Any, **options: Any
    ) -> None:
        stack = cloudformation._stacks[stack_name]
        stack[_DELETE_REQUESTED] = True
        stack["StackStatus"] = "DELETE_IN_PROGRESS"
        while _running[stack_id] > 1:
            end_waits(stack_name)
            await asyncio.sleep(LOOK_AGAIN)
        await delete(stack_name, stack_id, *more, **options)
        del stack[_DELETE_REQUESTED]

    async def deploy_stack(
        stack_name: str, stack_id: str, template: Any, parameters: Any, *more: Any, **options: Any
    ) -> None:
        stack = cloudformation._stacks[stack_name]
        if not options.get("is_update"):
            # A delete uses the order and the policies of the template, whatever the result of the create.
            stack["_template"], stack["_resolved_params"] = template, parameters
        await deploy(stack_name, stack_id, template, parameters, *more, **options)
        stack.pop(_CANCELLED, None)

    async def roll_back_unless_deleted(stack_name: str, *more: Any, **options: Any) -> None:
        if not is_being_deleted(stack_name):
            await roll_back(stack_name, *more, **options)

    for module in (changesets, handlers, stacks):
        module._deploy_stack_async = deploy_stack
    for module in (handlers, stacks):
        module._delete_stack_async = delete_after_other_operations
        module._roll_back_operation = roll_back_unless_deleted
    handlers._ACTION_HANDLERS["DeleteStack"] = delete_when_allowed


def _let_cancels_interrupt() -> None:
    cancel, roll_back = handlers._cancel_update_stack, stacks._roll_back_operation

    def cancel_update_stack(params: Any) -> Any:
        answer = cancel(params)
        stack = handlers._resolve_stack(handlers._p(params, "StackName")) or {}
        if stack.pop("_cancel_requested", False):
            stack[_CANCELLED] = True
            end_waits(stack["StackName"])
        return answer

    async def roll_back_cancelled(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], *more: Any,
        **options: Any,
    ) -> None:  # fmt: skip
        operation["cancelled"] = operation.get("cancelled", False) or stack.pop(_CANCELLED, False)
        await roll_back(stack_name, stack_id, stack, operation, *more, **options)

    stacks._roll_back_operation = handlers._roll_back_operation = roll_back_cancelled
    handlers._ACTION_HANDLERS["CancelUpdateStack"] = cancel_update_stack


def _lineage(stack_name: str) -> list[dict[str, Any]]:
    """Return the stack and its parents."""
    found, name = [], stack_name
    while stack := cloudformation._stacks.get(name):
        found.append(stack)
        name = stack.get("_parent_stack_name", "")
    return found


def end_waits(stack_name: str) -> None:
    """End the waits of the stack and its nested stacks, except those for a Delete."""

    def within(stack_id: str) -> bool:
        name = stack_id.split("/")[1] if "/" in stack_id else ""
        return any(stack["StackName"] == stack_name for stack in _lineage(name))

    for token, waiting in list(custom_resource._pending.items()):
        waiting_stack, kind = _requests.get(token, ("", ""))
        if kind in CANCELLED and waiting["result"] is None and within(waiting_stack):
            failed = {"Status": "FAILED", "Reason": Reason(CANCELLED[kind])}
            custom_resource.deliver_response(token, failed)
    with wait_conditions._changed:
        for (stack_id, _), waiter in list(wait_conditions._waiting.items()):
            if within(stack_id):
                signals = wait_conditions._handles[waiter["token"]]["signals"]
                signals[_MARK] = {"Status": "FAILURE", "Reason": CREATION_CANCELLED, "Data": ""}
        wait_conditions._changed.notify_all()
