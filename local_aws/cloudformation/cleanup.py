# SPDX-License-Identifier: Apache-2.0
"""The cleanup at the end of an update or rollback: three attempts for each delete, with events.

ministack makes one attempt, and in the cleanup of an update it records only failures.

https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
"""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from .nested_stacks import CLEANUP

OF_ROLLBACK = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
TRIES = 3


def apply() -> None:
    """Wrap the deletes of resources in the cleanup."""
    delete = stacks._delete_resource

    def delete_resource(kind: str, physical_id: str, props: Any, stack_name: str, logical_id: str) -> None:
        stack = cloudformation._stacks[stack_name]
        status = stack["StackStatus"]

        def show(event: str, reason: str = "") -> None:
            stacks._add_event(stack["StackId"], stack_name, logical_id, kind, event, reason, physical_id)

        if status == CLEANUP:
            show("DELETE_IN_PROGRESS")
        for _ in range(TRIES - 1 if status in {CLEANUP, OF_ROLLBACK} else 0):
            try:
                delete(kind, physical_id, props, stack_name, logical_id)
                break
            except Exception as problem:
                show("DELETE_FAILED", str(problem))
                show("DELETE_IN_PROGRESS")
        else:
            delete(kind, physical_id, props, stack_name, logical_id)
        if status == CLEANUP:
            show("DELETE_COMPLETE")

    stacks._delete_resource = delete_resource
