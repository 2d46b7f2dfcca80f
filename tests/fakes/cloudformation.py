# SPDX-License-Identifier: Apache-2.0
"""CloudFormation's side of a custom resource: requests, response URLs, patience, and DescribeStacks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.fakes.faults import error
from tests.fakes.kernel import Signal
from tests.fakes.wait_conditions import WaitConditions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.journal import Journal
    from tests.fakes.kernel import Kernel
    from tests.fakes.observer import Observer
    from tests.fakes.stacks import Stack

SIGNATURE = "X-Amz-Signature=5ec7e7"
URL_LIFE = 7200.0
"""Seconds for which a response URL takes answers."""


@dataclass(eq=False)
class Request:
    """One request for one resource, and what became of it.

    Attributes:
        event: The event that the function is invoked with.
        issued: When it was sent, in seconds since the epoch.
        signal: Is given when CloudFormation stops waiting for the answer.
        answers: Every answer that was stored, in order; the first one counts.
        closed: When CloudFormation stopped waiting: it had an answer, or its patience was over.
        answered: Whether an answer closed it.
        started: The ARNs of the jobs that were started for it.
        refusals: How often Personalize itself refused to start its job.
        has_new_wait: Whether a wait condition waits for the end of its import.
        goes_back: Whether a rollback goes back to an older wait condition, which is over.
        stack_status: The status of the stack when it was sent.
        life: How often the resource has been created so far.
    """

    event: dict[str, Any]
    issued: float
    signal: Signal
    answers: list[dict[str, Any]] = field(default_factory=list)
    closed: float | None = None
    answered: bool = False
    started: list[str] = field(default_factory=list)
    refusals: int = 0
    has_new_wait: bool = False
    goes_back: bool = False
    stack_status: str = ""
    life: int = 0

    @property
    def id(self) -> str:
        """The RequestId."""
        return str(self.event["RequestId"])

    @property
    def type(self) -> str:
        """Create, Update or Delete."""
        return str(self.event["RequestType"])

    @property
    def resource(self) -> tuple[str, str]:
        """The resource: its stack and logical id."""
        return self.event["StackId"], self.event["LogicalResourceId"]

    @property
    def resource_life(self) -> tuple[str, str, int]:
        """The resource, as another one than an earlier one of its name that was deleted."""
        return (*self.resource, self.life)

    @property
    def properties(self) -> dict[str, Any]:
        """The resource's properties."""
        properties: dict[str, Any] = self.event["ResourceProperties"]
        return properties

    @property
    def old_properties(self) -> dict[str, Any]:
        """The properties before an Update; empty for a Create or a Delete."""
        properties: dict[str, Any] = self.event.get("OldResourceProperties") or {}
        return properties

    @property
    def patience_ends(self) -> float:
        """When CloudFormation gives up."""
        try:
            return self.issued + min(float(self.properties.get("ServiceTimeout", 3600)), 3600.0)
        except (TypeError, ValueError):
            return self.issued + 3600.0

    @property
    def answer(self) -> dict[str, Any] | None:
        """The answer that counts."""
        return self.answers[0] if self.answered else None

    @property
    def succeeded(self) -> bool:
        """Whether the answer that counts is a success."""
        return bool(self.answer and self.answer["Status"] == "SUCCESS")


