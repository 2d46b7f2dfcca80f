# SPDX-License-Identifier: Apache-2.0
"""Faults of an effect, and the scripted fault injector."""

from __future__ import annotations

import enum
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.fakes.kernel import Died


class Kind(enum.Enum):
    """What happens to an effect: a call of AWS, the PUT of an answer, a delivery or a tick."""

    DIED_BEFORE = "died before"
    DIED_AFTER = "died after"
    LOST = "lost"
    """The call raises an error and has no effect."""
    REPLY_LOST = "reply lost"
    """The call has its effect and then raises an error."""
    LANDS_LATE = "lands late"
    """The call raises an error, and its effect takes place later all the same."""
    REPEATED = "repeated"
    REFUSED = "refused"
    MALFORMED = "malformed"
    """The call has its effect, and its reply is not what the API promises."""
    DELAYED = "delayed"
    """The effect takes place later than usual."""
    ANSWERED_LATE = "answered late"
    """The effect takes place in time, and its reply comes late."""
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        kind: What happens.
        error: What the call raises, where it raises something.
        seconds: How late; of `LANDS_LATE`, when the effect takes place.
        raised_after: Of `LANDS_LATE`, the seconds after which the call raises its error.
        reply: Of `MALFORMED`, the reply.
    """

    kind: Kind
    error: BaseException | None = None
    seconds: float = 0.0
    raised_after: float = 0.0
    reply: Any = None

    def __str__(self) -> str:
        if isinstance(self.error, ClientError):
            return f"{self.kind.value} ({self.error.response['Error']['Code']})"
        return self.kind.value


class Faults(Protocol):
    """A fault injector."""

    def draw(self, request: str, effect: str) -> Fault | None:
        """Return the fault that an effect meets; None where it meets none.

        Args:
            request: The RequestId that the effect is for.
            effect: An operation of AWS, `Put`, `Deliver` or `Tick`.
        """

    def latency(self) -> float:
        """Return the seconds that a message takes."""


class Script:
    """The scripted fault injector: faults by effect, in order. An effect without a fault succeeds.

    Args:
        latency: Seconds that a message takes.
    """

    def __init__(self, latency: float = 0.05) -> None:
        self._latency = latency
        self._next: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}

    def next(self, effect: str, *faults: Fault | None) -> None:
        """Inject these faults into the next instances of an effect, in order; None lets one succeed."""
        self._next[effect].extend(faults)

    def always(self, effect: str, fault: Fault | None) -> None:
        """Inject a fault into every further instance of an effect; None ends that."""
        if fault:
            self._always[effect] = fault
        else:
            self._always.pop(effect, None)

    def before(self, operation: str, *errors: BaseException | None) -> None:
        """Raise these errors instead of the effect, one a call; None lets a call succeed."""
        self.next(operation, *(None if error is None else _instead(error) for error in errors))

    def after(self, operation: str, *errors: BaseException) -> None:
        """Let the effect take place and then raise these errors, one a call."""
        self.next(operation, *(_afterwards(error) for error in errors))

    def draw(self, request: str, effect: str) -> Fault | None:
        """Return the fault that is next for the effect."""
        if self._next[effect]:
            return self._next[effect].popleft()
        return self._always.get(effect)

    def latency(self) -> float:
        """Return the seconds that a message takes: always the same."""
        return self._latency


def _instead(error: BaseException) -> Fault:
    """Return the fault that an error means when it is raised instead of a call."""
    return DIED_BEFORE if isinstance(error, Died) else Fault(Kind.REFUSED, error)


def _afterwards(error: BaseException) -> Fault:
    """Return the fault that an error means when it is raised after a call."""
    return DIED_AFTER if isinstance(error, Died) else Fault(Kind.REPLY_LOST, error)


def error(code: str, message: str = "as injected", status: int = 400) -> ClientError:
    """Make an error as boto3 raises it."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Operation",
    )


def refused(code: str, message: str = "as injected", status: int = 400) -> Fault:
    """The service answers an error instead of doing anything."""
    return Fault(Kind.REFUSED, error(code, message, status))


def malformed(reply: Any) -> Fault:
    """The effect takes place, and the reply is this value."""
    return Fault(Kind.MALFORMED, reply=reply)


NETWORK = ConnectionClosedError(endpoint_url="https://aws.test")
TIMED_OUT = ReadTimeoutError(endpoint_url="https://aws.test")
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
    """The effect takes place in time, and its reply comes late."""
    return Fault(Kind.ANSWERED_LATE, seconds=seconds)


def lands_late(seconds: float, raised_after: float = 10.0) -> Fault:
    """The call raises a timeout, and its effect takes place some seconds after it was sent."""
    return Fault(Kind.LANDS_LATE, TIMED_OUT, seconds=seconds, raised_after=raised_after)
