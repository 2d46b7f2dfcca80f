# SPDX-License-Identifier: Apache-2.0
"""The function's entry: one event of CloudFormation, or one tick of the schedule that polls for it.

What most invocations do without is imported where it is needed: a process starts more often than it deletes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataset_import import cold_start
from dataset_import.claim import Claim, SupersededError
from dataset_import.faults import ImportFailedError
from dataset_import.importing import Importing
from dataset_import.jobs import QUEUED, job_arn
from dataset_import.personalize import Personalize
from dataset_import.polling import Polling, is_closed
from dataset_import.request import ImportRequest, physical_id_of, timeout_of
from dataset_import.resource import ScheduledResource
from dataset_import.services import Services
from dataset_import.wait_condition import DUE, LONGEST_WAIT
from dataset_import.watch import NotFollowedError, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    class Context(Protocol):
        """What the handler reads of AWS Lambda's context object."""

        @property
        def invoked_function_arn(self) -> str:
            """The ARN by which the function was invoked, and is to be invoked again."""

        def get_remaining_time_in_millis(self) -> int:
            """Milliseconds until the invocation is ended by force."""


class InvokeAgainError(Exception):
    """The request is not done and may have no schedule: AWS Lambda is to try the event again."""


def handler(event: dict[str, Any], context: Context) -> None:
    """Serve an event of a `Custom::PersonalizeDatasetImportJob`, in AWS Lambda."""
    serve(event, context, Services())


def serve(event: dict[str, Any], context: Context, services: Services) -> None:
    """Serve an event with the given services.

    Raises:
        InvokeAgainError: CloudFormation could not be reached, or the schedule could not be made yet.
    """
    if not is_closed(event):
        _Serving(event, context, services).run()


class _Serving:
    """One event on its way through crhelper to what it means."""

    def __init__(self, event: dict[str, Any], context: Context, services: Services) -> None:
        self._event = event
        self._context = context
        self._services = services
        self._personalize = Personalize(services.personalize)
        self._resource = ScheduledResource(put=services.put, decide=self._decide, close=self._close)
        self._watch: Watch | None = None
        self._is_followed = True

    def run(self) -> None:
        """Answer the event, and then, if a wait condition is to hear of its end, go on with it."""
        self._resource.on_import(self._import)
        self._resource.on_delete(self._delete)
        self._resource(self._event, self._context)
        if self._resource.answer_lost:
            raise InvokeAgainError("The answer did not reach CloudFormation.")
        if not self._is_followed:
            raise InvokeAgainError("The schedule that polls for the request could not be made yet.")
        if self._watch and self._watch.state.answered:
            from dataset_import.signalling import Signalling

            Signalling(self._event, self._personalize, self._watch, self._services.put).run()

    def _import(self, event: dict[str, Any], _: Any) -> str | None:
        def work(watch: Watch) -> str | None:
            request = ImportRequest.from_properties(event["ResourceProperties"])
            job = Importing(request, event, self._personalize, watch).run()
            if job is None:
                return None
            self._resource.Data = {
                "DatasetImportJobArn": job.arn,
                "DatasetArn": request.dataset_arn,
                "Status": job.status,
                "CreationDateTime": job.created.isoformat(),
                "LastUpdatedDateTime": job.updated.isoformat(),
            }
            return physical_id_of(event, job.arn)

        return self._watched(work)

    def _delete(self, event: dict[str, Any], _: Any) -> str | None:
        from dataset_import.deleting import Deleting

        properties = event["ResourceProperties"]
        dataset_arn, stem = properties.get("DatasetArn", ""), properties.get("JobName", "")
        return self._watched(lambda watch: Deleting(dataset_arn, stem, event, self._personalize, watch).run())

    def _watched(self, work: Callable[[Watch], str | None]) -> str | None:
        """Work on the request, unless it is no longer open or its answer has already been decided."""
        try:
            self._watch = watch = self._begin()
            if watch.state.answered:
                return None
            decided = watch.claim.undelivered
            return str(decided["PhysicalResourceId"]) if decided else work(watch)
        except SupersededError:
            return None
        except NotFollowedError:
            self._is_followed = False
            return None
        except ImportFailedError:
            raise
        except (Exception, SystemExit) as error:  # a function that exits has failed as well
            from dataset_import import messages

            properties = self._event["ResourceProperties"]
            job_name = self._watch.state.job_name if self._watch else ""
            arn = job_arn(properties.get("DatasetArn", ""), job_name) if job_name else ""
            raise ImportFailedError(messages.broken(properties, arn, error), arn) from error

    def _begin(self) -> Watch:
        services, context = self._services, self._context
        polling = Polling(
            services.scheduler,
            group=services.environment["SCHEDULE_GROUP_NAME"],
            role_arn=services.environment["SCHEDULE_ROLE_ARN"],
            function_arn=context.invoked_function_arn,
        )
        timeout = timeout_of(self._event["ResourceProperties"])
        claim = Claim.begin(self._event, polling, services.clock, timeout)
        return Watch.begin(claim, services.clock, context.get_remaining_time_in_millis() / 1000)

    def _decide(self, answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if not self._watch:
            return answer
        claim = self._watch.claim
        return claim.decide(answer, goes_on=_goes_on_after(answer, claim))

    def _close(self) -> None:
        """Write down that the answer has been delivered."""
        if not self._watch:
            return
        claim = self._watch.claim
        if _goes_on_after(claim.decided[False], claim):
            timeout = min(timeout_of(self._event["ResourceProperties"]), LONGEST_WAIT)
            claim.save(answered=True, deadline=claim.state.issued + timeout)
        else:
            claim.save(closed=True)


def _goes_on_after(answer: Mapping[str, Any], claim: Claim) -> bool:
    """Whether a wait condition is to hear of the end, or the job has yet to be started."""
    if answer["Status"] != "SUCCESS":
        return False
    return claim.state.signal == DUE or bool(answer["Data"].get("Status") == QUEUED)


cold_start.over()