class CloudFormation:
    """Sends requests, takes answers and describes stacks.

    Attributes:
        requests: Every request by its response URL, in the order in which they were sent.
        stacks: Every stack by its id, deleted ones too.
        breath: Seconds at least between two requests for one resource.
    """

    def __init__(
        self,
        kernel: Kernel,
        journal: Journal,
        observer: Observer,
        invoke: Callable[[str, str], None],
    ) -> None:
        self._kernel = kernel
        self._journal = journal
        self._observer = observer
        self._invoke = invoke
        self.requests: dict[str, Request] = {}
        self.stacks: dict[str, Stack] = {}
        self.waits = WaitConditions(kernel, journal, observer)
        self.breath = 2.0
        self._count = 0
        self._last: dict[tuple[str, str], float] = {}
        self._lives: Counter[tuple[str, str]] = Counter()

    def call(self, stack_id: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Perform an operation on behalf of a function that may only describe its own stack."""
        assert operation == "DescribeStacks", f"the handler has no permission for {operation}"
        if params.get("StackName") != stack_id:
            raise error(
                "AccessDenied", "User is not authorized to perform: cloudformation:DescribeStacks", 403
            )
        stack = self.stacks[stack_id]
        description = {
            "StackId": stack.id,
            "StackName": stack.name,
            "StackStatus": stack.status,
            "CreationTime": datetime.fromtimestamp(stack.created, UTC),
        }
        if stack.parent:
            description |= {"ParentId": stack.parent.id, "RootId": stack.root.id}
        return {"Stacks": [description]}

    def send(
        self,
        request_type: str,
        stack_id: str,
        logical_id: str,
        properties: dict[str, Any],
        **more: Any,
    ) -> Request:
        """Send a new request to the function that the properties' ServiceToken names."""
        self._take_a_breath(stack_id, logical_id)
        self._lives[stack_id, logical_id] += request_type == "Create"
        self._count += 1
        return self._send(
            {
                "RequestType": request_type,
                "RequestId": f"{request_type.lower()}-{self._count}",
                "StackId": stack_id,
                "ResourceType": "Custom::PersonalizeDatasetImportJob",
                "LogicalResourceId": logical_id,
                "ResourceProperties": properties,
                **more,
            }
        )

    def send_again(self, request: Request) -> Request:
        """Send a request again: the same RequestId, a new URL."""
        self._take_a_breath(*request.resource)
        return self._send({key: value for key, value in request.event.items() if key != "ResponseURL"})

    def deliver_again(self, request: Request) -> None:
        """Have AWS Lambda deliver the same event once more."""
        self._invoke(request.properties["ServiceToken"], json.dumps(request.event))

    def wait(self, request: Request) -> dict[str, Any] | None:
        """Wait for the answer that counts; None when CloudFormation's patience is over."""
        if request.closed is None:
            self._kernel.wait([request.signal], request.patience_ends - self._kernel.now)
        self.check_patience(request)
        return request.answer

    def check_patience(self, request: Request) -> None:
        """Give a request up whose time is over."""
        if request.closed is None and self._kernel.now >= request.patience_ends:
            self.give_up(request)
            self._observer.unanswered(request)

    def give_up(self, request: Request) -> None:
        """Stop waiting for the answer, as for a request that is cancelled."""
        if request.closed is None:
            self._journal.note(request.id, "CloudFormation gives the request up")
            self._close(request)

    def store(self, url: str, body: bytes) -> int:
        """Take an answer, and return the HTTP status."""
        request = self.requests.get(url)
        if request is None or self._kernel.now > request.issued + URL_LIFE:
            return 403
        answer = json.loads(body)
        self._journal.note(request.id, f"answered {body.decode()}")
        request.answers.append(answer)
        counts = request.closed is None
        if counts:
            request.answered = True
            self._close(request)
        self._observer.answered(request, body, counts=counts)
        return 200

    def newest_of(self, request_id: str) -> Request | None:
        """Return the request of a RequestId; the newest, where it was sent again."""
        return next((each for each in reversed(self.requests.values()) if each.id == request_id), None)

    def _close(self, request: Request) -> None:
        """End the wait for an answer."""
        request.closed = self._last[request.resource] = self._kernel.now
        request.signal.give()

    def _take_a_breath(self, stack_id: str, logical_id: str) -> None:
        """Wait until the last request of the resource is long enough ago."""
        resource = (stack_id, logical_id)
        since = self._kernel.now - self._last.get(resource, 0.0)
        if since < self.breath:
            self._kernel.sleep(self.breath - since)
        self._last[resource] = self._kernel.now

    def _send(self, event: dict[str, Any]) -> Request:
        """Send a request to the function of its stack, with a new URL."""
        now = self._kernel.now
        date = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        path = quote(f"{event['StackId']}|{event['LogicalResourceId']}|{event['RequestId']}", safe="")
        event["ResponseURL"] = (
            f"https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/{path}"
            f"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-SignedHeaders=host"
            f"&X-Amz-Expires={URL_LIFE:.0f}"
            f"&X-Amz-Credential=AKIAEXAMPLE%2F{date[:8]}%2Fus-east-1%2Fs3%2Faws4_request"
            f"&{SIGNATURE}{len(self.requests):08x}"
        )
        stack = self.stacks.get(event["StackId"])
        request = Request(event, now, Signal(self._kernel), stack_status=stack.status if stack else "")
        request.life = self._lives[request.resource]
        handle, old = (
            each.get("WaitConditionHandle") for each in (request.properties, request.old_properties)
        )
        if (
            isinstance(handle, str)
            and handle in self.waits.by_url
            and handle != old
            and request.type != "Delete"
        ):
            request.goes_back = self.waits.by_url[handle].is_over
            request.has_new_wait = not request.goes_back
        self.requests[event["ResponseURL"]] = request
        self._journal.count(event["RequestType"])
        self._journal.note(request.id, f"sent for {request.resource[1]} of {event['StackId'].split('/')[1]}")
        self._invoke(event["ResourceProperties"]["ServiceToken"], json.dumps(event))
        return request
