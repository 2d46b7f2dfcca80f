# SPDX-License-Identifier: Apache-2.0
"""What an error of an AWS call means for a request: retry, wait, or give up."""

from __future__ import annotations

import enum
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    DataNotFoundError,
    InvalidRegionError,
    NoRegionError,
    ParamValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PROPAGATION = 180.0
"""Seconds for which a refusal may come from a role or policy that is not usable yet.

IAM is eventually consistent: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html.
Two minutes are usual.
"""


class ErrorKind(enum.Enum):
    """What an error means for the request that met it."""

    TEMPORARY = enum.auto()
    """The call failed on its way, or its reply is malformed. A retry may succeed at once."""
    BUSY = enum.auto()
    """The quota of running jobs is used up, or another import into the dataset is running."""
    REFUSED = enum.auto()
    """A role or policy that has not propagated yet, or a wrong value. Only time distinguishes them."""
    EXISTS = enum.auto()
    NOT_FOUND = enum.auto()
    FINAL = enum.auto()
    """A retry cannot help."""


class CallError(Exception):
    """A call of an AWS service that did not succeed.

    Attributes:
        service: The name of the service, for users.
        kind: What the error means.
        message: What the service said, without secrets.
    """

    def __init__(self, service: str, kind: ErrorKind, message: str) -> None:
        super().__init__(f"{service}: {message}")
        self.service = service
        self.kind = kind
        self.message = message


class ServiceError(CallError):
    """A call that an import or a Delete makes for itself did not succeed."""


class PollingError(CallError):
    """A call to the table or the scheduler did not succeed. Without them, a request cannot be polled."""


class StagingError(ServiceError):
    """A file could not be copied to where Personalize may read it, or its copy could not be removed."""


class RequestFailedError(Exception):
    """The request has failed. The text is the reason that CloudFormation shows.

    Args:
        reason: What the user reads.
        physical_id: The physical id to answer with; empty where there is no job to name.
    """

    def __init__(self, reason: str, physical_id: str = "") -> None:
        super().__init__(reason)
        self.physical_id = physical_id


@contextmanager
def service_errors(service: str, error_class: type[CallError] = ServiceError) -> Iterator[None]:
    """Raise any error of the call, or of reading its reply, as one class."""
    try:
        yield
    except CallError:
        raise
    except Exception as error:
        # The original error may hold secrets, so it is not chained.
        raise error_class(service, error_kind(error), error_message(error)) from None


_BY_CODE = {
    # LimitExceeded is the rate of requests or the quota of jobs; both pass.
    "LimitExceededException": ErrorKind.BUSY,
    "ResourceInUseException": ErrorKind.BUSY,
    "ConflictException": ErrorKind.EXISTS,
    "ResourceAlreadyExistsException": ErrorKind.EXISTS,
    "ResourceNotFoundException": ErrorKind.NOT_FOUND,
    "TooManyTagsException": ErrorKind.FINAL,
    "UnknownOperationException": ErrorKind.FINAL,
    "Throttling": ErrorKind.TEMPORARY,
    "ThrottlingException": ErrorKind.TEMPORARY,
    "ThrottledException": ErrorKind.TEMPORARY,
    "TooManyRequestsException": ErrorKind.TEMPORARY,
    "RequestLimitExceeded": ErrorKind.TEMPORARY,
    "ProvisionedThroughputExceededException": ErrorKind.TEMPORARY,
    "RequestTimeout": ErrorKind.TEMPORARY,
    # Of one object among many, without an HTTP status.
    "InternalError": ErrorKind.TEMPORARY,
    "ServiceUnavailable": ErrorKind.TEMPORARY,
    "SlowDown": ErrorKind.TEMPORARY,
    "RequestTimeoutException": ErrorKind.TEMPORARY,
    # Services answer so to good credentials that are very new, and to some that have just expired.
    "ExpiredToken": ErrorKind.TEMPORARY,
    "ExpiredTokenException": ErrorKind.TEMPORARY,
    "InvalidClientTokenId": ErrorKind.TEMPORARY,
    "UnrecognizedClientException": ErrorKind.TEMPORARY,
}

# An error with one of these is about the request or the data, never about access.
_NEVER_ABOUT_ACCESS = ("validation error detected", "missing the following columns")

_WRONG_USE = (ParamValidationError, NoRegionError, InvalidRegionError, DataNotFoundError)


def error_kind(error: Exception) -> ErrorKind:
    """Classify what a boto3 call, or reading its reply, raised."""
    if isinstance(error, ClientError):
        response: Any = error.response
        details, metadata = response.get("Error"), response.get("ResponseMetadata")
        status = metadata.get("HTTPStatusCode") if isinstance(metadata, dict) else 0
        if isinstance(status, int) and status >= 500:
            return ErrorKind.TEMPORARY
        message = error_message(error)
        if any(phrase in message for phrase in _NEVER_ABOUT_ACCESS):
            return ErrorKind.FINAL
        code = str(details.get("Code", "")) if isinstance(details, dict) else ""
        return _BY_CODE.get(code, ErrorKind.REFUSED)
    # Any other exception comes from the network or from a malformed reply.
    return ErrorKind.FINAL if isinstance(error, _WRONG_USE) else ErrorKind.TEMPORARY


def error_message(error: BaseException) -> str:
    """Return what the service said, without the name of the call and without secrets."""
    if isinstance(error, ClientError):
        response: Any = error.response
        details = response.get("Error")
        if isinstance(details, dict):
            return redact(str(details.get("Message") or details.get("Code") or error))
    if isinstance(error, BotoCoreError):
        return redact(str(error))
    return redact(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


_URL_WITH_QUERY = re.compile(r"https?(?::|%3A)(?:/|%2F){2}[^\s\"'<>?]+(?:\?|%3F)[^\s\"'<>]+", re.IGNORECASE)
_SIGNED_VALUE = re.compile(
    r"((?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|AWSAccessKeyId)(?:=|%3D))[^&\s\"'<>]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Remove presigned URLs and their signatures, and replace invalid Unicode by a question mark.

    With the response URL or the handle of a wait condition, anyone can answer CloudFormation. A service may
    repeat its input in an error. Half of a surrogate pair would break a log line.
    """
    text = text.encode(errors="replace").decode()
    return _SIGNED_VALUE.sub(r"\1…", _URL_WITH_QUERY.sub("(a URL that is not shown)", text))
