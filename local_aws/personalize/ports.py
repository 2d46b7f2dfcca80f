# SPDX-License-Identifier: Apache-2.0
"""What the model needs of the world around it: a clock, a judge of access, a reader of objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

Clock = Callable[[], float]
"""Answers the time in seconds since the epoch."""


class ReadRefused(Enum):
    """Why the service may not read a location."""

    ROLE = "the role cannot be assumed by the service"
    POLICY = "the policy of the role, the bucket or its key does not allow the read"


@dataclass(frozen=True)
class Read:
    """What the service is about to read for an import job.

    Args:
        role_arn: The role that it does so with.
        source_arn: The ARN of the job, on whose behalf it does so.
        bucket: The bucket.
        prefix: The prefix that it lists: a key, or a folder's.
        keys: The objects that it gets.
    """

    role_arn: str
    source_arn: str
    bucket: str
    prefix: str
    keys: Sequence[str]


class AccessJudge(Protocol):
    """Judges what the real service asks of IAM and S3."""

    def may_pass_role(self, caller: str, role_arn: str) -> bool:
        """Whether the caller may hand the role to Personalize (iam:PassRole)."""
        ...

    def read_refused(self, read: "Read") -> ReadRefused | None:
        """Why Personalize may not do this read; None when it may."""
        ...


class ObjectReader(Protocol):
    """Reads objects of S3."""

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        """The keys of the bucket that begin with the prefix, in order; none if there is no such bucket."""
        ...

    def read(self, bucket: str, key: str) -> bytes:
        """The object's content."""
        ...
