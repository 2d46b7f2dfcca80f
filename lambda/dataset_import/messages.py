# SPDX-License-Identifier: Apache-2.0
"""The reasons of failed requests: what failed, which job, what Personalize said, what to do.

docs/troubleshooting.md lists every message with its causes; a test keeps the two the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_import.jobs import CREATE_FAILED, RUNNING
from dataset_import.request import location_of, text_of

if TYPE_CHECKING:
    from dataset_import.errors import CallError
    from dataset_import.jobs import Job
    from dataset_import.request import ImportRequest

LONGEST_QUOTE = 1000
"""Characters of what a service said that a record keeps."""

_SERVICE = "personalize.amazonaws.com"
_LOCATION = "the location: it exists, in the region of the dataset, and a folder ends in '/'"
_BUCKET = f"the bucket's policy: it lets {_SERVICE} s3:GetObject the objects and s3:ListBucket the bucket"
_ROLE = "the role's policy: it allows the same two"
_KEY = f"if the bucket is encrypted with a KMS key, the key's policy: it lets {_SERVICE} and the role use it"
_EXISTS = "the role: it exists, in this account"
_TRUST = f"the role's trust policy: it lets {_SERVICE} assume it, on behalf of this account and region"
_HEADER = "the header of each file: its first line names every field of the schema, spelled as it is there"
_DATASET = "the dataset: it exists, in this account and region, and is ACTIVE"
_CALL = "the policies of the import's function and of your organization: they allow the action"
_PASS = f"the policy of the import's function: it allows iam:PassRole on the role, to {_SERVICE}"

# What to check by a phrase of the message, the most likely cause first.
_CAUSES = (
    ("missing the following columns", (_HEADER,)),
    ("iam:passrole", (_PASS,)),
    ("not authorized to perform: personalize:", (_CALL,)),
    ("assume", (_EXISTS, _TRUST)),
    ("does not exist", (_DATASET, _LOCATION, _EXISTS)),
    ("privileges", (_BUCKET, _ROLE, _KEY, _TRUST)),
    ("data location", (_LOCATION, _BUCKET, _ROLE)),
)
_CHECK_HANDLER = "Check the permissions of the handler's role for its table and its schedule group"
_ANY_CAUSE = (_LOCATION, _BUCKET, _ROLE, _KEY, _TRUST)


def names_a_cause(message: str) -> bool:
    """Whether a message of Personalize is about something that can be checked."""
    return any(phrase in message.lower() for phrase, _ in _CAUSES)


def what_to_check(message: str) -> str:
    """Return what to check after a message of Personalize, the most likely cause first."""
    causes = next((causes for phrase, causes in _CAUSES if phrase in message.lower()), _ANY_CAUSE)
    listed = "; ".join(f"({number}) {cause}" for number, cause in enumerate(causes, 1))
    return f"Check {listed}. Then deploy again."


def job_failed(request: ImportRequest, job: Job, has_wait_condition: bool) -> str:
    """The job ended without importing its data."""
    said = f"Personalize said: {job.failure_reason or 'no reason given.'}"
    if job.status != CREATE_FAILED:
        said = f"Its status is {job.status}. {said}"
    advice = (
        "Correct the data, or the schema, and deploy again; a failed import leaves the dataset as it was."
    )
    if has_wait_condition:
        advice += " After a deployment with --no-rollback change `revision` too: a wait condition waits once."
    return _reason(request, "failed", job.arn, said, advice)


def refused(request: ImportRequest, arn: str, message: str) -> str:
    """Personalize did not accept the job."""
    job = f"{arn} (not started)" if arn else "none"
    return _reason(request, "was refused", job, f"Personalize said: {message}", what_to_check(message))


def refused_by_handler(request: ImportRequest, reason: str, advice: str) -> str:
    """The import cannot succeed, so no job was started."""
    return _reason(request, "was not started", "none", f"The reason: {reason}.", advice)


def not_staged(request: ImportRequest, error: CallError) -> str:
    """A file of the app's assets could not be copied."""
    return _reason(
        request,
        "was not started, because its files could not be copied",
        "none",
        f"{error.service} said: {error.message}",
        "Check that the file is in the bucket of the CDK's assets, and that the policies of both buckets and "
        "their keys let the handler's role copy it. Then deploy again.",
    )


def not_ended(
    request: ImportRequest, arn: str, seconds: float, seen: Job | None, unreadable: str, *, is_update: bool
) -> str:
    """The job has not ended within the request's time."""
    said = "It is still running, and goes on."
    if unreadable:
        said = f"Its status could not be read: {unreadable}"
    elif seen and seen.status not in RUNNING:
        said = f"Its status is {seen.status}."
    advice = (
        "The rollback waits for its end, then imports the old data; if the rollback fails, continue it "
        "when the job is ACTIVE. Then deploy again with a longer timeout."
        if is_update
        else "Deploy again with a longer timeout. If the dataset was there before, do so when the job is "
        "ACTIVE: it is recognised, and nothing is imported twice."
    )
    return _reason(request, f"did not end within {_duration(seconds)}", arn, said, advice)


def not_begun(request: ImportRequest, seconds: float, reason: str) -> str:
    """Personalize has not accepted the job within the request's time."""
    their_turn = "Deploy again when running imports have ended, or raise the timeout."
    return _reason(
        request,
        f"did not end within {_duration(seconds)}",
        "none, it could not begin",
        f"The last reason to wait: {reason or 'none.'}",
        what_to_check(reason) if names_a_cause(reason) else their_turn,
    )


def not_polled(properties: object, error: CallError) -> str:
    """The job could not have been followed, so it was not started."""
    return (
        f"{_import_of(properties)} was not started, because its progress could not be followed. Job: none. "
        f"{error.service} said: {_sentence(error.message)} "
        f"{_CHECK_HANDLER}, then deploy again."
    )


def invalid_properties(properties: object, problems: str) -> str:
    """The resource has properties that the handler cannot use."""
    return (
        f"{_import_of(properties)} was not started. Job: none. {_sentence(problems)} "
        "Correct the resource's properties, and deploy again."
    )


def unexpected(properties: object, arn: str, message: str) -> str:
    """The handler has met an unexpected error."""
    return (
        f"{_import_of(properties)} was given up. Job: {arn or 'none'}. "
        f"The handler said: {_sentence(message)} "
        "The function's log has the details."
    )


def not_stopped(physical_id: str, error: CallError) -> str:
    """A Delete could not stop the polling of the resource."""
    return (
        f"The polling for {physical_id} could not be stopped, so it might still import data. "
        f"{error.service} said: {_sentence(error.message)} "
        f"{_CHECK_HANDLER}, then delete again."
    )


def _duration(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    parts = {"h": hours, "min": minutes, "s": seconds}
    return " ".join(f"{number} {unit}" for unit, number in parts.items() if number) or "0 s"


def _import_of(properties: object) -> str:
    location = location_of(properties) or "(no DataLocation)"
    return f"The import of {location} into {text_of(properties, 'DatasetArn') or '(no DatasetArn)'}"


def _reason(request: ImportRequest, outcome: str, job: str, said: str, advice: str) -> str:
    return (
        f"The import of {request.data_location} into {request.dataset_arn} {outcome}. "
        f"Job: {job}. {_sentence(said)} {advice}"
    )


def _sentence(text: str) -> str:
    text = text.rstrip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
