# SPDX-License-Identifier: Apache-2.0
"""From an event to the open request that it belongs to: what is read, recorded, refused and ignored."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from dataset_import import messages
from dataset_import.cloudformation import CloudFormationResource, Delivery, Done, encode
from dataset_import.errors import PROPAGATION, ErrorKind, PollingError, RequestFailedError, error_message
from dataset_import.event import Request, issue_date, key_of_old_id, record_key
from dataset_import.open_request import CONFLICT_PAUSE, RETRY_PAUSE, TIME_TO_ANSWER, OpenRequest
from dataset_import.record import TOMBSTONE, Record, closed
from dataset_import.request import deadline_of, is_https
from dataset_import.schedules import LIFE, RECORD_KEY, Schedules
from dataset_import.table import ConflictError, Table
from dataset_import.takeover import is_for_old_id, take_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.services import Services

logger = logging.getLogger(__name__)

_LAST_DELIVERY = 300.0
"""Seconds after a request within which AWS Lambda delivers its event again, at least once more.

It does so a minute after a failed invocation, and two minutes after the next.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""


class Context(Protocol):
    """The part of AWS Lambda's context object that the handler reads."""

    @property
    def invoked_function_arn(self) -> str:
        """The ARN by which the function was invoked, and is to be invoked again."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until AWS Lambda ends the invocation."""


class InvokeAgainError(Exception):
    """The request is not done and may have no schedule: AWS Lambda is to deliver the event again."""


class Opening:
    """Finds the open request of an event."""

    def __init__(self, event: Mapping[str, Any], context: Context, services: Services) -> None:
        self._event = event
        self._context = context
        self._services = services
        self._clock = services.clock
        self._ends = self._clock.time() + context.get_remaining_time_in_millis() / 1000

    @cached_property
    def _table(self) -> Table:
        return Table(self._services.dynamodb, self._services.environment["TABLE_NAME"])

    @cached_property
    def _schedules(self) -> Schedules:
        return Schedules(
            self._services.scheduler,
            group=self._services.environment["SCHEDULE_GROUP_NAME"],
            role_arn=self._services.environment["SCHEDULE_ROLE_ARN"],
            function_arn=self._context.invoked_function_arn,
        )

    def begin(self) -> OpenRequest | None:
        """Return the open request of the event; None if there is nothing to do."""
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
            return self._open(record, self._schedules, is_tick=True)
        if record.is_open:
            self._close(record)
        self._schedules.stop(key, (*record.finished, record.request.id))
        return None

    def _begin_request(self) -> OpenRequest | None:
        request = Request.from_event(self._event, self._clock.time())
        while True:
            try:
                schedules = self._schedules  # nothing is recorded for a request that cannot be polled for
                record = self._take_over(request)
                return self._open(record, schedules, is_tick=False) if record else None
            except ConflictError:
                unread = PollingError("DynamoDB", ErrorKind.TEMPORARY, "The record cannot be read.")
                if not self._may_try_again(request, unread):
                    self._refuse(request, unread)
                    return None
                self._clock.sleep(CONFLICT_PAUSE)
            except PollingError as error:
                logger.warning("The request could not be recorded: %s", error)
                if error.kind is ErrorKind.FINAL or not self._may_try_again(request, error):
                    self._refuse(request, error)
                    return None
                self._clock.sleep(RETRY_PAUSE)
            except (Exception, SystemExit) as error:  # the handler cannot start
                logger.error("The handler could not start: %s", error_message(error))
                self._refuse(request, PollingError("The handler", ErrorKind.FINAL, error_message(error)))
                return None

    def _take_over(self, request: Request) -> Record | None:
        """Write the request into the record; None if it is to be ignored."""
        now, key = self._clock.time(), record_key(self._event)
        known = self._table.read(key)
        resource = known
        if resource and is_for_old_id(resource, request):
            key = key_of_old_id(key, request.physical_id)
            known = self._table.read(key)
        properties = self._event.get("ResourceProperties")
        begun = None if request.type == "Delete" else request.issued
        deadline = deadline_of(properties, issued=request.issued, begun=begun)
        record = take_over(known, request, self._event, key=key, deadline=deadline, now=now)
        if record is None or record is known:
            return record
        if resource and key != resource.key:
            record = replace(record, jobs=resource.jobs, expires_at=int(now) + TOMBSTONE)
        if now > request.expires:
            logger.warning("Ignored a request whose response URL has expired.")
            return None
        return self._table.write(record)

    def _may_try_again(self, request: Request, error: PollingError) -> bool:
        """Whether there is time for another try; raises if only a later invocation has time.

        An event may come again after its request is done. Only a record that can be read says so, therefore
        temporary errors are retried for as long as AWS Lambda delivers the event again.
        """
        now = self._clock.time()
        is_temporary = error.kind is ErrorKind.TEMPORARY
        is_recent = now - request.issued < (_LAST_DELIVERY if is_temporary else PROPAGATION)
        if now + RETRY_PAUSE <= self._ends - TIME_TO_ANSWER:
            return is_recent or is_temporary
        if is_recent and issue_date(self._event["ResponseURL"]):
            raise InvokeAgainError("The request could not be recorded yet.")
        return False

    def _refuse(self, request: Request, error: PollingError) -> None:
        """Answer a request that cannot be recorded: nothing was started for it."""

        def fail(*_: object) -> Done | None:
            raise RequestFailedError(messages.not_polled(self._event.get("ResourceProperties"), error))

        def fail_delete(*_: object) -> Done | None:
            if error.kind is ErrorKind.NOT_FOUND:  # the table is gone, and all that polled with it
                return Done(request.physical_id, {})
            raise RequestFailedError(messages.not_stopped(request.physical_id, error))

        answer = CloudFormationResource(fail, fail_delete).answer_to(self._event, None)
        if answer and self._services.put(self._event["ResponseURL"], encode(answer)) is Delivery.LOST:
            raise InvokeAgainError("The answer did not reach CloudFormation.")

    def _open(self, record: Record, schedules: Schedules, *, is_tick: bool) -> OpenRequest:
        return OpenRequest(record, self._table, schedules, self._clock, self._ends, is_tick)

    def _close(self, record: Record) -> None:
        """Close a request that CloudFormation no longer waits for."""
        try:
            self._table.write(closed(record, self._clock.time()))
        except (ConflictError, PollingError) as error:
            logger.warning("An expired request could not be closed: %s", error)


def _is_expired(record: Record, now: float) -> bool:
    """Whether CloudFormation no longer accepts the answer, or the signal, of an open request."""
    return now > (record.request.issued + LIFE if record.answered else record.request.expires)
