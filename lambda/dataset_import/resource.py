# SPDX-License-Identifier: Apache-2.0
"""crhelper's custom resource, mended where it loses requests.

crhelper dispatches an event to the functions registered for it and builds the answer. What this subclass does
differently, and why, is said at each method; docs/decisions has the story.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from crhelper import FAILED, CfnResource

from dataset_import.answer import Delivery, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)


class ScheduledResource(CfnResource):
    """A custom resource whose functions answer a physical id when they are done, and None to be called again.

    Args:
        put: Sends an answer to a response URL.
        decide: Settles on the answer before it is sent: tells which one to send, or None for none.
        close: Ends the polling of the request; called once its answer has been delivered.

    Attributes:
        answer_lost: Whether there was an answer that did not get through to CloudFormation.
    """

    # Set by crhelper for each event; its stubs leave them out.
    _event: dict[str, Any]
    _context: Any
    _response_url: str

    def __init__(
        self,
        *,
        put: Callable[[str, bytes], Delivery],
        decide: Callable[[Mapping[str, Any]], Mapping[str, Any] | None],
        close: Callable[[], object],
    ) -> None:
        # Not super().__init__(): it makes three boto3 clients that only its own way of polling uses, and one
        # that cannot be made would fail every request.
        self._put = put
        self._decide = decide
        self._close = close
        self.answer_lost = False
        self._create_func = self._update_func = self._delete_func = None
        self._poll_create_func = self._poll_update_func = self._poll_delete_func = None
        self._timer = None
        self._init_failed = None
        self._json_logging = False
        self._log_level = "INFO"
        self._boto_level = "ERROR"
        self._sam_local = None
        self.NoEcho = False

    def on_import(self, function: Callable[[dict[str, Any], Any], str | None]) -> None:
        """Register a function for Create and Update, and for their polls."""
        for register in (self.create, self.update, self.poll_create, self.poll_update):
            register(function)

    def on_delete(self, function: Callable[[dict[str, Any], Any], str | None]) -> None:
        """Register a function for Delete and its polls."""
        for register in (self.delete, self.poll_delete):
            register(function)

    def _set_timeout(self) -> None:
        """Do nothing when time runs out: the schedule calls again. crhelper would answer FAILED."""

    def _wait_for_cwlogs(self, sleep: object = None) -> None:
        """Do not hold a Delete back for two minutes: the log group outlives the function."""

    def _wrap_function(self, func: Callable[[dict[str, Any], Any], str | None]) -> None:
        """Call the function, keeping the id that a failure carries. crhelper would make one up.

        What polling has to remember, which crhelper takes for the attributes, is not for the answer.
        """
        self.Data = {}
        try:
            self.PhysicalResourceId = func(self._event, self._context) or ""
        except Exception as error:
            logger.exception("The request has failed.")
            self.Status = FAILED
            self.Reason = str(error) or type(error).__name__
            self.PhysicalResourceId = getattr(error, "physical_id", "")

    def _polling_init(self, event: Mapping[str, Any]) -> None:
        """Answer what is done. crhelper would take the polling down first, and fail where that fails."""
        self._send_response = bool(self.PhysicalResourceId) or self.Status == FAILED

    def _cfn_response(self, event: Mapping[str, Any]) -> None:
        """Answer. crhelper would make up an id where there is none, another one each time."""
        self._send()

    def _send(self, status: str | None = None, reason: str = "", send_response: object = None) -> None:
        """Settle on the answer, send it and check that it was taken; then, and only then, stop polling.

        crhelper takes any reply for success, keeps the end of a long reason, and may send an empty id.
        """
        status = status or self.Status
        body = {
            "Status": status,
            "PhysicalResourceId": self.physical_id_for(status),
            "StackId": self.StackId,
            "RequestId": self.RequestId,
            "LogicalResourceId": self.LogicalResourceId,
            "Reason": reason or self.Reason,
            "Data": self.Data,
            "NoEcho": self.NoEcho,
        }
        answer = self._decide(body)
        if answer is None:
            return
        self.answer_lost = self._put(self._response_url, encode(answer)) is Delivery.LOST
        if self.answer_lost:
            return
        logger.info("Answered %s.", answer["Status"])
        try:
            self._close()
        except Exception:  # whatever it is, the answer stands, and the schedule ends by itself
            logger.warning("The polling could not be ended; it expires by itself.", exc_info=True)

    def physical_id_for(self, status: str) -> str:
        """The id to answer with: never empty, and that of the resource where it stays as it is.

        After a failure another one would mean a replacement.
        """
        kept = self._event.get("PhysicalResourceId") if status == FAILED else None
        return kept or self.PhysicalResourceId or f"{self.LogicalResourceId}-{self.RequestId}"
