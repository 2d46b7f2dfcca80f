# SPDX-License-Identifier: Apache-2.0
"""What an error of an AWS call is taken for, and which of its words are passed on."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoRegionError

from dataset_import.faults import Fault, fault_of, words_of
from tests.fakes.faults import error


def reply(**response: Any) -> ClientError:
    """An error made of a response that may lack anything."""
    return ClientError(response, "Operation")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "fault"), [(499, Fault.REFUSED), (500, Fault.TRANSIENT), (503, Fault.TRANSIENT)]
)
def test_an_error_of_the_service_passes_whatever_its_code(status: int, fault: Fault) -> None:
    """From HTTP status 500 on it is the service's own trouble."""
    assert fault_of(error("AccessDeniedException", status=status)) is fault


@pytest.mark.parametrize(
    "answered",
    [
        reply(),
        reply(Error={"Code": "NewException"}, ResponseMetadata={}),
        reply(Error={}, ResponseMetadata={"HTTPStatusCode": 400}),
        NoRegionError(),
    ],
)
def test_what_is_not_known_is_final(answered: Exception) -> None:
    """To try again would only hide it: a new code, a reply without one, a defect of the client."""
    assert fault_of(answered) is Fault.FINAL


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        (error("AccessDenied", "You may not."), "You may not."),
        (reply(Error={"Code": "AccessDenied"}), "AccessDenied"),
        (reply(Error={"Code": "AccessDenied", "Message": ""}), "AccessDenied"),
        (reply(), "An error occurred (Unknown) when calling the Operation operation: Unknown"),
        (
            EndpointConnectionError(endpoint_url="https://test"),
            'Could not connect to the endpoint URL: "https://test"',
        ),
    ],
)
def test_the_services_own_words_are_passed_on_or_what_there_is(failed: Exception, words: str) -> None:
    """Without boto3's "An error occurred (...) when calling ..." where the service has said something."""
    assert words_of(failed) == words


def test_half_a_character_is_passed_on_as_a_question_mark() -> None:
    """It could be neither logged nor sent."""
    assert words_of(error("AccessDenied", "no \ud83d!")) == "no ?!"
