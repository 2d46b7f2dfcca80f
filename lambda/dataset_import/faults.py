# SPDX-License-Identifier: Apache-2.0
"""What an error means for the request: try again soon, wait, or give up."""

from __future__ import annotations

import enum

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError


class Fault(enum.Enum):
    """What an error means for the request that met it."""

    TRANSIENT = enum.auto()
    """The call did not get through; the same call may succeed at once."""
    BUSY = enum.auto()
    """The quota of running jobs is used up, or another import into the dataset is running."""
    REFUSED = enum.auto()
    """Perhaps a role or policy that has not propagated yet, perhaps a wrong value: only time tells."""
    EXISTS = enum.auto()
    NOT_FOUND = enum.auto()
    FINAL = enum.auto()
    """Trying again cannot help."""


class ImportFailedError(Exception):
    """The request has failed; the text is the reason that CloudFormation shows.

    Args:
        reason: What the user reads.
        physical_id: The ARN of the request's job, whether or not the job exists; empty when none was chosen.
    """

    def __init__(self, reason: str, physical_id: str = "") -> None:
        super().__init__(reason)
        self.physical_id = physical_id


_BY_CODE = {
    # LimitExceeded is the rate of requests or the quota of jobs; both pass.
    "LimitExceededException": Fault.BUSY,
    "ResourceInUseException": Fault.BUSY,
    "ConflictException": Fault.EXISTS,
    "ResourceAlreadyExistsException": Fault.EXISTS,
    "ResourceNotFoundException": Fault.NOT_FOUND,
    "AccessDenied": Fault.REFUSED,
    "AccessDeniedException": Fault.REFUSED,
    "InvalidInputException": Fault.REFUSED,
    # EventBridge Scheduler says so of a role that it may not assume yet.
    "ValidationException": Fault.REFUSED,
    "Throttling": Fault.TRANSIENT,
    "ThrottlingException": Fault.TRANSIENT,
    "ThrottledException": Fault.TRANSIENT,
    "TooManyRequestsException": Fault.TRANSIENT,
    "RequestLimitExceeded": Fault.TRANSIENT,
    "RequestTimeout": Fault.TRANSIENT,
    "RequestTimeoutException": Fault.TRANSIENT,
    # Services say so of good credentials that they have not heard of yet, or of some that have just expired.
    "ExpiredToken": Fault.TRANSIENT,
    "ExpiredTokenException": Fault.TRANSIENT,
    "InvalidClientTokenId": Fault.TRANSIENT,
    "UnrecognizedClientException": Fault.TRANSIENT,
}

# An InvalidInputException with one of these is about the request or the data, not about access.
_NEVER_ABOUT_ACCESS = ("validation error detected", "missing the following columns")


def fault_of(error: Exception) -> Fault:
    """Tell what an exception of a boto3 call means."""
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
            return Fault.TRANSIENT
        if any(words in words_of(error) for words in _NEVER_ABOUT_ACCESS):
            return Fault.FINAL
        return _BY_CODE.get(code, Fault.FINAL)
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return Fault.TRANSIENT
    return Fault.FINAL


def words_of(error: Exception) -> str:
    """What the service said, without the name of the call around it."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        return printable(details.get("Message") or details.get("Code") or str(error))
    return printable(str(error))


def printable(text: str) -> str:
    """The text with a question mark for what is no Unicode: half a surrogate pair breaks a log line."""
    return text.encode(errors="replace").decode()


AWS_ERRORS = (ClientError, BotoCoreError)
"""What a boto3 call can raise."""
