# SPDX-License-Identifier: Apache-2.0
"""The state, the clock and the ARNs of one account and region."""

from dataclasses import dataclass
from datetime import UTC, datetime

from .ports import Clock
from .state import State
from .timing import Timing


@dataclass(frozen=True)
class Scope:
    """One account and region, with its clock and durations."""

    state: State
    clock: Clock
    timing: Timing
    partition: str
    region: str
    account: str

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a resource."""
        return f"arn:{self.partition}:personalize:{self.region}:{self.account}:{kind}/{name}"


def when(seconds: float) -> datetime:
    """Return a time in the form of boto3."""
    return datetime.fromtimestamp(seconds, UTC)
