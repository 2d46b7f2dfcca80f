# SPDX-License-Identifier: Apache-2.0
"""What the parts of the model share: the state, the clock and how ARNs are made."""

from dataclasses import dataclass
from datetime import UTC, datetime

from .ports import Clock
from .state import State
from .timing import Timing


@dataclass(frozen=True)
class Scope:
    """One account in one region at its own pace."""

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
    """A time as boto3 gives it."""
    return datetime.fromtimestamp(seconds, UTC)
