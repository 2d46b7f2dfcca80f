# SPDX-License-Identifier: Apache-2.0
"""Nested stacks: each is a stack, deployed and deleted together with its parent.

The update of a nested stack waits before its cleanup until the update of its parent is complete or rolls
back. ministack deploys the resources of a nested stack in sequence, without rollback, policies and exports.
Its updates lose the attributes of unchanged resources, and a failed create leaves all resources.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

import asyncio
import contextvars
import copy
import threading
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, helpers, provisioners, stacks

from . import failed_creates

STACK = "AWS::CloudFormation::Stack"
CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
_KEPT_FOR_ROLLBACK = ("_resources", "_template", "_template_body", "_resolved_params", "_conditions")
_SHOWN_AND_KEPT = ("Parameters", "Tags", "Outputs")


class _Update:
    """The update of a nested stack, in its own thread."""

    def __init__(self) -> None:
        self.applied_or_ended = threading.Event()
        self._decided = threading.Event()
        self._kept = False
        self._thread: threading.Thread | None = None

    def start(self, deployment: Any) -> None:
        """Run the deployment until it has ended or waits for the parent."""

        def run() -> None:
            try:
                asyncio.run(deployment)
            finally:
                self.applied_or_ended.set()

        self._thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
        self._thread.start()
        self.applied_or_ended.wait()

    def wait_for_parent(self) -> bool:
        """Wait for the parent, and return whether it keeps the update. The deployment calls it."""
        self.applied_or_ended.set()
        self._decided.wait()
        return self._kept

    def end(self, keep: bool) -> None:
        """Let the deployment clean up or fail, and wait until it has ended."""
        self._kept = keep
        self._decided.set()
        if self._thread:
            self._thread.join()


_updates: dict[str, _Update] = {}
"""The updates whose parent is still being updated, by the id of the nested stack."""


def apply() -> None:
    """Replace ministack's nested stacks, and end their updates with that of the parent."""
    deploy = stacks._deploy_stack_async

    async def deploy_stack(stack_name: str, stack_id: str, *more: Any, **options: Any) -> None:
        await deploy(stack_name, stack_id, *more, **options)
        stack = cloudformation._stacks[stack_name]
        waiting = [child for child in _children(stack_name) if child["StackId"] in _updates]
        if stack["StackStatus"] != "UPDATE_COMPLETE" or not waiting:
            return
        # The parent becomes complete when its nested stacks have cleaned up.
        end = cloudformation._stack_events[stack_id].pop()
        stack["StackStatus"] = CLEANUP
        for child in waiting:
            await asyncio.to_thread(_updates.pop(child["StackId"]).end, keep=True)
        stack["StackStatus"] = "UPDATE_COMPLETE"
        cloudformation._stack_events[stack_id].append({**end, "Timestamp": now_iso()})

    for module in (changesets, handlers, stacks):
        module._deploy_stack_async = deploy_stack
    provisioners._RESOURCE_HANDLERS[STACK] = {"create": _create, "update": _update, "delete": _delete}


def wait_for_parent(stack: dict[str, Any], outputs: list[Any]) -> None:
    """Hold the update of a nested stack before its cleanup, and raise if the parent rolls back."""
    update = _updates.get(stack["StackId"])
    if update:
        stack["Outputs"] = outputs
        if not update.wait_for_parent():
            raise RuntimeError("Rollback requested by the parent stack")


def _create(logical_id: str, props: dict[str, Any], parent: str) -> Any:
    template, body, parameters = _read(props, parent)
    name = f"{parent}-{logical_id}-{new_uuid().replace('-', '')[:12].upper()}"
    stack_id = f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:stack/{name}/{new_uuid()}"
    parent_id = cloudformation._stacks[parent]["StackId"]
    stack = cloudformation._stacks[name] = {
        "StackName": name,
        "StackId": stack_id,
        "StackStatusReason": "",
        "CreationTime": now_iso(),
        "Description": template.get("Description", ""),
        "Outputs": [],
        "DisableRollback": True,
        "_region": get_region(),
        "_resources": {},
        "_parent_stack_name": parent,
        "ParentId": parent_id,
        "RootId": cloudformation._stacks[parent].get("RootId", parent_id),
    }
    deployment = _begin(stack, "CREATE", props, template, body, parameters)
    asyncio.run(deployment)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        said = f"Embedded stack {stack_id} was not successfully created: {_failure(stack)}"
        failed_creates.keep(logical_id, props, parent, STACK, said, stack_id)
        raise RuntimeError(said)
    return stack_id, _attributes(stack)


