# SPDX-License-Identifier: Apache-2.0
"""The function's entry: one event of CloudFormation, or one tick of a schedule, from top to bottom."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dataset_import import messages, wait_condition
from dataset_import.cloudformation import CloudFormationResource, Delivery, Done, encode
from dataset_import.deleting import Deleting
from dataset_import.errors import (
    PROPAGATION,
    ErrorKind,
    PollingError,
    RequestFailedError,
    ServiceError,
    error_message,
    redact,
    service_errors,
)
from dataset_import.importing import Importing
from dataset_import.jobs import QUEUED, job_arn
from dataset_import.open_request import (
    CONFLICT_PAUSE,
    RETRY_PAUSE,
    TIME_TO_ANSWER,
    NotPolledError,
    OpenRequest,
    SupersededError,
)
from dataset_import.personalize import Personalize
from dataset_import.record import (
    Record,
    Request,
    SignalState,
    closed,
    is_for_old_id,
    issue_date,
    key_of_old_id,
    record_key,
    take_over,
)
from dataset_import.request import (
    ImportRequest,
    InvalidPropertiesError,
    deadline_of,
    is_https,
    physical_id_of,
    text_of,
    timeout_of,
)
from dataset_import.schedules import LIFE, RECORD_KEY, Schedules
from dataset_import.services import Services
from dataset_import.table import ConflictError, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_import.jobs import Job

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Context(Protocol):
    """What the handler reads of AWS Lambda's context object."""

    @property
    def invoked_function_arn(self) -> str:
        """The ARN by which the function was invoked, and is to be invoked again."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until AWS Lambda ends the invocation."""


class InvokeAgainError(Exception):
    """The request is not done and may have no schedule: AWS Lambda is to deliver the event again."""


def handler(event: dict[str, Any], context: Context) -> None:
    """Serve an event of a `Custom::PersonalizeDatasetImportJob`, in AWS Lambda."""
    serve(event, context, Services())


def serve(event: Mapping[str, Any], context: Context, services: Services) -> None:
    """Serve an event with the given services.

    1. Read the record, and take over the request or leave it.
    2. Work: see that the schedule ticks, look at Personalize, start what is to be started.
    3. Decide the answer, and write it down.
    4. Deliver it, and write that down. Then stop the schedule.
    5. For an import of hours, do 2 to 4 again for its wait condition.

    Raises:
        InvokeAgainError: CloudFormation could not be reached, or nothing polls for the request yet.
    """
    request = _Invocation(event, context, services).begin()
    if request is None:
        return
    work = _Work(request, services)
    if not request.record.answered:
        resource = CloudFormationResource(work.on_import, work.on_delete)
        answer = request.record.decided or resource.answer_to(_event_of(request), context)
        if isinstance(work.interruption, NotPolledError):
            raise InvokeAgainError("The schedule that polls for the request could not be made yet.")
        if work.interruption or answer is None or (decided := request.decide(answer)) is None:
            return
        if services.put(_event_of(request)["ResponseURL"], encode(decided)) is Delivery.LOST:
            raise InvokeAgainError("The answer did not reach CloudFormation.")
        logger.info("Answered %s.", decided["Status"])
        request.conclude(
            goes_on=_goes_on_after(decided, request.record), deadline=_signal_deadline(request.record)
        )
    if request.record.answered and request.record.is_open:
        signal = request.record.decided or work.signal()
        if signal is None or (decided := request.decide(signal)) is None:
            return
        if not _is_signalled(request, decided, services):
            return
        request.conclude(goes_on=False, deadline=request.record.deadline)


def _is_signalled(request: OpenRequest, signal: Mapping[str, Any], services: Services) -> bool:
    """Signal the wait condition of the request; after a rollback none waits."""
    if request.record.signal is not SignalState.DUE:
        level = logging.INFO if signal["Status"] == "SUCCESS" else logging.WARNING
        logger.log(level, "The import after the rollback has ended: %s", signal["Reason"])
        return True
    if services.put(wait_condition.handle_of(_event_of(request)), encode(signal)) is Delivery.LOST:
        return False
    logger.info("Signalled %s.", signal["Status"])
    return True


