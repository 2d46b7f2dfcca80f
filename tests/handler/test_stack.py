# SPDX-License-Identifier: Apache-2.0
"""The stack's status tells a rollback from a change that a user makes."""

from typing import Any

import pytest

from dataset_import.errors import ErrorKind, ServiceError
from dataset_import.stack import Stack
from tests.fakes.clients import Client
from tests.fakes.faults import error


def stack(status: str, raised: Exception | None = None) -> Stack:
    """A stack whose description is this status, or this error."""

    def call(operation: str, params: dict[str, Any]) -> Any:
        assert (operation, params) == ("DescribeStacks", {"StackName": "shop"})
        if raised:
            raise raised
        return {"Stacks": [{"StackStatus": status}]}

    return Stack(lambda: Client("cloudformation", call), "shop")  # type: ignore[arg-type, return-value, unused-ignore]


@pytest.mark.parametrize(
    ("status", "is_rolled_back"),
    [
        ("ROLLBACK_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", True),
        ("CREATE_IN_PROGRESS", False),
        ("UPDATE_IN_PROGRESS", False),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("DELETE_IN_PROGRESS", False),
    ],
)
@pytest.mark.parametrize("otherwise", [True, False])
def test_a_rollback_is_known_by_the_status(status: str, is_rolled_back: bool, otherwise: bool) -> None:
    """While requests are sent, the status is one of these."""
    assert stack(status).is_rolled_back(otherwise=otherwise) is is_rolled_back


@pytest.mark.parametrize("otherwise", [True, False])
def test_a_status_that_may_not_be_read_is_taken_to_be_what_the_caller_says(otherwise: bool) -> None:
    """A policy may deny the call."""
    denied = error("AccessDenied")

    assert stack("", denied).is_rolled_back(otherwise=otherwise) is otherwise


def test_a_status_that_cannot_be_read_for_a_moment_is_not_guessed() -> None:
    """The next look asks again."""
    with pytest.raises(ServiceError) as caught:
        stack("", error("Throttling")).is_rolled_back(otherwise=True)

    assert (caught.value.service, caught.value.kind) == ("CloudFormation", ErrorKind.TEMPORARY)
