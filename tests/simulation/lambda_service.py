# SPDX-License-Identifier: Apache-2.0
"""AWS Lambda: asynchronous invocations, delivered at least once, tried again when they fail."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dataset_import.answer import NEVER, Delivery
from tests.simulation.faults import Kind
from tests.simulation.kernel import Died

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.faults import Fault, Faults
    from tests.simulation.journal import Journal
    from tests.simulation.kernel import Kernel, Task

TIMEOUT = 90.0
"""Seconds that an invocation may take."""

RETRY_AFTER = (60.0, 120.0)
"""Seconds after which a failed invocation is tried again, twice.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

LONGEST_BACK_OFF = 300.0
"""Seconds at most between two tries of an event for which there is no place; they double from one on.

From the same page, which says nothing of their number within six hours.
"""

HANG = 43.0
"""Seconds that the tries of an answer take which nobody replies to."""


class LambdaService:
    """Functions, by ARN, which all run the handler.

    All invocations share one Python process, as resources share one that is kept warm: what one leaves behind
    the next one finds.

    Attributes:
        concurrency: Invocations that the account may run at once.
        throttled: How often an event found no place; it is tried again, later and later.
    """

    def __init__(
        self,
        kernel: Kernel,
        faults: Faults,
        journal: Journal,
        serve: Callable[[dict[str, Any], Any, Any], None],
        connect: Callable[[Invocation], Any],
    ) -> None:
        self.kernel = kernel
        self.faults = faults
        self.journal = journal
        self.serve = serve
        self.connect = connect
        self.functions: dict[str, dict[str, str]] = {}
        self.running: list[Invocation] = []
        self.concurrency = float("inf")
        self.throttled = 0

    def invoke(self, function_arn: str, payload: str) -> None:
        """Take an event; it is delivered soon, perhaps late, perhaps twice."""
        request = json.loads(payload)["RequestId"]
        fault = self.faults.draw(request, "Deliver")
        late = self.faults.latency()
        if fault:
            self.journal.fault(request, fault.kind.value, "Deliver")
            if fault.kind is Kind.REPEATED:
                self.kernel.after(late + fault.seconds, lambda: self._deliver(function_arn, payload, 0))
            else:
                late += fault.seconds
        self.kernel.after(late, lambda: self._deliver(function_arn, payload, 0))

    def _deliver(self, function_arn: str, payload: str, retries: int, back_off: float = 1.0) -> None:
        if function_arn not in self.functions:
            return
        if len(self.running) < self.concurrency:
            Invocation(self, function_arn, payload, retries).start()
            return
        self.throttled += 1
        again = min(2 * back_off, LONGEST_BACK_OFF)
        self.kernel.after(back_off, lambda: self._deliver(function_arn, payload, retries, again))

    def failed(self, invocation: Invocation) -> None:
        """Try again what failed, up to twice."""
        tried = invocation.retries
        if tried < len(RETRY_AFTER):
            self.kernel.after(
                RETRY_AFTER[tried],
                lambda: self._deliver(invocation.function_arn, invocation.payload, tried + 1),
            )


class Invocation:
    """One run of the handler, and its way to the outside: every effect goes through here."""

    def __init__(self, service: LambdaService, function_arn: str, payload: str, retries: int) -> None:
        self.service = service
        self.function_arn = function_arn
        self.payload = payload
        self.retries = retries
        self.event: dict[str, Any] = json.loads(payload)
        self.request: str = self.event["RequestId"]
        self._task: Task

    def start(self) -> None:
        """Run the handler as a task of its own, for as long as an invocation may take."""
        kernel = self.service.kernel
        ends = kernel.now + TIMEOUT
        context = SimpleNamespace(
            invoked_function_arn=self.function_arn,
            function_name=self.function_arn.rsplit(":", 1)[-1],
            aws_request_id="invocation",
            get_remaining_time_in_millis=lambda: int((ends - kernel.now) * 1000),
        )

        def run() -> None:
            try:
                self.service.serve(self.event, context, self.service.connect(self))
            except Died:
                self.service.journal.tell(self.request, "the process died")
                self.service.failed(self)
            except Exception as problem:
                self.service.journal.tell(self.request, f"the handler raised {type(problem).__name__}")
                self.service.failed(self)
            finally:
                self.service.running.remove(self)

        self.service.running.append(self)
        tick = "tick" if "CrHelperPoll" in self.event else self.event["RequestType"]
        self.service.journal.tell(self.request, f"invoked with {tick}")
        self._task = kernel.start(run)
        kernel.at(ends, self._task.kill)

    def effect(self, name: str, do: Callable[[], Any]) -> Any:
        """Perform an effect: it takes time, and what the faults say happens to it."""
        kernel, faults = self.service.kernel, self.service.faults
        self.service.journal.count(name)
        fault = faults.draw(self.request, name)
        kernel.sleep(faults.latency())
        if fault:
            return self._faulty(name, fault, do)
        self.service.journal.tell(self.request, name)
        reply = do()
        kernel.sleep(faults.latency())
        return reply

    def _faulty(self, name: str, fault: Fault, do: Callable[[], Any]) -> Any:
        kernel = self.service.kernel
        self.service.journal.fault(self.request, str(fault), name)
        if fault.kind is Kind.DIED_BEFORE:
            raise Died
        if fault.kind in (Kind.REFUSED, Kind.LOST):
            kernel.sleep(fault.seconds)
            raise fresh(fault.error)
        if fault.kind is not Kind.ANSWERED_LATE:
            kernel.sleep(fault.seconds)
        reply = do()
        if fault.kind is Kind.REPEATED:
            kernel.sleep(self.service.faults.latency())
            return do()
        if fault.kind is Kind.DIED_AFTER:
            raise Died
        if fault.kind is Kind.REPLY_LOST:
            raise fresh(fault.error)
        if fault.kind is Kind.ANSWERED_LATE:
            kernel.sleep(fault.seconds)
        return reply

    def put(self, url: str, body: bytes, store: Callable[[str, bytes], int]) -> Delivery:
        """Send an answer, as the handler's own way to send it would tell."""
        try:
            status: int = self.effect("Put", lambda: store(url, body))
        except Exception:
            self.service.kernel.sleep(HANG)
            return Delivery.LOST
        if 200 <= status < 300:
            return Delivery.TAKEN
        return Delivery.REFUSED if status in NEVER else Delivery.LOST


def fresh(error: BaseException | None) -> BaseException:
    """An error to raise, without what it remembers of having been raised before."""
    assert error
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)
