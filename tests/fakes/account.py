# SPDX-License-Identifier: Apache-2.0
"""An account with a clock of its own, in which the real handler serves the requests of CloudFormation."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dataset_import.cloudformation import Delivery
from dataset_import.event import digest
from dataset_import.handler import serve as real_serve
from tests.fakes.aws_lambda import AwsLambda, Function
from tests.fakes.clients import Client
from tests.fakes.cloudformation import CloudFormation
from tests.fakes.dynamodb import DynamoDB
from tests.fakes.journal import Journal
from tests.fakes.kernel import Kernel
from tests.fakes.observer import Observer
from tests.fakes.personalize import Personalize
from tests.fakes.s3 import S3
from tests.fakes.scheduler import Scheduler
from tests.fakes.stacks import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_aws.personalize import Timing
    from tests.fakes.aws_lambda import Invocation
    from tests.fakes.cloudformation import Request
    from tests.fakes.dynamodb import Item
    from tests.fakes.faults import Faults

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
REFUSALS = ("InvalidInputException", "AccessDeniedException", "ResourceNotFoundException")
FINAL_STATUSES = (403, 404, 410)
HANG = 43.0
"""Seconds that the tries of an answer take which gets no reply."""

REQUEST = re.compile(r'"request": \{"id": "([0-9a-f]+)"')
"""Where a record says which request it is about."""


class Account:
    """Everything around the handler.

    Args:
        faults: The fault injector.
        timing: How long Personalize takes.
        serve: The handler.
        observer: Observes what happens.

    Attributes:
        put: Another way to send an answer, for tests of that way.
        first_written: When a request was first in an item of the table, by its RequestId and response URL.
    """

    def __init__(
        self,
        faults: Faults,
        *,
        timing: Timing | None = None,
        serve: Callable[[dict[str, Any], Any, Any], None] = real_serve,
        observer: Observer | None = None,
    ) -> None:
        self.kernel = Kernel()
        self.journal = Journal(self.kernel)
        self.observer = observer or Observer()
        self.personalize = Personalize(self.kernel, timing) if timing else Personalize(self.kernel)
        self.functions = AwsLambda(
            self.kernel, faults, self.journal, serve, self._services, self._request_of_event
        )
        self.scheduler = Scheduler(self.kernel, faults, self.journal, self.functions.invoke)
        self.dynamodb = DynamoDB(self.kernel, self._written)
        self.s3 = S3(self.kernel, self.observer)
        self.personalize.objects = self.s3.objects
        self.cloudformation = CloudFormation(self.kernel, self.journal, self.observer, self.functions.invoke)
        self.put: Callable[[str, bytes], Delivery] | None = None
        self.first_written: dict[str, float] = {}
        self._known: dict[str, Request] = {}
        self._made = 0

    # Stacks

    def make_stack(self, name: str, parent: Stack | None = None) -> Stack:
        """Make a stack with its function, schedule group and table, and no import yet."""
        stack = Stack(self, name, parent)
        self.create(stack)
        return stack

    def create(self, stack: Stack) -> None:
        """Create a stack, perhaps for the second time: its id and function are new ones."""
        self._made += 1
        own = stack.name if self._made == 1 else f"{stack.name}-{self._made}"
        stack.id = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{stack.name}/{self._made:08x}"
        stack.service_token = FUNCTION + own
        stack.created, stack.status, stack.is_made = self.kernel.now, "CREATE_IN_PROGRESS", True
        self.cloudformation.stacks[stack.id] = stack
        environment = {
            "TABLE_NAME": own,
            "SCHEDULE_GROUP_NAME": own,
            "SCHEDULE_ROLE_ARN": "arn:aws:iam::123456789012:role/schedules",
        }
        self.functions.functions[stack.service_token] = Function(environment, stack.id)
        self.scheduler.groups[own] = {}
        self.dynamodb.make_table(own)

    def drop(self, stack: Stack, status: str) -> None:
        """Delete what a stack has besides its imports."""
        function = self.functions.functions.pop(stack.service_token, None)
        if function:
            self.scheduler.groups.pop(function.environment["SCHEDULE_GROUP_NAME"], {}).clear()
            self.dynamodb.drop_table(function.environment["TABLE_NAME"])
        stack.status, stack.is_made = status, False
        stack.resources.clear()
        stack.waits.clear()

    def is_gone(self, stack_id: str) -> bool:
        """Whether a stack has been deleted."""
        return all(function.stack_id != stack_id for function in self.functions.functions.values())

    # Which request an invocation acts for

    def taken_over(self, request: Request) -> float:
        """When a request was first in the table; infinite if it never was."""
        return self.first_written.get(request.event["ResponseURL"], float("inf"))

    def request_in(self, item: Item) -> Request | None:
        """The request that an item is about."""
        found = REQUEST.search(item.get("Record", {}).get("S", ""))
        return self._by_digest(found[1]) if found else None

    def _by_digest(self, identity: str) -> Request | None:
        """Find a request by the identity that the handler derives from its id and its URL."""
        if identity not in self._known:
            for request in self.cloudformation.requests.values():
                self._known[digest(request.id, request.event["ResponseURL"])] = request
        return self._known.get(identity)

    def _request_of_event(self, stack_id: str, event: dict[str, Any]) -> str:
        """Return the id of the request that an event or a tick belongs to."""
        if "RequestId" in event:
            return str(event["RequestId"])
        key = str(event.get("RecordKey", ""))
        for item in self.dynamodb.items():
            if item["Key"]["S"] == key and (request := self.request_in(item)):
                return request.id
        return key

    def _written(self, _: str, item: Item) -> None:
        """Remember when a request was first written down."""
        request = self.request_in(item)
        if request:
            self.first_written.setdefault(request.event["ResponseURL"], self.kernel.now)
        self.observer.item_written(item)

    # What an invocation reaches

    def _services(self, invocation: Invocation) -> Any:
        """Return the services that the handler gets in an invocation."""

        def client(
            service: str, call: Callable[[Invocation, str, dict[str, Any]], Any]
        ) -> Callable[[], Client]:
            made = Client(
                service,
                lambda operation, params: invocation.effect(
                    operation, lambda: call(invocation, operation, params)
                ),
            )
            return lambda: made

        return SimpleNamespace(
            clock=self.kernel,
            environment=invocation.function.environment,
            put=lambda url, body: self._put(invocation, url, body),
            personalize=client("personalize", self._call_personalize),
            scheduler=client("scheduler", self._call_scheduler),
            dynamodb=client("dynamodb", self._call_dynamodb),
            cloudformation=client("cloudformation", self._call_cloudformation),
            s3=lambda: self.s3.client(invocation.effect),
            s3_copies=lambda: self.s3.client(invocation.effect),
        )

    def _request(self, invocation: Invocation) -> Request | None:
        """Return the request that an invocation works for."""
        if "ResponseURL" in invocation.event:
            return self.cloudformation.requests.get(invocation.event["ResponseURL"])
        return self.cloudformation.newest_of(invocation.request)

    def _put(self, invocation: Invocation, url: str, body: bytes) -> Delivery:
        """Send an answer or a signal, and return whether it was taken."""
        send = self.put
        if send:
            delivery: Delivery = invocation.effect("Put", lambda: send(url, body))
            return delivery
        try:
            status: int = invocation.effect("Put", lambda: self._store(invocation, url, body))
        except Exception:
            self.kernel.sleep(HANG)
            return Delivery.LOST
        if 200 <= status < 300:
            return Delivery.TAKEN
        return Delivery.REFUSED if status in FINAL_STATUSES else Delivery.LOST

    def _store(self, invocation: Invocation, url: str, body: bytes) -> int:
        """Store an answer or a signal, and return the status of the reply."""
        waits = self.cloudformation.waits
        if url not in waits.by_url:
            return self.cloudformation.store(url, body)
        request = self._request(invocation)
        assert request
        return waits.store(url, body, request)

    def _call_personalize(self, invocation: Invocation, operation: str, params: dict[str, Any]) -> Any:
        stack_name = self.cloudformation.stacks[invocation.function.stack_id].name
        if operation != "CreateDatasetImportJob":
            return self.personalize.call(operation, params, stack_name)
        request = self._request(invocation)
        try:
            reply = self.personalize.call(operation, params, stack_name)
        except ClientError as said:
            if request:
                request.refusals += said.response["Error"]["Code"] in REFUSALS
            raise
        if request:
            self.observer.job_started(request, reply["datasetImportJobArn"])
        return reply

    def _call_scheduler(self, _: Invocation, operation: str, params: dict[str, Any]) -> Any:
        reply = self.scheduler.call(operation, params)
        if operation == "CreateSchedule":
            self.observer.schedule_made(self.scheduler.groups[params["GroupName"]][params["Name"]])
        return reply

    def _call_dynamodb(self, invocation: Invocation, operation: str, params: dict[str, Any]) -> Any:
        reply = self.dynamodb.call(operation, params)
        seen = params.get("Item") or reply.get("Item")
        if not invocation.has_read and seen and (request := self.request_in(seen)):
            invocation.request, invocation.has_read = request.id, True
        return reply

    def _call_cloudformation(self, invocation: Invocation, operation: str, params: dict[str, Any]) -> Any:
        return self.cloudformation.call(invocation.function.stack_id, operation, params)
