# SPDX-License-Identifier: Apache-2.0
"""The function's entry: one event of CloudFormation, or one tick of a schedule, from top to bottom."""

from __future__ import annotations

import gc
import logging
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from dataset_import import messages, wait_condition
from dataset_import.cloudformation import CloudFormationResource, Delivery, Done, encode
from dataset_import.deleting import Deleting
from dataset_import.errors import PollingError, RequestFailedError, error_message, redact
from dataset_import.event import SignalState, record_key
from dataset_import.importing import Importing
from dataset_import.jobs import QUEUED, job_arn
from dataset_import.open_request import NotPolledError, OpenRequest, SupersededError
from dataset_import.opening import Context, InvokeAgainError, Opening
from dataset_import.personalize import Personalize
from dataset_import.poll_loop import NEXT_TICK, DeadlineError
from dataset_import.record import Record
from dataset_import.replaced import Replaced
from dataset_import.request import ImportRequest, physical_id_of, text_of, timeout_of
from dataset_import.services import Services
from dataset_import.stack import Stack
from dataset_import.staging import StagedData
from dataset_import.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_import.jobs import Job

T = TypeVar("T")

logger = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: Context) -> None:
    """Serve an event of a `Custom::PersonalizeDatasetImportJob`, in AWS Lambda."""
    serve(event, context, Services())


def serve(event: Mapping[str, Any], context: Context, services: Services) -> None:
    """Serve an event with the given services.

    1. Read the record, and take over the request or ignore it.
    2. Work: make the schedule, look at Personalize, start a job if one is needed.
    3. Decide the answer, and write it to the record.
    4. Deliver it, and write that to the record. Then delete the schedule.
    5. For an import of hours, repeat 2 to 4 for the signal to its wait condition.

    Raises:
        InvokeAgainError: CloudFormation could not be reached, or nothing polls for the request yet.
    """
    request = Opening(event, context, services).begin()
    if request is None:
        return
    work = _Work(request, services)
    if not request.record.answered:
        resource = CloudFormationResource(work.on_import, work.on_delete)
        answer = request.record.decided or resource.answer_to(_event_of(request), context)
        if isinstance(work.interruption, NotPolledError):
            raise InvokeAgainError("The schedule that polls for the request could not be made yet.")
        if work.interruption or answer is None:
            return
        if (decided := request.decide(answer, is_signal=False)) is None:
            return
        if services.put(_event_of(request)["ResponseURL"], encode(decided)) is Delivery.LOST:
            raise InvokeAgainError("The answer did not reach CloudFormation.")
        logger.info("Answered %s.", decided["Status"])
        request.conclude(
            goes_on=_goes_on_after(decided, request.record), deadline=_signal_deadline(request.record)
        )
    if request.record.answered and request.record.is_open:
        signal = request.record.decided or work.signal()
        if signal is None or (decided := request.decide(signal, is_signal=True)) is None:
            return
        if not _is_signalled(request, decided, services):
            return
        request.conclude(goes_on=False, deadline=request.record.deadline)


def _is_signalled(request: OpenRequest, signal: Mapping[str, Any], services: Services) -> bool:
    """Signal the wait condition of the request, if one waits."""
    if request.record.signal is not SignalState.DUE:
        level = logging.INFO if signal["Status"] == "SUCCESS" else logging.WARNING
        logger.log(level, "The import has ended after the answer: %s", signal["Reason"])
        return True
    if services.put(wait_condition.handle_of(_event_of(request)), encode(signal)) is Delivery.LOST:
        return False
    logger.info("Signalled %s: %s", signal["Status"], signal["Reason"])
    return True


def _event_of(request: OpenRequest) -> Mapping[str, Any]:
    return request.record.event or {}


def _staging_of(event: Mapping[str, Any] | None) -> object:
    properties = (event or {}).get("ResourceProperties")
    return properties.get("Staging") if isinstance(properties, dict) else None


def _goes_on_after(answer: Mapping[str, Any], record: Record) -> bool:
    """Whether the request continues after its answer: to signal, to start its job or to remove copies."""
    if record.request.type == "Delete":
        return False
    if answer["Status"] != "SUCCESS":
        return record.copies_left
    status = answer["Data"].get("Status")
    return record.signal is SignalState.DUE or status == QUEUED or record.copies_left


def _signal_deadline(record: Record) -> float:
    properties = (record.event or {}).get("ResourceProperties")
    # Where nothing waits for the signal, the job is followed to its end: its copies are removed then.
    timeout = timeout_of(properties) if record.signal is SignalState.DUE else wait_condition.SIGNAL_WITHIN
    return record.request.issued + min(timeout, wait_condition.SIGNAL_WITHIN)