def _update(physical_id: str, old: dict[str, Any], new: dict[str, Any], parent: str) -> Any:
    stack = _stack(physical_id)
    if cloudformation._stacks[parent]["StackStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS":
        _roll_back(stack)
    else:
        _change(stack, new, parent)
    return physical_id, _attributes(stack)


def _change(stack: dict[str, Any], props: dict[str, Any], parent: str) -> None:
    stack_id = stack["StackId"]
    if earlier := _updates.pop(stack_id, None):
        earlier.end(keep=True)
    template, body, parameters = _read(props, parent)
    if (template, parameters, _tags(props)) == (stack["_template"], stack["_resolved_params"], stack["Tags"]):
        return
    previous = {name: copy.deepcopy(stack[name]) for name in _KEPT_FOR_ROLLBACK + _SHOWN_AND_KEPT}
    deployment = _begin(stack, "UPDATE", props, template, body, parameters, previous)
    update = _updates[stack_id] = _Update()
    update.start(deployment)
    if stack["StackStatus"] != "UPDATE_IN_PROGRESS":
        del _updates[stack_id]
        raise RuntimeError(
            f"Embedded stack {stack_id} was not successfully updated. "
            f"Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: {_failure(stack)}"
        )


def _roll_back(stack: dict[str, Any]) -> None:
    name, stack_id = stack["StackName"], stack["StackId"]
    if update := _updates.pop(stack_id, None):
        update.end(keep=False)
    if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        asyncio.run(stacks._continue_update_rollback_async(name, stack_id, frozenset()))
    elif operation := stack.get("_failed_operation"):
        asyncio.run(stacks._roll_back_operation(name, stack_id, stack, operation))
    if stack["StackStatus"].endswith("_FAILED"):
        raise RuntimeError(
            f"Embedded stack {stack_id} was not successfully updated. "
            f"Currently in {stack['StackStatus']} with reason: {stack['StackStatusReason']}"
        )


def _delete(physical_id: str, props: dict[str, Any]) -> None:
    stack = _stack(physical_id)
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return
    asyncio.run(stacks._delete_stack_async(stack["StackName"], physical_id))
    if stack["StackStatus"] != "DELETE_COMPLETE":
        reason = stack["StackStatusReason"]
        raise RuntimeError(f"Embedded stack {physical_id} was not successfully deleted: {reason}")


def _begin(
    stack: dict[str, Any], kind: str, props: dict[str, Any], template: Any, body: str, parameters: Any,
    previous: dict[str, Any] | None = None,
) -> Any:  # fmt: skip
    """Set the stack to the initial status of an operation, and return the operation."""
    name, stack_id = stack["StackName"], stack["StackId"]
    stack |= {
        "StackStatus": f"{kind}_IN_PROGRESS",
        "LastUpdatedTime": now_iso(),
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value["Value"], "NoEcho": value["NoEcho"]}
            for key, value in parameters.items()
        ],
        "Tags": _tags(props),
        "Capabilities": provisioners._inherited_capabilities(stack["_parent_stack_name"]),
        "_template_body": body,
        "_conditions": engine._evaluate_conditions(template, parameters),
    }
    if kind == "CREATE":
        stack |= {"_template": template, "_resolved_params": parameters}
    cloudformation._stack_events.setdefault(stack_id, [])
    stacks._add_event(stack_id, name, name, STACK, stack["StackStatus"], physical_id=stack_id)
    return stacks._deploy_stack_async(
        name, stack_id, template, parameters, True, stack["Tags"], is_update=bool(previous),
        previous_stack=previous,
    )  # fmt: skip


def _read(props: dict[str, Any], parent: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """Return the template, its text, and the values of its parameters."""
    url = props.get("TemplateURL")
    body, problem = helpers._resolve_template({"TemplateURL": [url]})
    if problem is not None or not body:
        raise ValueError(f"The template of a nested stack cannot be read: {url}")
    template = engine._parse_template(body)
    provisioners._check_nested_stack_capabilities(parent, template)
    given = props.get("Parameters") or {}
    if any(isinstance(value, list) for value in given.values()):
        raise ValueError(
            "Value of property Parameters must be an object with String (or simple type) properties"
        )
    values = [{"Key": key, "Value": "" if value is None else str(value)} for key, value in given.items()]
    return template, body, engine._resolve_parameters(template, values)


def _tags(props: dict[str, Any]) -> list[dict[str, str]]:
    tags = provisioners._tag_map(props.get("Tags"))
    return [{"Key": key, "Value": value} for key, value in tags.items() if not key.startswith("aws:")]


def _stack(stack_id: str) -> dict[str, Any]:
    found: dict[str, Any] = cloudformation._stacks[stack_id.split("/")[1]]
    return found


def _children(stack_name: str) -> list[dict[str, Any]]:
    every = list(cloudformation._stacks.values())
    return [stack for stack in every if stack.get("_parent_stack_name") == stack_name]


def _attributes(stack: dict[str, Any]) -> dict[str, str]:
    return {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in stack["Outputs"]}


def _failure(stack: dict[str, Any]) -> str:
    failed = stack.get("_failed_operation", {})
    verb = "update" if failed.get("failed_update") else "create"
    name = failed.get("failed_logical_id")
    listed = f"The following resource(s) failed to {verb}: [{name}]. "
    return listed if name else str(stack.get("StackStatusReason", ""))
