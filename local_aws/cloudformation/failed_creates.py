# SPDX-License-Identifier: Apache-2.0
"""A custom resource whose Create failed gets a Delete when the stack rolls back or is deleted.

CloudFormation sends it with the PhysicalResourceId of the FAILED answer, or, where no answer came, with an id that it
makes up. ministack forgets the resource instead.
"""

import secrets
import string
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks

from .reasons import Reason

_CUSTOM = "AWS::CloudFormation::CustomResource"


def apply() -> None:
    """Keep a custom resource that failed to be created in its stack, and count it among what rollback deletes."""
    create = provisioners._custom_resource_create
    failed_operation = stacks._failed_operation

    def custom_resource_create(
        logical_id: str, props: dict[str, Any], stack_name: str, resource_type: str = _CUSTOM
    ) -> Any:
        try:
            return create(logical_id, props, stack_name, resource_type)
        except (RuntimeError, TimeoutError) as problem:
            _keep(logical_id, props, stack_name, resource_type, problem)
            raise

    def remember(
        is_update: Any, previous: Any, created: list[str], failed_update: Any, failed: str, *more: Any
    ) -> Any:
        operation = failed_operation(is_update, previous, created, failed_update, failed, *more)
        stack = next((s for s in _stacks() if failed in s.get("_resources", {})), None)
        if failed_update is None and stack and _failed_to_create(stack["_resources"][failed]):
            operation["created"].append(failed)
        return operation

    provisioners._custom_resource_create = custom_resource_create
    provisioners._RESOURCE_HANDLERS[_CUSTOM] = {"create": custom_resource_create}
    stacks._failed_operation = remember


def _keep(
    logical_id: str, props: dict[str, Any], stack_name: str, resource_type: str, problem: Exception
) -> None:
    reason = problem.args[0] if problem.args else ""
    answered = reason.physical_id if isinstance(reason, Reason) else None
    cloudformation._stacks[stack_name]["_resources"][logical_id] = {
        "PhysicalResourceId": answered or made_up_id(stack_name, logical_id),
        "ResourceType": resource_type,
        "ResourceStatus": "CREATE_FAILED",
        "ResourceStatusReason": str(problem),
        "LogicalResourceId": logical_id,
        "Properties": props,
        "Attributes": {},
        "Timestamp": now_iso(),
    }


def made_up_id(stack_name: str, logical_id: str) -> str:
    """An id in the form in which CloudFormation makes them up."""
    alphabet = string.ascii_uppercase + string.digits
    return f"{stack_name}-{logical_id}-{''.join(secrets.choice(alphabet) for _ in range(12))}"


def _stacks() -> list[dict[str, Any]]:
    return list(cloudformation._stacks.values())


def _failed_to_create(resource: dict[str, Any]) -> bool:
    return bool(resource.get("ResourceStatus") == "CREATE_FAILED")
