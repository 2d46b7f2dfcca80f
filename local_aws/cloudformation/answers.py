# SPDX-License-Identifier: Apache-2.0
"""The checks of custom resources' answers.

An answer that is too long, or that has no physical id, fails the resource. The reason of a FAILED answer is
shown as CloudFormation shows it, and its physical id is kept.
"""

from typing import Any

from ministack.services.cloudformation import custom_resource

PATH = "/_ministack/cfn-response/"
LONGEST = 4096
"""Bytes of an answer, by CloudFormation's documentation of the response object."""


class Reason(str):
    """The reason of an answer, with the physical id of the answer.

    ministack raises the reason and drops the rest of the answer, but the Delete of the rollback needs the id.
    """

    physical_id: str | None = None


def apply() -> None:
    """Check every answer, and replace the reason of a FAILED one by a `Reason`."""
    deliver = custom_resource.deliver_response

    def deliver_response(token: str, response: dict[str, Any]) -> bool:
        return bool(deliver(token, _judged(response)))

    custom_resource.deliver_response = deliver_response


def wrap(app: Any) -> Any:
    """Wrap the application so that an answer that is too long is a failure."""

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
