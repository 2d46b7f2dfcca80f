# SPDX-License-Identifier: Apache-2.0
"""The function's entry: one event of CloudFormation, or one tick of the schedule that polls for it."""

from __future__ import annotations

import os
from typing import Any, Protocol

from dataset_import.deleting import Deleting
from dataset_import.importing import Importing
from dataset_import.personalize import Personalize
from dataset_import.polling import Polling, schedule_name
from dataset_import.request import ImportRequest
from dataset_import.resource import ScheduledResource
from dataset_import.services import Services
from dataset_import.watch import Watch


class Context(Protocol):
    """What the handler reads of AWS Lambda's context object."""

    @property
    def invoked_function_arn(self) -> str:
        """The ARN by which the function was invoked, and is to be invoked again."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is ended by force."""


class AnswerLostError(Exception):
    """The answer did not get through to CloudFormation; the next invocation sends it again."""


def handler(event: dict[str, Any], context: Context) -> None:
    """Serve an event of a `Custom::PersonalizeDatasetImportJob`, in AWS Lambda."""
    serve(event, context, Services())


def serve(event: dict[str, Any], context: Context, services: Services) -> None:
    """Serve an event with the given services.

    Raises:
        AnswerLostError: CloudFormation could not be reached. AWS Lambda, or the schedule, invokes again.
    """
    polling = Polling(
        services.scheduler,
        group=os.environ["SCHEDULE_GROUP_NAME"],
        role_arn=os.environ["SCHEDULE_ROLE_ARN"],
        function_arn=context.invoked_function_arn,
    )
    personalize = Personalize(services.personalize)
    resource = ScheduledResource(put=services.put, stop_polling=lambda: polling.stop(schedule_name(event)))

    def watch(timeout: float) -> Watch | None:
        time_left = context.get_remaining_time_in_millis() / 1000
        return Watch.begin(event, polling, services.clock, timeout=timeout, time_left=time_left)

    def import_data(event: dict[str, Any], _: Any) -> str | None:
        request = ImportRequest.from_properties(event["ResourceProperties"])
        watching = watch(request.timeout)
        job = Importing(request, event, personalize, watching).run() if watching else None
        if job is None:
            return None
        resource.Data = {
            "DatasetImportJobArn": job.arn,
            "DatasetArn": request.dataset_arn,
            "Status": job.status,
            "CreationDateTime": job.created.isoformat(),
            "LastUpdatedDateTime": job.updated.isoformat(),
        }
        return job.arn

    def delete(event: dict[str, Any], _: Any) -> str | None:
        properties = event["ResourceProperties"]
        watching = watch(float(properties.get("Timeout", 3600)))
        dataset_arn = properties.get("DatasetArn", "")
        return Deleting(dataset_arn, event, personalize, watching).run() if watching else None

    resource.on_import(import_data)
    resource.on_delete(delete)
    resource(event, context)
    if resource.answer_lost:
        raise AnswerLostError("The answer did not reach CloudFormation; the next invocation sends it again.")
