# SPDX-License-Identifier: Apache-2.0
"""AWS Lambda: asynchronous invocations, delivered at least once, tried again when they fail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.fakes.faults import Kind
from tests.fakes.kernel import Died

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.faults import Fault, Faults
    from tests.fakes.journal import Journal
    from tests.fakes.kernel import Kernel, Task

TIMEOUT = 90.0
"""Seconds that an invocation may take."""

RETRY_AFTER = (60.0, 120.0)
"""Seconds after which a failed invocation is tried again, twice.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

LONGEST_BACK_OFF = 300.0
"""Seconds at most between two tries of an event for which there is no free concurrency; they double from one.

The same page names no number of tries within six hours.
"""


@dataclass(frozen=True)
class Function:
    """A function: its environment variables and the id of its stack."""

    environment: dict[str, str]
    stack_id: str


class AwsLambda:
    """Functions by ARN. All of them run the handler.

    All invocations share one Python process, as resources share one that is kept warm.

    Attributes:
        concurrency: Invocations that the account may run at once.
        throttled: How often an event was throttled; it is tried again, later and later.
        request_of: Returns the RequestId on whose behalf an event is processed.
    """

    def __init__(
        self,
        kernel: Kernel,
        faults: Faults,
        journal: Journal,
        serve: Callable[[dict[str, Any], Any, Any], None],
        services: Callable[[Invocation], Any],
        request_of: Callable[[str, dict[str, Any]], str],
    ) -> None:
        self.kernel = kernel
        self.faults = faults
        self.journal = journal
        self.serve = serve
        self.services = services
        self.request_of = request_of
        self.functions: dict[str, Function] = {}
        self.running: list[Invocation] = []
        self.concurrency = float("inf")
        self.throttled = 0
        self.raised: list[BaseException] = []

    def invoke(self, function_arn: str, payload: str) -> None:
        """Take an event. It is delivered soon, perhaps late, perhaps twice."""
        event = json.loads(payload)
        request = str(event.get("RequestId") or event.get("RecordKey", ""))
        fault = self.faults.draw(request, "Deliver")
        late = self.faults.latency()
        if fault:
            self.journal.fault(request, str(fault), "Deliver")
            if fault.kind is Kind.REPEATED:
                self.kernel.after(late + fault.seconds, lambda: self.deliver(function_arn, payload))
            else:
                late += fault.seconds
        self.kernel.after(late, lambda: self.deliver(function_arn, payload))

    def deliver(self, function_arn: str, payload: str, retries: int = 0, back_off: float = 1.0) -> None:
        """Run the function, or try again later where there is no free concurrency."""
        if function_arn not in self.functions:
            return
        if len(self.running) < self.concurrency:
            Invocation(self, function_arn, payload, retries).start()
            return
        self.throttled += 1
        again = min(2 * back_off, LONGEST_BACK_OFF)
        self.kernel.after(back_off, lambda: self.deliver(function_arn, payload, retries, again))

    def failed(self, invocation: Invocation) -> None:
        """Try a failed invocation again, twice at most."""
        tried = invocation.retries
        if tried < len(RETRY_AFTER):
            self.kernel.after(
                RETRY_AFTER[tried],
                lambda: self.deliver(invocation.function_arn, invocation.payload, tried + 1),
            )


class Invocation:
    """One run of the handler. Every effect of it passes through `effect`.

    Attributes:
        request: The RequestId on whose behalf it acts, as far as is known.
        has_read: Whether it has read the record that says so. A later one may be of a newer request.
    """

    def __init__(
        self,
        service: AwsLambda,
        function_arn: str,
        payload: str,
        retries: int = 0,
        timeout: float | None = None,
    ) -> None:
        self.service = service
        self.function_arn = function_arn
        self.function = service.functions[function_arn]
        self.payload = payload
        self.retries = retries
        self.timeout = TIMEOUT if timeout is None else timeout
        self.event: dict[str, Any] = json.loads(payload)
        self.request = service.request_of(self.function.stack_id, self.event)
        self.has_read = "RequestId" in self.event
        self.is_over = False
        self._task: Task

    def start(self) -> None:
        """Run the handler as a task, for as long as an invocation may take."""
        kernel, service = self.service.kernel, self.service
        ends = kernel.now + self.timeout
        context = SimpleNamespace(
            invoked_function_arn=self.function_arn,
            function_name=self.function_arn.rsplit(":", 1)[-1],
            aws_request_id="invocation",
            get_remaining_time_in_millis=lambda: int((ends - kernel.now) * 1000),
        )

        def run() -> None:
            try:
                service.serve(self.event, context, service.services(self))
            except Died as died:
                service.raised.append(died)
                service.journal.note(self.request, "the process died")
                service.failed(self)
            except Exception as problem:
                service.raised.append(problem)
                service.journal.note(self.request, f"the handler raised {type(problem).__name__}")
                service.failed(self)
            finally:
                self.is_over = True
                service.running.remove(self)

        service.running.append(self)
        service.journal.note(self.request, f"invoked with {self.event.get('RequestType', 'tick')}")
        self._task = kernel.start(run)
        kernel.at(ends, self._task.kill)

    def kill(self) -> None:
        """End the process where it stands."""
        self._task.kill()

    def effect(self, name: str, do: Callable[[], Any]) -> Any:
        """Perform an effect. It takes time, and it meets the fault that the injector draws."""
        kernel, faults = self.service.kernel, self.service.faults
        self.service.journal.count(name)
        fault = faults.draw(self.request, name)
        kernel.sleep(faults.latency())
        if fault:
            return self._faulty(name, fault, do)
        self.service.journal.note(self.request, name)
        reply = do()
        kernel.sleep(faults.latency())
        return reply

    def _faulty(self, name: str, fault: Fault, do: Callable[[], Any]) -> Any:
        """Do what a call does, with a fault before, after or instead of it."""
        kernel = self.service.kernel
        self.service.journal.fault(self.request, str(fault), name)
        if fault.kind is Kind.DIED_BEFORE:
            raise Died
        if fault.kind in (Kind.REFUSED, Kind.LOST):
            kernel.sleep(fault.seconds)
            raise fresh(fault.error)
        if fault.kind is Kind.LANDS_LATE:
            kernel.after(fault.seconds, lambda: self._land(name, do))
            kernel.sleep(fault.raised_after)
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
        return fault.reply if fault.kind is Kind.MALFORMED else reply

    def _land(self, name: str, do: Callable[[], Any]) -> None:
        """Perform an effect whose caller has given it up; nobody gets the reply."""
        self.service.journal.note(self.request, f"{name} lands late")
        try:
            do()
        except Exception as said:
            self.service.journal.note(self.request, f"{name} is refused late: {type(said).__name__}")


def fresh(error: BaseException | None) -> BaseException:
    """Return an error without the traceback and context of an earlier raise."""
    assert error
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)
