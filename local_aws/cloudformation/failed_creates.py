# SPDX-License-Identifier: Apache-2.0
"""The Delete of a custom resource whose Create failed, in the rollback or in the stack's next operation.

CloudFormation sends it with the physical id of the FAILED answer, or with a generated one if there was no
answer. ministack sends no Delete.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

import secrets
import string
from typing import Any

from ministack.core.concurrency import run_reentrant
from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, provisioners, stacks

from .answers import Reason

FAILED = "CREATE_FAILED"
_CUSTOM = "AWS::CloudFormation::CustomResource"


def apply() -> None:
    """Keep a custom resource whose Create failed in its stack, so that a rollback deletes it."""
    create = provisioners._custom_resource_create
    deploy, roll_back = stacks._deploy_stack_async, stacks._roll_back_operation

    def custom_resource_create(
        logical_id: str, props: dict[str, Any], stack_name: str, resource_type: str = _CUSTOM
    ) -> Any:
        try:
            return create(logical_id, props, stack_name, resource_type)
        except (RuntimeError, TimeoutError) as problem:
            reason = problem.args[0] if problem.args else ""
            answered = reason.physical_id if isinstance(reason, Reason) else None
            physical_id = answered or made_up_id(stack_name, logical_id)
            keep(logical_id, props, stack_name, resource_type, str(problem), physical_id)
            raise

    async def roll_back_operation(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], **options: Any
    ) -> None:
        failed = [name for name, made in stack["_resources"].items() if made["ResourceStatus"] == FAILED]
        created = operation.setdefault("created", [])
        created += [name for name in failed if name not in created]
        await roll_back(stack_name, stack_id, stack, operation, **options)

    async def deploy_stack(stack_name: str, *more: Any, **options: Any) -> None:
        previous = options.get("previous_stack")
        if previous:
            await _delete_failed(stack_name, previous["_resources"])
        await deploy(stack_name, *more, **options)

    for module in (changesets, handlers, stacks):
        module._deploy_stack_async = deploy_stack
    provisioners._custom_resource_create = custom_resource_create
    provisioners._RESOURCE_HANDLERS[_CUSTOM] = {"create": custom_resource_create}
    stacks._roll_back_operation = handlers._roll_back_operation = roll_back_operation


async def _delete_failed(stack_name: str, previous: dict[str, Any]) -> None:
    """Delete resources that an operation without rollback has failed to create, before the next operation."""
    resources = cloudformation._stacks[stack_name]["_resources"]
    for logical_id in [name for name, made in previous.items() if made["ResourceStatus"] == FAILED]:
        failed = previous.pop(logical_id)
        resources.pop(logical_id, None)
        await run_reentrant(
            stacks._delete_resource, failed["ResourceType"], failed["PhysicalResourceId"],
            failed["Properties"], stack_name, logical_id,
        )  # fmt: skip


def keep(
    logical_id: str, props: dict[str, Any], stack_name: str, resource_type: str, reason: str, physical_id: str
) -> None:
    """Keep a resource whose creation failed in its stack."""
    cloudformation._stacks[stack_name]["_resources"][logical_id] = {
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "ResourceStatus": FAILED,
        "ResourceStatusReason": reason,
        "LogicalResourceId": logical_id,
        "Properties": props,
        "Attributes": {},
        "Timestamp": now_iso(),
    }


def made_up_id(stack_name: str, logical_id: str) -> str:
    """Return a physical id in the form in which CloudFormation generates one."""
    alphabet = string.ascii_uppercase + string.digits
    return f"{stack_name}-{logical_id}-{''.join(secrets.choice(alphabet) for _ in range(12))}"
