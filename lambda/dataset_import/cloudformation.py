# SPDX-License-Identifier: Apache-2.0
"""CloudFormation's side: crhelper builds the answer to a request, and a PUT delivers it.

crhelper is dormant. This project maintains what it overrides here; each method says what it does differently.
"""

from __future__ import annotations

import enum
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import urllib3
from crhelper import FAILED, CfnResource

from dataset_import.errors import redact

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

for _name in ("boto3", "botocore", "crhelper"):
    # At DEBUG they log events and what is sent, with the URLs in it.
    logging.getLogger(_name).setLevel(logging.ERROR)

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
"""Five tries, within some ten seconds where each is refused. The next tick tries again."""

TIMEOUT = urllib3.Timeout(connect=3, read=5)
"""Seconds for one try."""

_FINAL = (403, 404, 410)
"""HTTP statuses that do not change: the URL has expired, or is gone."""


class Done(NamedTuple):
    """The result of a request that has succeeded: the physical id, and the resource's attributes."""

    physical_id: str
    attributes: Mapping[str, Any]


class CloudFormationResource(CfnResource):
    """A custom resource whose functions return `Done` when they are done, and None while they are not.

    Args:
        on_import: Serves Create and Update.
        on_delete: Serves Delete.
    """

    # Set by crhelper for each event; its stubs leave them out.
    _event: dict[str, Any]
    _context: Any

    def __init__(
        self,
        on_import: Callable[[Mapping[str, Any], Any], Done | None],
        on_delete: Callable[[Mapping[str, Any], Any], Done | None],
    ) -> None:
        # Not super().__init__(): it makes three boto3 clients that only its own polling uses, and one that
        # cannot be made would fail every request.
        self._create_func = self._update_func = on_import
        self._delete_func = on_delete
        self._poll_create_func = self._poll_update_func = on_import
        self._poll_delete_func = on_delete
        self._timer = None
        self._init_failed = None
        self._sam_local = None
        self.NoEcho = False
        self._answer: Mapping[str, Any] | None = None
        self._is_done = False

    def answer_to(self, event: Mapping[str, Any], context: Any) -> Mapping[str, Any] | None:
        """Serve an event, and return the answer; None where there is none yet."""
        self._answer = None
        self(dict(event), context)
        return self._answer

    def _log_setup(self, event: Mapping[str, Any], context: Any) -> None:
        """Leave the log level to AWS Lambda's own settings."""

    def _set_timeout(self) -> None:
        """Do nothing when the invocation times out: the next tick continues. crhelper would answer FAILED."""

    def _wait_for_cwlogs(self, sleep: object = None) -> None:
        """Do not delay a Delete by two minutes: the log group outlives the function."""

    def _wrap_function(self, func: Callable[[Mapping[str, Any], Any], Done | None]) -> None:
        """Call the function, and keep the id of a failure. crhelper generates another one."""
        try:
            done = func(self._event, self._context)
            self._is_done = done is not None
            self.PhysicalResourceId, self.Data = done or Done("", {})
        except Exception as error:
            self.Status = FAILED
            self.Reason = redact(str(error) or type(error).__name__)
            self.PhysicalResourceId = getattr(error, "physical_id", "")
            logger.error("The request has failed: %s", self.Reason)

    def _polling_init(self, event: Mapping[str, Any]) -> None:
        """Answer if the work is done. crhelper first removes its own polling, and fails if that fails."""
        self._send_response = self._is_done or self.Status == FAILED

    def _cfn_response(self, event: Mapping[str, Any]) -> None:
        """Answer. crhelper generates a missing id, a new one each time."""
        self._send()

    def _send(self, status: str | None = None, reason: str = "", send_response: object = None) -> None:
        """Keep the answer, to be recorded before it is sent.

        crhelper sends at once, counts any reply as success, keeps the end of a long reason, and may send an
        empty id.
        """
        status = status or self.Status
        self._answer = {
            "Status": status,
            "PhysicalResourceId": self._id_for(status),
            "StackId": self.StackId,
            "RequestId": self.RequestId,
            "LogicalResourceId": self.LogicalResourceId,
            "Reason": reason or self.Reason,
            "Data": self.Data if status != FAILED else {},
            "NoEcho": self.NoEcho,
        }

    def _id_for(self, status: str) -> str:
        """Return the id to answer with: never empty, and after a failure that of the resource as it was.

        For CloudFormation, another id is a replacement.
        """
        kept = self._event.get("PhysicalResourceId") if status == FAILED else None
        return str(kept or self.PhysicalResourceId or f"{self.LogicalResourceId}-{self.RequestId}")


class Delivery(enum.Enum):
    """What became of an answer or a signal."""

    TAKEN = enum.auto()
    REFUSED = enum.auto()
    """A retry cannot help: the URL has expired or is invalid."""
    LOST = enum.auto()
    """The call failed; a retry may help."""


def put(
    url: str, body: bytes, *, retries: urllib3.Retry = RETRIES, timeout: urllib3.Timeout = TIMEOUT
) -> Delivery:
    """Send an answer or a signal, with retries. The URL is a secret: no log and no error contains it."""
    # urllib3 logs URLs at a retry and at DEBUG.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        # CloudFormation signs the URL for an empty content type.
        with urllib3.PoolManager(retries=retries, timeout=timeout) as http:
            reply = http.request("PUT", url, body=body, headers={"Content-Type": ""}, redirect=False)
            status = int(reply.status)
    except Exception as error:  # a retry may help, whatever the error
        logger.error("The answer did not reach CloudFormation: %s", type(error).__name__)
        return Delivery.LOST
    if 200 <= status < 300:
        return Delivery.TAKEN
    logger.error("CloudFormation replied to the answer with HTTP status %d", status)
    # S3, which takes the answers, also replies 400 to a slow upload, and 409 to two at once.
    return Delivery.REFUSED if status in _FINAL else Delivery.LOST


def encode(answer: Mapping[str, Any]) -> bytes:
    """Return the answer as JSON of at most `MAX_BYTES`. A reason that is too long is cut."""
    encoded = json.dumps(answer).encode()
    if len(encoded) <= MAX_BYTES:
        return encoded
    reason = answer["Reason"]
    marker = " … (shortened; the function's log has the rest)"
    # The longest head that fits. The bytes of a character in JSON depend on the character.
    low, high = 0, len(reason)
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(json.dumps({**answer, "Reason": reason[:middle] + marker}).encode()) <= MAX_BYTES
        low, high = (middle, high) if fits else (low, middle - 1)
    return json.dumps({**answer, "Reason": reason[:low] + marker}).encode()