def _event_of(request: OpenRequest) -> Mapping[str, Any]:
    return request.record.event or {}


def _goes_on_after(answer: Mapping[str, Any], record: Record) -> bool:
    """Whether a wait condition waits for the end of the job, or the job has yet to be started."""
    if answer["Status"] != "SUCCESS" or record.request.type == "Delete":
        return False
    return record.signal is SignalState.DUE or bool(answer["Data"].get("Status") == QUEUED)


def _signal_deadline(record: Record) -> float:
    properties = (record.event or {}).get("ResourceProperties")
    return record.request.issued + min(timeout_of(properties), wait_condition.LONGEST_WAIT)


def _is_expired(record: Record, now: float) -> bool:
    """Whether nobody takes the answer, or the signal, of an open request any more."""
    return now > (record.request.issued + LIFE if record.answered else record.request.expires)


class _Invocation:
    """What brings an event and its record together."""

    def __init__(self, event: Mapping[str, Any], context: Context, services: Services) -> None:
        self._event = event
        self._services = services
        self._clock = services.clock
        self._ends = self._clock.time() + context.get_remaining_time_in_millis() / 1000
        environment = services.environment
        self._table = Table(services.dynamodb, environment["TABLE_NAME"])
        self._schedules = Schedules(
            services.scheduler,
            group=environment["SCHEDULE_GROUP_NAME"],
            role_arn=environment["SCHEDULE_ROLE_ARN"],
            function_arn=context.invoked_function_arn,
        )

    def begin(self) -> OpenRequest | None:
        """Return the open request that the event is about; None where there is nothing to do."""
        if RECORD_KEY in self._event:
            return self._begin_tick(str(self._event[RECORD_KEY]))
        if "RequestType" not in self._event or "CrHelperPoll" in self._event:
            logger.info(
                "Ignored an event that is neither a request nor a tick, such as a tick of an old handler."
            )
            return None
        if not is_https(self._event.get("ResponseURL")):
            logger.error("Ignored a request whose response URL is no https URL.")
            return None
        return self._begin_request()

    def _begin_tick(self, key: str) -> OpenRequest | None:
        try:
            record = self._table.read(key)
        except PollingError as error:
            logger.warning("The next tick tries again: %s", error)
            return None
        if record is None:
            return None
        if record.is_open and not _is_expired(record, self._clock.time()):
            return self._open(record, is_tick=True)
        if record.is_open:
            self._close(record)
        self._schedules.stop(key, (*record.finished, record.request.id))
        return None

    def _begin_request(self) -> OpenRequest | None:
        request = Request.from_event(self._event, self._clock.time())
        while True:
            try:
                record = self._take_over(request)
                return self._open(record, is_tick=False) if record else None
            except ConflictError:
                self._clock.sleep(CONFLICT_PAUSE)
            except PollingError as error:
                logger.warning("The request could not be recorded: %s", error)
                if error.kind is ErrorKind.FINAL or not self._may_try_again(request):
                    self._refuse(request, error)
                    return None
                self._clock.sleep(RETRY_PAUSE)

    def _take_over(self, request: Request) -> Record | None:
        """Write the request into the record; None if it is to be ignored."""
        now, key = self._clock.time(), record_key(self._event)
        known = self._table.read(key)
        resource = known
        if resource and is_for_old_id(resource, request):
            if resource.previous.get("physical_id") == request.physical_id:
                # No rollback goes back to the old id any more.
                resource = self._table.write(replace(resource, previous={}))
            key = key_of_old_id(key, request.physical_id)
            known = self._table.read(key)
        properties = self._event.get("ResourceProperties")
        deadline = deadline_of(properties, issued=request.issued, begun=request.issued)
        record = take_over(known, request, self._event, key=key, deadline=deadline, now=now)
        if record is None or record is known:
            return record
        if resource and key != resource.key:
            record = replace(record, jobs=resource.jobs)
        if now > request.expires:
            logger.warning("Ignored a request whose response URL has expired.")
            return None
        return self._table.write(record)

    def _may_try_again(self, request: Request) -> bool:
        """Whether there is time for another try; raises where only a later invocation has some."""
        now = self._clock.time()
        is_recent = now - request.issued < PROPAGATION
        if now + RETRY_PAUSE <= self._ends - TIME_TO_ANSWER:
            return is_recent
        if is_recent and issue_date(self._event["ResponseURL"]):
            raise InvokeAgainError("The request could not be recorded yet.")
        return False

    def _refuse(self, request: Request, error: PollingError) -> None:
        """Answer a request that cannot be recorded: nothing was started for it."""

        def fail(*_: object) -> Done | None:
            raise RequestFailedError(messages.not_recorded(self._event.get("ResourceProperties"), error))

        def fail_delete(*_: object) -> Done | None:
            if error.kind is ErrorKind.NOT_FOUND:  # the table is gone, and all that polled with it
                return Done(request.physical_id, {})
            raise RequestFailedError(messages.not_stopped(request.physical_id, error))

        answer = CloudFormationResource(fail, fail_delete).answer_to(self._event, None)
        if answer and self._services.put(self._event["ResponseURL"], encode(answer)) is Delivery.LOST:
            raise InvokeAgainError("The answer did not reach CloudFormation.")

    def _open(self, record: Record, *, is_tick: bool) -> OpenRequest:
        return OpenRequest(record, self._table, self._schedules, self._clock, self._ends, is_tick)

    def _close(self, record: Record) -> None:
        """Close a request that nobody waits for any more."""
        try:
            self._table.write(closed(record, self._clock.time()))
        except (ConflictError, PollingError) as error:
            logger.warning("An expired request could not be closed: %s", error)


