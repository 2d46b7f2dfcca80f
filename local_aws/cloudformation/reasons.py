# SPDX-License-Identifier: Apache-2.0
"""The answer of a custom resource that FAILED: its reason in CloudFormation's words, and its physical id kept."""

from typing import Any

from ministack.services.cloudformation import custom_resource


class Reason(str):
    """A reason that remembers the physical id of the answer that it came with.

    ministack raises the reason and drops the rest of the answer; the id is needed for the Delete in rollback.
    """

    physical_id: str | None = None


def apply() -> None:
    """Have every FAILED answer carry such a reason."""
    deliver = custom_resource.deliver_response

    def deliver_response(token: str, response: dict[str, Any]) -> bool:
        if response.get("Status") == "FAILED":
            reason = Reason(
                "Received response status [FAILED] from custom resource. "
                f"Message returned: {response.get('Reason', '')} (RequestId: {response.get('RequestId')})"
            )
            reason.physical_id = response.get("PhysicalResourceId")
            response = {**response, "Reason": reason}
        return bool(deliver(token, response))

    custom_resource.deliver_response = deliver_response
