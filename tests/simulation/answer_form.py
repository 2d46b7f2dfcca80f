# SPDX-License-Identifier: Apache-2.0
"""The form of an answer and of a signal.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.cloudformation import Request

MAX_BYTES = 4096
SIGNAL_KEYS = {"Status", "Reason", "UniqueId", "Data"}


def wrong_parts(request: Request, answer: dict[str, Any], body: bytes, *, stays: bool) -> list[str]:
    """Return what is wrong with an answer.

    Args:
        request: The request that was answered.
        answer: The answer.
        body: The answer as it was sent.
        stays: Whether the resource stays what it is, under its physical id, if the request succeeds.
    """
    copied = ("RequestId", "StackId", "LogicalResourceId")
    wrong = [key for key in copied if answer[key] != request.event[key]]
    if answer["Status"] not in ("SUCCESS", "FAILED"):
        wrong.append("Status")
    physical_id = answer["PhysicalResourceId"]
    if not isinstance(physical_id, str) or not 0 < len(physical_id) <= 1024 or physical_id == "True":
        wrong.append("PhysicalResourceId")
    old = request.event.get("PhysicalResourceId")
    if old and old != physical_id and (stays or answer["Status"] == "FAILED" or request.type == "Delete"):
        wrong.append("PhysicalResourceId of a resource that stays")
    if answer["Status"] == "FAILED" and not answer["Reason"]:
        wrong.append("Reason")
    if answer["Status"] == "FAILED" and answer["Data"]:
        wrong.append("Data")
    if len(body) > MAX_BYTES or json.loads(body.decode()) != answer:
        wrong.append("body")
    return wrong