class _Work:
    """What a request asks for: an import, or a Delete.

    Attributes:
        interruption: Why there is no result, where there can be none.
    """

    def __init__(self, request: OpenRequest, services: Services) -> None:
        self._request = request
        self._services = services
        self._personalize = Personalize(services.personalize, services.clock)
        self.interruption: SupersededError | NotPolledError | None = None

    def on_import(self, event: Mapping[str, Any], _: Any) -> Done | None:
        """Serve a Create or an Update."""
        return self._guarded(lambda: self._import(event))

    def on_delete(self, event: Mapping[str, Any], _: Any) -> Done | None:
        """Serve a Delete."""

        def delete() -> Done | None:
            request = self._request
            deleting = Deleting(request, self._personalize, request.record.jobs, self._stack_status)
            physical_id = deleting.run()
            return Done(physical_id, {}) if physical_id else None

        return self._guarded(delete)

    def signal(self) -> Mapping[str, Any] | None:
        """Follow an import that CloudFormation has its answer to; None when the next tick has to go on."""
        try:
            job = self._guarded(lambda: self._followed(_event_of(self._request)))
        except RequestFailedError as failed:
            return wait_condition.failure(str(failed), failed.physical_id)
        return wait_condition.success(job.arn) if job else None

    def _guarded(self, work: Callable[[], T | None]) -> T | None:
        """Do the work; an error that nobody expects fails the request."""
        try:
            return work()
        except (SupersededError, NotPolledError) as interruption:
            self.interruption = interruption
            return None
        except RequestFailedError:
            raise
        except (Exception, SystemExit) as error:  # a function that exits has failed as well
            message = error_message(error)
            logger.error("An error that was not expected: %s", redact(traceback.format_exc()))
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
        except InvalidPropertiesError as error:
            raise RequestFailedError(messages.invalid_properties(properties, str(error))) from None
        return Importing(wanted, self._request, self._personalize).run()

    def _stack_status(self) -> str:
        stack_id = str(_event_of(self._request)["StackId"])
        try:
            with service_errors("CloudFormation"):
                return str(
                    self._services.cloudformation().describe_stacks(StackName=stack_id)["Stacks"][0][
                        "StackStatus"
                    ]
                )
        except ServiceError as error:
            if error.kind is ErrorKind.TEMPORARY:
                raise
            logger.warning("Whether the stack is rolled back could not be read: %s", error)
            return ""
