# SPDX-License-Identifier: Apache-2.0
"""The status of stacks and of their imports as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from personalize_import.status.imports import ImportStatus

_IN_REVIEW = "REVIEW_IN_PROGRESS"


def is_in_progress(stack_status: str) -> bool:
    """Whether an operation on a stack of this status is in progress.

    REVIEW_IN_PROGRESS is the status of a new stack that has only a change set, which may never be executed.
    """
    return stack_status.endswith("_IN_PROGRESS") and stack_status != _IN_REVIEW


@dataclass(frozen=True, kw_only=True)
class FailedAttempt:
    """The failure of the current or last deployment of a stack.

    Attributes:
        at: The time of the failure.
        path: The construct path of the first resource that failed; its logical id if the path is not known;
            empty if none did, as in a deployment that was cancelled.
        reason: The reason.
    """

    at: datetime
    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StackStatus:
    """The status of a stack.

    Attributes:
        name: The stack's name.
        id: The stack's ARN.
        status: The stack's status in CloudFormation.
        failed_attempt: The failure of its current or last deployment, if it has failed.
    """

    name: str
    id: str
    status: str
    failed_attempt: FailedAttempt | None = None

    @property
    def is_in_progress(self) -> bool:
        """Whether an operation on the stack is in progress."""
        return is_in_progress(self.status)

    @property
    def is_in_review(self) -> bool:
        """Whether the stack is new and has only a change set that has not been executed yet."""
        return self.status == _IN_REVIEW


@dataclass(frozen=True, kw_only=True)
class ReadError:
    """The error of a stack that could not be read.

    Attributes:
        stack: The name of the stack.
        message: The message of the service.
        is_temporary: Whether a retry may succeed.
    """

    stack: str
    message: str
    is_temporary: bool = False


@dataclass(frozen=True, kw_only=True)
class StatusReport:
    """The status of stacks and their imports at one time.

    Attributes:
        imports: The imports, in the order of the stacks.
        stacks: The stacks that have imports or were named, with their nested stacks.
        missing: The names of stacks that do not exist.
        errors: The errors of stacks that could not be read.
        notes: Sentences about what else could not be read, and the consequences.
    """

    imports: tuple[ImportStatus, ...] = ()
    stacks: tuple[StackStatus, ...] = ()
    missing: tuple[str, ...] = ()
    errors: tuple[ReadError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_under_way(self) -> bool:
        """Whether a stack is being deployed, or an import has not ended."""
        return any(stack.is_in_progress for stack in self.stacks) or any(
            not each.state.has_ended for each in self.imports
        )

    @property
    def has_failed(self) -> bool:
        """Whether an import or the last deployment of a stack has failed."""
        return any(stack.failed_attempt for stack in self.stacks) or any(
            each.state.has_failed for each in self.imports
        )

    @property
    def in_review(self) -> tuple[str, ...]:
        """The names of the stacks that have only a change set that has not been executed yet."""
        return tuple(stack.name for stack in self.stacks if stack.is_in_review)

    @property
    def is_outdated(self) -> bool:
        """Whether a dataset no longer holds the data of its import."""
        return any(each.state.is_outdated for each in self.imports)
