# SPDX-License-Identifier: Apache-2.0
"""To delete a stack, or to cancel its update, ends its waits for wait conditions.

ministack goes on waiting: a cancelled update until the signal or the timeout, up to 12 hours; and a stack
that has been deleted meanwhile is then rolled back as if it were still there.
"""

import asyncio
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, stacks, wait_conditions

CANCELLED = "Resource creation cancelled"
_MARK = "cancelled by the embedded AWS"
"""In the place of a signal's UniqueId; it is no job's name, so that it meets no signal."""

LOOK_AGAIN = 0.01
"""Seconds between two looks at whether a wait has ended."""


def apply() -> None:
    """Let deletes and cancels reach what waits, and keep a stack that is deleted from rolling back."""
    wait_for = wait_conditions.wait_for
    delete = stacks._delete_stack_async
    cancel = handlers._cancel_update_stack
    roll_back = stacks._roll_back_operation

    def wait_for_signals(token: str, *more: Any) -> Any:
        try:
            return wait_for(token, *more)
        except RuntimeError as problem:
            if _is_ended(token):
                raise RuntimeError(CANCELLED) from problem
            raise

    async def delete_stack(stack_name: str, stack_id: str, *more: Any, **options: Any) -> None:
        # Before the waits end: what waited looks at it to see whether to roll back.
        cloudformation._stacks[stack_name]["StackStatus"] = "DELETE_IN_PROGRESS"
        _end_waits(stack_id)
        while _waits(stack_id):
            await asyncio.sleep(LOOK_AGAIN)
        await delete(stack_name, stack_id, *more, **options)

    def cancel_update_stack(params: Any) -> Any:
        answer = cancel(params)
        stack = handlers._resolve_stack(handlers._p(params, "StackName")) or {}
        if stack.get("_cancel_requested"):
            _end_waits(stack["StackId"])
        return answer

    async def roll_back_operation(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], *more: Any
    ) -> None:
        if stack["StackStatus"].startswith("DELETE_"):
            return
        operation["cancelled"] |= stack.pop("_cancel_requested", False)
        await roll_back(stack_name, stack_id, stack, operation, *more)

    wait_conditions.wait_for = wait_for_signals
    stacks._delete_stack_async = handlers._delete_stack_async = delete_stack
    stacks._roll_back_operation = handlers._roll_back_operation = roll_back_operation
    handlers._ACTION_HANDLERS["CancelUpdateStack"] = cancel_update_stack


def _end_waits(stack_id: str) -> None:
    with wait_conditions._changed:
        for token in _waits(stack_id):
            signals = wait_conditions._handles[token]["signals"]
            signals[_MARK] = {"Status": "FAILURE", "Reason": CANCELLED, "Data": ""}
        wait_conditions._changed.notify_all()


def _waits(stack_id: str) -> list[str]:
    waiting = list(wait_conditions._waiting.items())
    return [waiter["token"] for (owner, _), waiter in waiting if owner == stack_id]


def _is_ended(token: str) -> bool:
    with wait_conditions._changed:
        return _MARK in wait_conditions._handles.get(token, {}).get("signals", {})
