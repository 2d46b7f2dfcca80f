# SPDX-License-Identifier: Apache-2.0
"""The interfaces that the model needs: a clock, access checks and an object reader."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

Clock = Callable[[], float]
"""Returns the time in seconds since the epoch."""


class ReadRefused(Enum):
    """Why the service may not read a location."""

    ROLE = "the role cannot be assumed by the service"
    POLICY = "the policy of the role, the bucket or its key does not allow the read"


@dataclass(frozen=True)
class Read:
    """A read of the service for an import job.

    Args:
        role_arn: The role that the service assumes.
        source_arn: The ARN of the job.
        bucket: The bucket.
        prefix: The prefix that the service lists: a key, or that of a folder.
        keys: The objects that the service gets.
    """

    role_arn: str
    source_arn: str
    bucket: str
    prefix: str
    keys: Sequence[str]


class AccessChecker(Protocol):
    """Checks the permissions that the real service needs in IAM and S3."""

    def may_pass_role(self, caller: str, role_arn: str) -> bool:
        """Whether the caller may pass the role to Personalize (iam:PassRole)."""
        ...

    def read_refused(self, read: "Read") -> ReadRefused | None:
        """Return the reason why Personalize may not read; None if it may."""
        ...


class ObjectReader(Protocol):
    """Reads objects of S3."""

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        """The keys of the bucket that begin with the prefix, in order; none if there is no such bucket."""
        ...

    def read(self, bucket: str, key: str) -> bytes:
        """The object's content."""
        ...
