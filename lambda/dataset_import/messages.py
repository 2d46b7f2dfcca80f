# SPDX-License-Identifier: Apache-2.0
"""What users read when a request fails: what failed, which job, what was said about it, what to do.

docs/troubleshooting.md lists every message with its causes; a test keeps the two the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataset_import.refusals import names_a_cause, what_to_check
from dataset_import.request import location_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_import.request import ImportRequest


def job_failed(request: ImportRequest, arn: str, failure_reason: str) -> str:
    """The job ended as CREATE FAILED."""
    return _reason(
        request,
        "failed",
        arn,
        f"Personalize said: {failure_reason or 'no reason given.'}",
        "Correct the data, or the schema, and deploy again; a failed import leaves the dataset as it was.",
    )


def refused(request: ImportRequest, arn: str, words: str) -> str:
    """Personalize did not take the job."""
    return _reason(
        request,
        "was refused",
        f"{arn} (not started)" if arn else "none",
        f"Personalize said: {words}",
        what_to_check(words),
    )


def not_ended(request: ImportRequest, arn: str, seconds: float, words: str = "") -> str:
    """The job of a Create has not ended within the request's time."""
    return _reason(
        request,
        _out_of_time(seconds),
        arn,
        _running(words),
        "Deploy again with a longer timeout. If the dataset was there before, do so when the job is ACTIVE: "
        "it is recognised, and nothing is imported twice.",
    )


def update_not_ended(request: ImportRequest, arn: str, seconds: float, words: str = "") -> str:
    """The job of an Update has not, so that CloudFormation goes back to the data of before."""
    return _reason(
        request,
        _out_of_time(seconds),
        arn,
        _running(words),
        "The rollback waits for its end, then imports the data of before; if the rollback fails, continue it "
        "when the job is ACTIVE. Then deploy again with a longer timeout.",
    )


def not_begun(request: ImportRequest, seconds: float, words: str) -> str:
    """Personalize has not taken the job within the request's time: it was refused, or had to wait."""
    their_turn = "Deploy again when running imports have ended, or raise the timeout."
    return _reason(
        request,
        _out_of_time(seconds),
        "none, it could not begin",
        f"The last that was said: {words}",
        what_to_check(words) if names_a_cause(words) else their_turn,
    )


def not_polled(request: ImportRequest, words: str) -> str:
    """The schedule that would have followed the job could not be made, so no job was started."""
    return _reason(
        request,
        "was not started, because its progress could not be followed",
        "none",
        f"EventBridge Scheduler said: {words}",
        "Check the permissions of the handler's role for its schedule group, then deploy again.",
    )


def broken(properties: Mapping[str, Any], arn: str, error: BaseException) -> str:
    """The handler could not do its work: properties that it cannot read, or an error that nobody expected."""
    name, said = type(error).__name__, str(error)
    return (
        f"The request for the import of {location_of(properties) or '(no DataLocation)'} "
        f"into {properties.get('DatasetArn') or '(no DatasetArn)'} was given up. "
        f"Job: {arn or 'none'}. The handler said: {_sentence(f'{name}: {said}' if said else name)} "
        "Correct the resource's properties; if they are right, the function's log has the whole story."
    )


def not_stopped(physical_id: str, words: str) -> str:
    """A Delete could not stop what polls for the resource."""
    return (
        f"The polling for {physical_id} could not be stopped, so it might still import data. "
        f"EventBridge Scheduler said: {_sentence(words)} "
        "Check the permissions of the handler's role for its schedule group, then delete again."
    )


def _out_of_time(seconds: float) -> str:
    hours, seconds = divmod(seconds, 3600)
    parts = {"h": hours, "min": seconds / 60}
    return f"did not end within {' '.join(f'{number:g} {unit}' for unit, number in parts.items() if number)}"


def _running(words: str) -> str:
    return f"Its status could not be read: {words}" if words else "It is still running, and goes on."


def _reason(request: ImportRequest, outcome: str, job: str, said: str, what_to_do: str) -> str:
    return (
        f"The import of {request.data_location} into {request.dataset_arn} {outcome}. "
        f"Job: {job}. {_sentence(said)} {what_to_do}"
    )


def _sentence(words: str) -> str:
    words = words.rstrip()
    return words if words.endswith((".", "!", "?")) else f"{words}."
