# SPDX-License-Identifier: Apache-2.0
"""The answers of custom resources, judged as CloudFormation judges them.

One that is too long, or that lacks a physical id, fails the resource. The reason of a FAILED one is shown in
CloudFormation's words, and its physical id is kept.
"""

from typing import Any

from ministack.services.cloudformation import custom_resource

PATH = "/_ministack/cfn-response/"
LONGEST = 4096
"""Bytes, by CloudFormation's documentation of the response object."""


class Reason(str):
    """A reason that remembers the physical id of the answer that it came with.

    ministack raises the reason and drops the rest of the answer; the id is needed for the Delete in rollback.
    """

    physical_id: str | None = None


def apply() -> None:
    """Check every answer, and have the FAILED ones carry such a reason."""
    deliver = custom_resource.deliver_response

    def deliver_response(token: str, response: dict[str, Any]) -> bool:
        return bool(deliver(token, _judged(response)))

    custom_resource.deliver_response = deliver_response


def wrap(app: Any) -> Any:
    """The application, which takes a too long answer for a failure."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(PATH) or _length(scope) <= LONGEST:
            await app(scope, receive, send)
            return
        failure = {"Status": "FAILED", "Reason": Reason("Response object is too long.")}
        custom_resource.deliver_response(path.removeprefix(PATH), failure)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return wrapped


def _length(scope: Any) -> int:
    return int(dict(scope["headers"]).get(b"content-length", b"0"))


def _judged(response: dict[str, Any]) -> dict[str, Any]:
    if isinstance(response.get("Reason"), Reason):
        return response
    physical_id = response.get("PhysicalResourceId")
    if not isinstance(physical_id, str) or not physical_id:
        return {"Status": "FAILED", "Reason": Reason("Invalid PhysicalResourceId")}
    if response.get("Status") == "SUCCESS":
        return response
    reason = Reason(
        "Received response status [FAILED] from custom resource. "
        f"Message returned: {response.get('Reason', '')} (RequestId: {response.get('RequestId')})"
    )
    reason.physical_id = physical_id
    return {**response, "Status": "FAILED", "Reason": reason}
