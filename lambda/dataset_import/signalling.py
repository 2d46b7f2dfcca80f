# SPDX-License-Identifier: Apache-2.0
"""An import of hours after CloudFormation's answer: its wait condition is told how it ends, once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataset_import import messages
from dataset_import.answer import Delivery, encode
from dataset_import.claim import SupersededError
from dataset_import.faults import ImportFailedError
from dataset_import.importing import Importing
from dataset_import.jobs import job_arn, job_name
from dataset_import.polling import PollingError
from dataset_import.request import ImportRequest
from dataset_import.wait_condition import DUE, handle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_import.personalize import Personalize
    from dataset_import.watch import Watch

logger = logging.getLogger(__name__)


@dataclass(repr=False, eq=False)
class Signalling:
    """One invocation's work on a request that CloudFormation has its answer to.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html
    """

    event: Mapping[str, Any]
    personalize: Personalize
    watch: Watch
    put: Callable[[str, bytes], Delivery]

    def run(self) -> None:
        """Work until the signal has been delivered or this invocation's time is over."""
        try:
            outcome = self.watch.claim.undelivered or self._outcome()
            signal = self.watch.claim.decide(outcome, is_signal=True) if outcome else None
        except SupersededError:
            return
        if signal is None or not self._is_delivered(signal):
            return
        try:
            self.watch.claim.save(closed=True)
        except PollingError as error:
            logger.warning("The polling could not be ended; it expires by itself: %s", error.words)

    def _is_delivered(self, signal: Mapping[str, Any]) -> bool:
        """Signal, where a wait condition still listens; after a rollback none does."""
        if self.watch.state.signal != DUE:
            return True
        if self.put(handle_of(self.event), encode(signal)) is Delivery.LOST:
            return False
        logger.info("Signalled %s.", signal["Status"])
        return True

    def _outcome(self) -> Mapping[str, Any] | None:
        """Follow the import, and tell the signal; None when the next tick has to go on."""
        properties = self.event["ResourceProperties"]
        try:
            request = ImportRequest.from_properties(properties)
            job = Importing(request, self.event, self.personalize, self.watch, is_answered=True).run()
        except SupersededError:
            raise
        except ImportFailedError as failed:
            return _signal("FAILURE", str(failed), failed.physical_id)
        except (Exception, SystemExit) as error:  # a function that exits has failed as well
            logger.exception("The import cannot be followed any more.")
            arn = job_arn(properties["DatasetArn"], self.watch.state.job_name)
            return _signal("FAILURE", messages.broken(properties, arn, error), arn)
        return _signal("SUCCESS", "The data is in the dataset.", job.arn) if job else None


def _signal(status: str, reason: str, arn: str) -> Mapping[str, Any]:
    return {"Status": status, "Reason": reason, "UniqueId": job_name(arn), "Data": arn}
