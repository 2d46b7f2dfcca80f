# SPDX-License-Identifier: Apache-2.0
"""The answer to CloudFormation: one PUT to the request's response URL, with its status checked."""

from __future__ import annotations

import enum
import json
import logging
from typing import TYPE_CHECKING, Any

import urllib3

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

MAX_BYTES = 4096
"""Bytes of an answer that CloudFormation takes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html
"""

RETRIES = urllib3.Retry(
    total=4,
    backoff_factor=0.5,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=("PUT",),
    redirect=False,
    raise_on_status=False,
)
"""Five tries, within some ten seconds where each is refused; the next tick tries again."""

NEVER = (403, 404, 410)
"""HTTP statuses that will not change: the URL has expired, or is gone."""

TIMEOUT = urllib3.Timeout(connect=3, read=5)
"""Seconds for one try."""


class Delivery(enum.Enum):
    """What became of an answer."""

    TAKEN = enum.auto()
    REFUSED = enum.auto()
    """It will never be taken: the URL has expired, or nobody listens there any more."""
    LOST = enum.auto()
    """It did not get through; sending it again later may help."""


def put(
    url: str, body: bytes, *, retries: urllib3.Retry = RETRIES, timeout: urllib3.Timeout = TIMEOUT
) -> Delivery:
    """Send an answer, retrying what may pass.

    The URL is a secret that stands for CloudFormation's trust: it goes into no log and no error.
    """
    # urllib3 logs the URLs that it calls, when it tries again and at DEBUG.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        # CloudFormation signs the URL for an empty content type.
        with urllib3.PoolManager(retries=retries, timeout=timeout) as http:
            status = http.request("PUT", url, body=body, headers={"Content-Type": ""}).status
    except urllib3.exceptions.HTTPError as error:
        logger.error("The answer did not reach CloudFormation: %s", type(error).__name__)
        return Delivery.LOST
    if 200 <= status < 300:
        return Delivery.TAKEN
    logger.error("CloudFormation answered the answer with HTTP status %d", status)
    # S3, which takes the answers, also says 400 of an upload that was slow, and 409 of two at once.
    return Delivery.REFUSED if status in NEVER else Delivery.LOST


def encode(answer: Mapping[str, Any]) -> bytes:
    """The answer as JSON of at most `MAX_BYTES`; a reason that is too long loses its end."""
    encoded = json.dumps(answer).encode()
    if len(encoded) <= MAX_BYTES:
        return encoded
    reason = answer["Reason"]
    marker = " … (shortened; the function's log has the rest)"
    # The longest head that fits: how many bytes a character takes in JSON depends on the character.
    low, high = 0, len(reason)
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(json.dumps({**answer, "Reason": reason[:middle] + marker}).encode()) <= MAX_BYTES
        low, high = (middle, high) if fits else (low, middle - 1)
    return json.dumps({**answer, "Reason": reason[:low] + marker}).encode()
