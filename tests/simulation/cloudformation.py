# SPDX-License-Identifier: Apache-2.0
"""CloudFormation's side of a custom resource: requests, URLs that take their answers, and its patience."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.simulation.kernel import Signal
from tests.simulation.wait_condition import WaitConditions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.invariants import Invariants
    from tests.simulation.journal import Journal
    from tests.simulation.kernel import Kernel

SIGNATURE = "X-Amz-Signature=5ec7e7"
URL_LIFE = 7200.0
"""Seconds for which a response URL takes answers."""

BREATH = 2.0
"""Seconds at least between two requests for one resource."""


@dataclass
class Request:
    """One request for one resource, and what became of it.

    Attributes:
        answers: Every answer that was stored, in order; the first one counts.
        closed: When CloudFormation stopped listening: it had an answer, or lost its patience.
        answered: Whether it was an answer that closed it.
        started: The ARNs of the jobs that were started for it.
        refusals: How often Personalize itself refused to start its job.
        has_new_wait: Whether a wait condition is still to hear how the import ends.
        goes_back: Whether a rollback goes back to an older wait condition, which is over.
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
    def properties(self) -> dict[str, Any]:
        """The resource's properties."""
        properties: dict[str, Any] = self.event["ResourceProperties"]
        return properties

    @property
    def patience_ends(self) -> float:
        """When CloudFormation gives up."""
        return self.issued + float(self.properties.get("ServiceTimeout", 3600))

    @property
    def answer(self) -> dict[str, Any] | None:
        """The answer that counts."""
        return self.answers[0] if self.answered else None


class CloudFormation:
    """Sends requests and takes answers."""

    def __init__(
        self,
        kernel: Kernel,
        journal: Journal,
        invariants: Invariants,
        invoke: Callable[[str, str], None],
    ) -> None:
        self._kernel = kernel
        self._journal = journal
        self._invariants = invariants
        self._invoke = invoke
        self.requests: dict[str, Request] = {}
        self.waits = WaitConditions(kernel, journal, invariants)
        self._count = 0
        self._last: dict[tuple[str, str], float] = {}

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
        """Wait for the answer that counts; None when CloudFormation loses its patience."""
        if request.closed is None:
            self._kernel.wait(request.signal, request.patience_ends - self._kernel.now)
        if request.closed is None:
            self.give_up(request)
            self._invariants.unanswered(request)
        return request.answer

    def give_up(self, request: Request) -> None:
        """Stop listening, as for a request that a cancellation overtakes."""
        if request.closed is None:
            self._journal.tell(request.id, "CloudFormation gives the request up")
            self._close(request)

    def store(self, url: str, body: bytes) -> int:
        """Take an answer, and tell the HTTP status."""
        request = self.requests.get(url)
        if request is None or self._kernel.now > request.issued + URL_LIFE:
            return 403
        answer = json.loads(body)
        self._journal.tell(request.id, f"answered {body.decode()}")
        request.answers.append(answer)
        counts = request.closed is None
        if counts:
            request.answered = True
            self._close(request)
        self._invariants.answered(request, body, counts=counts)
        return 200

    def _close(self, request: Request) -> None:
        request.closed = self._last[request.resource] = self._kernel.now
        request.signal.give()

    def _take_a_breath(self, stack_id: str, logical_id: str) -> None:
        """CloudFormation takes seconds from one request for a resource to the next."""
        resource = (stack_id, logical_id)
        since = self._kernel.now - self._last.get(resource, 0.0)
        if since < BREATH:
            self._kernel.sleep(BREATH - since)
        self._last[resource] = self._kernel.now

    def _send(self, event: dict[str, Any]) -> Request:
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
        request = Request(event, now, Signal(self._kernel))
        handle, old = (
            event.get(properties, {}).get("WaitConditionHandle")
            for properties in ("ResourceProperties", "OldResourceProperties")
        )
        if handle and handle != old and event["RequestType"] != "Delete":
            request.goes_back = self.waits.by_url[handle].is_over
            request.has_new_wait = not request.goes_back
        self.requests[event["ResponseURL"]] = request
        self._journal.count(event["RequestType"])
        self._journal.tell(request.id, f"sent for {request.resource[1]} of {event['StackId'].split('/')[1]}")
        self._invoke(event["ResourceProperties"]["ServiceToken"], json.dumps(event))
        return request
