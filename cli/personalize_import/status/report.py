# SPDX-License-Identifier: Apache-2.0
"""The status of stacks and of their imports as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from personalize_import.status.imports import ImportStatus


@dataclass(frozen=True, kw_only=True)
class FailedAttempt:
    """Why the current or last deployment of a stack failed.

    Attributes:
        at: When.
        path: The construct path of the resource that failed first; its logical id where that is not known;
            empty if none did, such as in a deployment that was cancelled.
        reason: Why.
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
        status: The status that CloudFormation gives it.
        failed_attempt: Why its current or last deployment failed; None if it did not.
    """

    name: str
    id: str
    status: str
    failed_attempt: FailedAttempt | None = None

    @property
    def is_in_progress(self) -> bool:
        """Whether CloudFormation is at work on it."""
        return self.status.endswith("_IN_PROGRESS")


@dataclass(frozen=True, kw_only=True)
class ReadError:
    """Why a stack could not be read.

    Attributes:
        stack: The name of the stack.
        message: What the service said.
        is_temporary: Whether the next try may succeed.
    """

    stack: str
    message: str
    is_temporary: bool = False


@dataclass(frozen=True, kw_only=True)
class StatusReport:
    """What is known of stacks and their imports at one time.

    Attributes:
        imports: The imports, in the order of the stacks.
        stacks: The stacks that have imports or were named, with those nested in them.
        missing: The names of the stacks that do not exist.
        errors: Which of the stacks could not be read.
        notes: What else could not be read, and what follows from that.
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
        """Whether an import, or the last attempt to deploy a stack, has failed."""
        return any(stack.failed_attempt for stack in self.stacks) or any(
            each.state.has_failed for each in self.imports
        )

    @property
    def is_outdated(self) -> bool:
        """Whether a dataset does not hold the data of its import any more."""
        return any(each.state.is_outdated for each in self.imports)
