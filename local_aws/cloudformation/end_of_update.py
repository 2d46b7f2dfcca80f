# SPDX-License-Identifier: Apache-2.0
"""The end of an update: its last checks, the new outputs and exports, then the cleanup.

- A change set that changes only Outputs can be executed. ministack finds no changes in it.
- An export that another stack imports can be neither changed nor removed. In ministack it can.
- An update that is cancelled while its last resource runs is rolled back. ministack completes it.
- During the cleanup the stack has the status UPDATE_COMPLETE_CLEANUP_IN_PROGRESS and its new outputs.
  ministack publishes the outputs afterwards, and never removes an export.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, stacks

from . import interruptions, nested_stacks
from .nested_stacks import CLEANUP


def apply() -> None:
    """Check an update before its cleanup, and accept a change set that changes only Outputs."""
    _look_at_outputs_of_change_sets()
    resolve, roll_back = stacks._resolve_stack_outputs, stacks._roll_back_operation
    refusals: dict[str, str] = {}

    def resolve_stack_outputs(
        definitions: Any, conditions: Any, resources: Any, parameters: Any, mappings: Any, stack_name: str,
        stack_id: str,
    ) -> Any:  # fmt: skip
        if interruptions.is_interrupted(stack_name):
            # The outputs may refer to resources that do not exist yet.
            raise RuntimeError("User Initiated")
        outputs, exports = resolve(
            definitions, conditions, resources, parameters, mappings, stack_name, stack_id
        )
        stack = cloudformation._stacks[stack_name]
        if refusal := export_problem(stack_id, exports):
            refusals[stack_id] = refusal
            raise ValueError(refusal)
        if stack["StackStatus"] == "UPDATE_IN_PROGRESS":
            nested_stacks.wait_for_parent(stack, outputs)
            _begin_cleanup(stack, outputs, exports)
        return outputs, exports

    async def roll_back_operation(
        stack_name: str, stack_id: str, stack: Any, operation: Any, reason_override: str = ""
    ) -> None:
        reason = refusals.pop(stack_id, reason_override)
        await roll_back(stack_name, stack_id, stack, operation, reason_override=reason)

    stacks._resolve_stack_outputs = resolve_stack_outputs
    stacks._roll_back_operation = handlers._roll_back_operation = roll_back_operation


def export_problem(stack_id: str, exports: dict[str, Any]) -> str:
    """Return the reason why the stack cannot have these exports; empty if it can."""
    for name, export in exports.items():
        known = cloudformation._exports.get(name)
        if known and known["StackId"] != stack_id:
            return f"Export with name {name} is already exported by stack {_name_of(known['StackId'])}."
        if known and known["Value"] != export["Value"] and (importer := _importer(name, stack_id)):
            return f"Export {name} cannot be updated as it is in use by {importer}"
    for name in _exports_of(stack_id) - set(exports):
        if importer := _importer(name, stack_id):
            return f"Export {name} cannot be deleted as it is in use by {importer}"
    return ""


def _begin_cleanup(stack: dict[str, Any], outputs: list[Any], exports: dict[str, Any]) -> None:
    for name in _exports_of(stack["StackId"]) - set(exports):
        cloudformation._exports.pop(name)
    cloudformation._exports.update(exports)
    stack["Outputs"], stack["StackStatus"] = outputs, CLEANUP
    stacks._add_event(
        stack["StackId"], stack["StackName"], stack["StackName"], "AWS::CloudFormation::Stack", CLEANUP,
        physical_id=stack["StackId"],
    )  # fmt: skip


def _exports_of(stack_id: str) -> set[str]:
    return {name for name, export in cloudformation._exports.items() if export["StackId"] == stack_id}


def _importer(export: str, stack_id: str) -> str:
    """Return the name of a stack that imports the export; empty if none does."""
    for name, stack in list(cloudformation._stacks.items()):
        exists = stack["StackStatus"] not in {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
        other = stack["StackId"] != stack_id
        if exists and other and export in handlers._imported_export_names(stack, name):
            return str(name)
    return ""


def _name_of(stack_id: str) -> str:
    return stack_id.split("/")[1]


def _look_at_outputs_of_change_sets() -> None:
    create = changesets._create_change_set

    def create_change_set(params: Any) -> Any:
        known = set(cloudformation._change_sets)
        answer = create(params)
        for name in set(cloudformation._change_sets) - known:
            change_set = cloudformation._change_sets[name]
            unchanged = change_set["Status"] == "FAILED" and "contain changes" in change_set["StatusReason"]
            if unchanged and _changes_outputs(change_set):
                change_set["Status"], change_set["ExecutionStatus"] = "CREATE_COMPLETE", "AVAILABLE"
                change_set["StatusReason"] = ""
        return answer

    handlers._ACTION_HANDLERS["CreateChangeSet"] = create_change_set


def _changes_outputs(change_set: dict[str, Any]) -> bool:
    stack = cloudformation._stacks[change_set["StackName"]]
    before = _outputs(stack["_template"], stack["_resolved_params"], stack)
    return bool(before != _outputs(change_set["_template"], change_set["_resolved_params"], stack))


def _outputs(template: dict[str, Any], parameters: Any, stack: dict[str, Any]) -> Any:
    """Return the Outputs with the values of parameters that are known before the deployment."""
    as_resource = {"Outputs": {"Properties": template.get("Outputs", {})}}
    return changesets._resolve_props_for_diff(
        {**template, "Resources": as_resource}, parameters, stack["StackName"], stack["StackId"]
    )
