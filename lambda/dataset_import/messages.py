# SPDX-License-Identifier: Apache-2.0
"""What users read when an import fails: what failed, which job, what Personalize said, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataset_import.request import ImportRequest


class ImportFailedError(Exception):
    """The request has failed; the text is the reason that CloudFormation shows.

    Args:
        reason: What the user reads.
        physical_id: The ARN of the request's job, whether or not the job exists; empty when none was chosen.
    """

    def __init__(self, reason: str, physical_id: str = "") -> None:
        super().__init__(reason)
        self.physical_id = physical_id


def job_failed(request: ImportRequest, arn: str, failure_reason: str) -> str:
    """The job ended as CREATE FAILED."""
    return _reason(
        request,
        "failed",
        arn,
        failure_reason or "no reason given.",
        "Correct the data, or the schema, and deploy again; a failed import leaves the dataset as it was.",
    )


def refused(request: ImportRequest, arn: str, words: str) -> str:
    """Personalize did not take the job."""
    return _reason(
        request,
        "was refused",
        f"{arn} (not started)" if arn else "none",
        words,
        "Check the location, the role's permissions and trust, and the bucket's policy, then deploy again.",
    )


def timed_out(request: ImportRequest, arn: str, last_words: str) -> str:
    """The job has not ended within the request's timeout."""
    outcome = f"did not end within {request.timeout / 60:g} minutes"
    if last_words:
        what_to_do = "Deploy again when running imports have ended, or raise the timeout."
        return _reason(request, outcome, arn or "none", last_words, what_to_do)
    what_to_do = "Deploy again when it is ACTIVE: the finished job is recognised, nothing is imported twice."
    return _reason(request, outcome, arn, "the job is still running, and goes on.", what_to_do)


def not_polled(request: ImportRequest, words: str) -> str:
    """The schedule that would have followed the job could not be made, so no job was started."""
    return _reason(
        request,
        "was not started, because its progress could not be followed",
        "none",
        f"nothing; EventBridge Scheduler: {words}",
        "Check the permissions of the handler's role for its schedule group, then deploy again.",
    )


def not_stopped(physical_id: str, words: str) -> str:
    """A Delete could not stop what polls for the resource."""
    return (
        f"The polling for {physical_id} could not be stopped, so it might still import data. "
        f"EventBridge Scheduler said: {words} "
        "Check the permissions of the handler's role for its schedule group, then delete again."
    )


def _reason(request: ImportRequest, outcome: str, job: str, said: str, what_to_do: str) -> str:
    return (
        f"The import of {request.data_location} into {request.dataset_arn} {outcome}. "
        f"Job: {job}. Personalize said: {said.rstrip()} {what_to_do}"
    )
