# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with an effect, and a script of what shall."""

from __future__ import annotations

import enum
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import ClientError, ConnectionClosedError


class Kind(enum.Enum):
    """What happens to an effect: a call of AWS, the answer's PUT, a delivery or a tick."""

    DIED_BEFORE = "died before"
    DIED_AFTER = "died after"
    LOST = "lost"
    REPLY_LOST = "reply lost"
    REPEATED = "repeated"
    REFUSED = "refused"
    DELAYED = "delayed"
    ANSWERED_LATE = "answered late"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Fault:
    """One fault: what happens, with which error, or for how many seconds."""

    kind: Kind
    error: BaseException | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        if isinstance(self.error, ClientError):
            return f"{self.kind.value} ({self.error.response['Error']['Code']})"
        return self.kind.value


class Faults(Protocol):
    """Decides what goes wrong."""

    def draw(self, request: str, effect: str) -> Fault | None:
        """Tell what happens to an effect on behalf of a request; None if nothing does.

        Args:
            request: The RequestId that the effect is for.
            effect: An operation of AWS, `Put`, `Deliver` or `Tick`.
        """

    def latency(self) -> float:
        """Tell how many seconds a message takes."""


class Script:
    """Faults by effect, in order; what is not scripted goes well."""

    def __init__(self) -> None:
        self._next: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}

    def next(self, effect: str, *faults: Fault | None) -> None:
        """Have the effect's next instances meet these faults, in order."""
        self._next[effect].extend(faults)

    def always(self, effect: str, fault: Fault | None) -> None:
        """Have every instance meet this fault from now on; None ends that."""
        if fault:
            self._always[effect] = fault
        else:
            self._always.pop(effect, None)

    def draw(self, request: str, effect: str) -> Fault | None:
        if self._next[effect]:
            return self._next[effect].popleft()
        return self._always.get(effect)

    def latency(self) -> float:
        return 0.05


def error(code: str, message: str = "as injected", status: int = 400) -> ClientError:
    """Make an error as boto3 raises it."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Operation",
    )


def refused(code: str, message: str = "as injected", status: int = 400) -> Fault:
    """The service answers an error instead of doing anything."""
    return Fault(Kind.REFUSED, error(code, message, status))


NETWORK = ConnectionClosedError(endpoint_url="https://aws.test")
DIED_BEFORE = Fault(Kind.DIED_BEFORE)
DIED_AFTER = Fault(Kind.DIED_AFTER)
LOST = Fault(Kind.LOST, NETWORK)
REPLY_LOST = Fault(Kind.REPLY_LOST, NETWORK)
REPEATED = Fault(Kind.REPEATED)
SKIPPED = Fault(Kind.SKIPPED)
THROTTLED = refused("ThrottlingException")
EXPIRED = refused("ExpiredTokenException", "The security token included in the request is expired")
UNAVAILABLE = refused("ServiceUnavailable", status=503)
DENIED = refused("AccessDeniedException", "User is not authorized to perform this action.")


def delayed(seconds: float) -> Fault:
    """The effect takes place later than usual."""
    return Fault(Kind.DELAYED, seconds=seconds)


def answered_late(seconds: float) -> Fault:
    """The effect takes place, and its reply later than usual."""
    return Fault(Kind.ANSWERED_LATE, seconds=seconds)
