# SPDX-License-Identifier: Apache-2.0
"""What an error of an AWS call means for a request, and what of its text is passed on."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoRegionError,
    ParamValidationError,
    ReadTimeoutError,
)

from dataset_import.errors import (
    ErrorKind,
    PollingError,
    ServiceError,
    error_kind,
    error_message,
    redact,
    service_errors,
)
from tests.fakes.faults import error

URL = "https://cloudformation.test/arn%3Aaws?X-Amz-Date=20261118T110000Z&X-Amz-Signature=5ec7e7&x=1"


def reply(**response: Any) -> ClientError:
    """An error made of a response that may lack anything."""
    made = ClientError({}, "Operation")
    made.response = response  # type: ignore[assignment]
    return made


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("LimitExceededException", ErrorKind.BUSY),
        ("ResourceInUseException", ErrorKind.BUSY),
        ("ConflictException", ErrorKind.EXISTS),
        ("ResourceAlreadyExistsException", ErrorKind.EXISTS),
        ("ResourceNotFoundException", ErrorKind.NOT_FOUND),
        ("TooManyTagsException", ErrorKind.FINAL),
        ("UnknownOperationException", ErrorKind.FINAL),
        ("Throttling", ErrorKind.TEMPORARY),
        ("ThrottlingException", ErrorKind.TEMPORARY),
        ("ThrottledException", ErrorKind.TEMPORARY),
        ("TooManyRequestsException", ErrorKind.TEMPORARY),
        ("RequestLimitExceeded", ErrorKind.TEMPORARY),
        ("ProvisionedThroughputExceededException", ErrorKind.TEMPORARY),
        ("RequestTimeout", ErrorKind.TEMPORARY),
        ("RequestTimeoutException", ErrorKind.TEMPORARY),
        ("ExpiredToken", ErrorKind.TEMPORARY),
        ("ExpiredTokenException", ErrorKind.TEMPORARY),
        ("InvalidClientTokenId", ErrorKind.TEMPORARY),
        ("UnrecognizedClientException", ErrorKind.TEMPORARY),
        ("AccessDenied", ErrorKind.REFUSED),
        ("AccessDeniedException", ErrorKind.REFUSED),
        ("InvalidInputException", ErrorKind.REFUSED),
        ("ValidationException", ErrorKind.REFUSED),
        ("AnErrorThatDoesNotExistYet", ErrorKind.REFUSED),
    ],
)
def test_a_code_has_a_meaning_and_an_unknown_one_may_be_a_policy_that_is_too_new(
    code: str, kind: ErrorKind
) -> None:
    """A policy that has not propagated and one that is wrong look the same."""
    assert error_kind(error(code)) is kind


@pytest.mark.parametrize(
    ("status", "kind"), [(499, ErrorKind.REFUSED), (500, ErrorKind.TEMPORARY), (503, ErrorKind.TEMPORARY)]
)
def test_an_error_of_the_service_itself_is_temporary_whatever_its_code(status: int, kind: ErrorKind) -> None:
    """From HTTP status 500 on the service has a problem of its own."""
    assert error_kind(error("AccessDeniedException", status=status)) is kind


@pytest.mark.parametrize(
    "message",
    ["1 validation error detected: Value at 'x'", "Input csv is missing the following columns: [ITEM_ID]"],
)
def test_an_error_about_the_request_or_the_data_is_final(message: str) -> None:
    """It has nothing to do with access, so that no time helps."""
    assert error_kind(error("InvalidInputException", message)) is ErrorKind.FINAL


@pytest.mark.parametrize(
    "raised",
    [
        EndpointConnectionError(endpoint_url="https://test"),
        ConnectionClosedError(endpoint_url="https://test"),
        ReadTimeoutError(endpoint_url="https://test"),
        KeyError("datasetImportJob"),
        TypeError("list indices must be integers"),
        ValueError("not JSON"),
    ],
)
def test_the_network_and_replies_that_nobody_expects_are_temporary(raised: Exception) -> None:
    """The same call may succeed at once."""
    assert error_kind(raised) is ErrorKind.TEMPORARY


@pytest.mark.parametrize("raised", [NoRegionError(), ParamValidationError(report="x")])
def test_a_client_that_is_used_wrongly_is_final(raised: Exception) -> None:
    """No retry helps."""
    assert error_kind(raised) is ErrorKind.FINAL


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"Error": {}, "ResponseMetadata": {}},
        {"Error": "no mapping", "ResponseMetadata": "neither"},
        {"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": "500"}},
    ],
)
def test_an_error_that_lacks_anything_is_a_refusal(response: dict[str, Any]) -> None:
    """Its form is no reason to break."""
    assert error_kind(reply(**response)) is ErrorKind.REFUSED
    assert error_message(reply(**response))


@pytest.mark.parametrize(
    ("failed", "message"),
    [
        (error("AccessDenied", "You may not."), "You may not."),
        (reply(Error={"Code": "AccessDenied"}), "AccessDenied"),
        (reply(Error={"Code": "AccessDenied", "Message": ""}), "AccessDenied"),
        (KeyError("job"), "KeyError: 'job'"),
        (KeyError(), "KeyError"),
        (
            EndpointConnectionError(endpoint_url="https://test"),
            'Could not connect to the endpoint URL: "https://test"',
        ),
    ],
)
def test_what_the_service_said_is_passed_on_or_what_there_is(failed: Exception, message: str) -> None:
    """Without boto3's "An error occurred (...) when calling ...", where the service has said something."""
    assert error_message(failed) == message


def test_half_a_character_is_passed_on_as_a_question_mark() -> None:
    """It could be neither logged nor sent."""
    assert error_message(error("AccessDenied", "no \ud83d!")) == "no ?!"


@pytest.mark.parametrize(
    "text",
    [
        f"Value '{URL}' at 'input' failed",
        f'{{"ResponseURL": "{URL}"}}',
        URL.replace(":", "%3A").replace("/", "%2F").replace("?", "%3F"),
        URL.replace("https", "HTTP"),
        "…&X-Amz-Signature=5ec7e7&…",
        "Signature%3D5ec7e7",
    ],
)
def test_a_presigned_url_and_its_signature_are_removed(text: str) -> None:
    """A service may repeat what it was sent."""
    assert "5ec7e7" not in redact(text)


def test_what_is_no_secret_is_kept() -> None:
    """A location and a page of the documentation help."""
    text = "s3://shop/items.csv see https://docs.aws.amazon.com/personalize/ Signature of the method"

    assert redact(text) == text


def test_whatever_goes_wrong_inside_a_call_is_an_error_of_the_service() -> None:
    """With its name, for users, and without the original error, which may hold secrets."""
    with pytest.raises(PollingError) as caught, service_errors("DynamoDB", PollingError):
        raise KeyError(URL)

    assert (caught.value.service, caught.value.kind) == ("DynamoDB", ErrorKind.TEMPORARY)
    assert str(caught.value).startswith("DynamoDB: KeyError")
    assert "5ec7e7" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_error_of_a_service_stays_what_it_is() -> None:
    """Calls within calls are classified once."""
    inner = ServiceError("Amazon Personalize", ErrorKind.BUSY, "quota")

    with pytest.raises(ServiceError) as caught, service_errors("DynamoDB", PollingError):
        raise inner

    assert caught.value is inner
