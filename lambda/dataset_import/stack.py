# SPDX-License-Identifier: Apache-2.0
"""The stack of a request: whether its operation is a rollback."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from dataset_import.errors import ErrorKind, ServiceError, service_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_cloudformation import CloudFormationClient

    from dataset_import.open_request import OpenRequest

ROLLBACKS = (
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
)
"""Statuses of a stack whose requests undo a deployment. Another resource may have failed to be rolled back.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""


class Stack:
    """A stack, described at most once in an invocation. Each property raises `ServiceError` if that fails.

    Args:
        client: Makes the boto3 client.
        stack_id: The id of the stack.
    """

    def __init__(self, client: Callable[[], CloudFormationClient], stack_id: str) -> None:
        self._client = client
        self._id = stack_id

    @cached_property
    def _description(self) -> Mapping[str, Any]:
        with service_errors("CloudFormation"):
            found = self._client().describe_stacks(StackName=self._id)["Stacks"][0]
            return {"StackStatus": str(found["StackStatus"]), "ParentId": found.get("ParentId")}

    @property
    def status(self) -> str:
        """Its status, such as `UPDATE_IN_PROGRESS`."""
        return str(self._description["StackStatus"])

    @property
    def is_nested(self) -> bool:
        """Whether another stack contains it."""
        return bool(self._description["ParentId"])


def is_rollback(request: OpenRequest, stack: Stack) -> bool:
    """Whether a request is part of a rollback. A change that a user undoes has the same properties.

    CloudFormation sends no Create in a rollback. For an Update the status counts that is read first, and is
    noted: later the stack may have left its rollback, or may undo this Update and not have come to it yet.
    If the status may not be read, the properties decide.

    Raises:
        ServiceError: A temporary error.
    """
    record = request.record
    if record.request.type == "Update" and not (record.answered or record.has_status):
        try:
            request.note(is_rollback=stack.status in ROLLBACKS, has_status=True)
        except ServiceError as error:
            if error.kind is ErrorKind.TEMPORARY:
                raise
    return request.record.is_rollback