class _Work:
    """The work of a request: an import, or a Delete.

    Attributes:
        interruption: Why there is no result, where there can be none.
    """

    def __init__(self, request: OpenRequest, services: Services) -> None:
        self._request = request
        self._services = services
        self._personalize = Personalize(services.personalize, services.clock)
        self._stack = Stack(services.cloudformation, str(_event_of(request)["StackId"]))
        self.interruption: SupersededError | NotPolledError | None = None

    def on_import(self, event: Mapping[str, Any], _: Any) -> Done | None:
        """Serve a Create or an Update."""
        return self._guarded(lambda: self._import(event))

    def on_delete(self, event: Mapping[str, Any], _: Any) -> Done | None:
        """Serve a Delete."""

        def delete() -> Done | None:
            request = self._request
            deleting = Deleting(request, self._personalize, request.record.jobs, self._stack)
            physical_id = deleting.run()
            if physical_id is None:
                return None
            if deleting.has_seen_end and not self._may_still_be_read(event):
                with suppress(ValueError):  # properties that name no copies
                    StagedData.of(self._services, event).remove(self._request, self._personalize)
                # A bucket with copies cannot be deleted.
                if request.record.copies_left and request.clock.time() < request.record.deadline:
                    return None
            return Done(physical_id, {})

        return self._guarded(delete)

    def _may_still_be_read(self, event: Mapping[str, Any]) -> bool:
        """Whether an open request of the resource under its new id uses the copies of the deleted id."""
        key = record_key(event)
        if self._request.record.key == key:
            return False
        try:
            resource = self._request.table.read(key)
        except PollingError as error:
            logger.warning("Copies of %s are kept: %s", self._request.record.request.physical_id, error)
            return True
        return bool(resource and _staging_of(resource.event) == _staging_of(event))

    def signal(self) -> Mapping[str, Any] | None:
        """Follow an import after its answer; None when the next tick has to continue."""
        try:
            if self._request.record.outcome == "FAILED":
                return self._guarded(self._without_copies)
            job = self._guarded(lambda: self._followed(_event_of(self._request)))
        except RequestFailedError as failed:
            return wait_condition.failure(str(failed), failed.physical_id)
        return wait_condition.success(job.arn) if job else None

    def _without_copies(self) -> Mapping[str, Any] | None:
        """Remove copies that a failed import has left, perhaps for a job that was being started."""
        staged = StagedData.of(self._services, _event_of(self._request))
        ended = wait_condition.failure("It had failed, and its copies had to stay until now.", "")
        try:
            return self._request.poll(lambda: NEXT_TICK if self._waits_to_remove(staged) else ended)
        except DeadlineError:
            return ended
        except PollingError as error:
            logger.warning("The next tick removes copies: %s", error)
            return None

    def _guarded(self, work: Callable[[], T | None]) -> T | None:
        """Do the work. An unexpected error fails the request."""
        try:
            return work()
        except (SupersededError, NotPolledError) as interruption:
            self.interruption = interruption
            return None
        except RequestFailedError:
            raise
        except (Exception, SystemExit) as error:  # a function that exits has failed as well
            message = error_message(error)
            logger.error("An unexpected error: %s", redact(traceback.format_exc()))
            properties = _event_of(self._request).get("ResourceProperties")
            name = self._request.record.job_name
            arn = job_arn(text_of(properties, "DatasetArn"), name) if name else ""
            raise RequestFailedError(messages.unexpected(properties, arn, message), arn) from None

    def _import(self, event: Mapping[str, Any]) -> Done | None:
        job = self._followed(event)
        if job is None:
            return None
        attributes = {
            "DatasetImportJobArn": job.arn,
            "DatasetArn": text_of(event["ResourceProperties"], "DatasetArn"),
            "Status": job.status,
            "CreationDateTime": job.created.isoformat(),
            "LastUpdatedDateTime": job.updated.isoformat(),
        }
        return Done(physical_id_of(event, job.arn), attributes)

    def _followed(self, event: Mapping[str, Any]) -> Job | None:
        properties = event.get("ResourceProperties")
        try:
            wanted = ImportRequest.from_properties(properties)
            staged = StagedData.of(self._services, event)
        except ValueError as error:
            raise RequestFailedError(messages.invalid_properties(properties, str(error))) from None
        replaced = Replaced(wanted, self._request, self._personalize, self._stack)
        turn = Turn(wanted, self._request, self._personalize, self._stack)
        importing = Importing(wanted, self._request, self._personalize, staged, self._stack, replaced, turn)
        try:
            job = importing.run()
        except RequestFailedError:
            # A Create without a job does not know that of an earlier Create, which may still run.
            if self._request.record.jobs and self._waits_to_remove(staged):
                return None
            raise
        if job is None or job.status == QUEUED:
            return job
        return None if self._waits_to_remove(staged) else job

    def _waits_to_remove(self, staged: StagedData) -> bool:
        """Remove the copies, and return whether nothing but the rest of that is left for the next tick."""
        staged.remove(self._request, self._personalize)
        record = self._request.record
        if not record.copies_left or not record.answered:
            return False
        if record.signal is SignalState.DUE:
            logger.warning("The copies in %s could not be removed before the signal.", staged.places)
            return False
        return self._services.clock.time() < record.deadline


# Modules stay loaded. Without this line the garbage collector scans them while the first client is made. That
# takes a tenth of the start: 1.3 instead of 1.2 times boto3 alone (benchmarks/cold_start.py).
gc.freeze()
