# SPDX-License-Identifier: Apache-2.0
"""Everything around the handler: CloudFormation, AWS Lambda, the scheduler, Personalize, and time."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dataset_import.handler import serve as real_serve
from tests.simulation.cloudformation import CloudFormation, Request
from tests.simulation.invariants import Invariants
from tests.simulation.journal import Journal
from tests.simulation.kernel import Kernel
from tests.simulation.lambda_service import Invocation, LambdaService
from tests.simulation.personalize_service import PersonalizeService
from tests.simulation.scheduler_service import SchedulerService
from tests.simulation.stacks import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataset_import.answer import Delivery
    from local_aws.personalize import Timing
    from tests.simulation.faults import Faults

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
MEMORY_AND_MORE = 15 * 3600.0
"""Seconds after which nothing is remembered of a request that has ended."""
REFUSALS = ("InvalidInputException", "AccessDeniedException", "ResourceNotFoundException")


class Simulation:
    """One run: a world with a clock of its own, in which the real handler serves requests."""

    def __init__(
        self,
        faults: Faults,
        *,
        timing: Timing | None = None,
        serve: Callable[[dict[str, Any], Any, Any], None] = real_serve,
    ) -> None:
        self.kernel = Kernel()
        self.journal = Journal(self.kernel)
        self.invariants = Invariants(self)
        self.personalize = (
            PersonalizeService(self.kernel, timing) if timing else PersonalizeService(self.kernel)
        )
        self.functions = LambdaService(self.kernel, faults, self.journal, serve, self._services)
        self.scheduler = SchedulerService(self.kernel, faults, self.journal, self.functions.invoke)
        self.put: Callable[[str, bytes], Delivery] | None = None
        """Another way to send an answer, for tests of that way."""
        self.first_written: dict[str, float] = {}
        self.cloudformation = CloudFormation(
            self.kernel, self.journal, self.invariants, self.functions.invoke
        )

    def make_stack(self, name: str) -> Stack:
        """Make a stack with its function and schedule group, and no import yet."""
        self.functions.functions[FUNCTION + name] = {
            "SCHEDULE_GROUP_NAME": name,
            "SCHEDULE_ROLE_ARN": "arn:aws:iam::123456789012:role/schedules",
        }
        self.scheduler.groups[name] = {}
        return Stack(self.kernel, self.cloudformation, name)

    def drop_stack(self, stack: Stack) -> None:
        """Delete a stack with all that is in it."""
        stack.delete()
        self.functions.functions.pop(FUNCTION + stack.name, None)
        self.scheduler.groups.pop(stack.name, {}).clear()

    def taken_over(self, request: Request) -> float:
        """When a request could first make itself known to the resource's others; for ever if it could not."""
        return self.first_written.get(request.event["ResponseURL"], float("inf"))

    def finish(self) -> None:
        """Let everything come to its end, and check that it did."""
        self.kernel.run(self.kernel.now + 900)
        self.invariants.settled()
        self.kernel.run(self.kernel.now + MEMORY_AND_MORE)
        self.invariants.over()

    # What an invocation reaches.

    def _services(self, invocation: Invocation) -> Any:
        personalize = Client(invocation, self._call_personalize)
        scheduler = Client(invocation, self._call_scheduler)
        return SimpleNamespace(
            clock=self.kernel,
            environment=self.functions.functions[invocation.function_arn],
            put=lambda url, body: self._put(invocation, url, body),
            personalize=lambda: personalize,
            scheduler=lambda: scheduler,
        )

    def _put(self, invocation: Invocation, url: str, body: bytes) -> Delivery:
        if self.put:
            send = self.put
            delivery: Delivery = invocation.effect("Put", lambda: send(url, body))
            return delivery
        waits = self.cloudformation.waits
        if url in waits.by_url:
            request = self.cloudformation.requests[invocation.event["ResponseURL"]]
            return invocation.put(url, body, lambda url, body: waits.store(url, body, request))
        return invocation.put(url, body, self.cloudformation.store)

    def _call_personalize(
        self, invocation: Invocation, operation: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        if operation != "CreateDatasetImportJob":
            return self.personalize.call(operation, params)
        request = self.cloudformation.requests[invocation.event["ResponseURL"]]
        try:
            reply = self.personalize.call(operation, params)
        except Exception as said:
            code = said.response["Error"]["Code"] if hasattr(said, "response") else ""
            request.refusals += code in REFUSALS
            raise
        self.invariants.started(request, reply["datasetImportJobArn"])
        return reply

    def _call_scheduler(
        self, invocation: Invocation, operation: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        reply = self.scheduler.call(operation, params)
        # The name of an entry ends in its number; the bookmark's does not, and takes over nothing.
        if operation == "CreateSchedule" and re.fullmatch(r"\w+-\w+-\d+", params["Name"]):
            self.first_written.setdefault(invocation.event.get("ResponseURL", ""), self.kernel.now)
        return reply


class Client:
    """A boto3 client whose calls are effects of an invocation."""

    def __init__(
        self, invocation: Invocation, call: Callable[[Invocation, str, dict[str, Any]], dict[str, Any]]
    ) -> None:
        self._invocation = invocation
        self._call = call

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        operation = operation_name(name)
        invocation, call = self._invocation, self._call
        return lambda **params: invocation.effect(operation, lambda: call(invocation, operation, params))

    def get_paginator(self, name: str) -> Any:
        """Page as boto3 does."""

        def pages(**params: Any) -> Iterator[dict[str, Any]]:
            token: dict[str, str] = {}
            while True:
                page = getattr(self, name)(**params, **token)
                yield page
                if not page.get("nextToken"):
                    return
                token = {"nextToken": page["nextToken"]}

        return SimpleNamespace(paginate=pages)


@cache
def operation_name(name: str) -> str:
    """The API's name of a client's method."""
    return "".join(part.title() for part in name.split("_"))


@contextmanager
def log_scan(invariants: Invariants) -> Iterator[None]:
    """Have every log line looked at for a while."""
    scan = LogScan(invariants)
    logging.getLogger().addHandler(scan)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(scan)


class LogScan(logging.Handler):
    """Shows every log line to the invariants."""

    def __init__(self, invariants: Invariants) -> None:
        super().__init__()
        self._invariants = invariants

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the whole line, with its error and its extras."""
        self._invariants.logged(record.getMessage() + str(record.exc_info) + str(vars(record)))
