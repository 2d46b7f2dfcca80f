# SPDX-License-Identifier: Apache-2.0
"""The stack's status tells a rollback from a change that a user makes."""

from typing import Any

import pytest

from dataset_import.errors import ErrorKind, ServiceError
from dataset_import.stack import Stack, is_rollback
from tests.fakes.clients import Client
from tests.fakes.faults import error
from tests.handler.records import Recorded, record, update
from tests.handler.test_open_request import opened


def stack(status: str, raised: Exception | None = None) -> Stack:
    """A stack whose description is this status, or this error."""

    def call(operation: str, params: dict[str, Any]) -> Any:
        assert (operation, params) == ("DescribeStacks", {"StackName": "shop"})
        if raised:
            raise raised
        return {"Stacks": [{"StackStatus": status}]}

    return Stack(lambda: Client("cloudformation", call), "shop")  # type: ignore[arg-type, return-value, unused-ignore]


def is_rolled_back(stack: Stack, *, goes_back: bool = False) -> bool:
    """Whether an Update is part of a rollback."""
    return is_rollback(opened(Recorded(), record(update("r1", "a", "b"), is_rollback=goes_back)), stack)


@pytest.mark.parametrize(
    ("status", "expected"),
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
@pytest.mark.parametrize("goes_back", [True, False])
def test_a_rollback_is_known_by_the_status(status: str, expected: bool, goes_back: bool) -> None:
    """While requests are sent, the status is one of these."""
    assert is_rolled_back(stack(status), goes_back=goes_back) is expected


@pytest.mark.parametrize("goes_back", [True, False])
def test_where_the_status_may_not_be_read_the_properties_decide(goes_back: bool) -> None:
    """A policy may deny the call."""
    assert is_rolled_back(stack("", error("AccessDenied")), goes_back=goes_back) is goes_back


@pytest.mark.parametrize("was", [True, False])
def test_the_status_that_is_read_first_counts(was: bool) -> None:
    """A later one may be that of a rollback that has not come to this resource yet."""
    request = opened(Recorded(), record(update("r1", "a", "b")))
    is_rollback(request, stack("UPDATE_ROLLBACK_IN_PROGRESS" if was else "UPDATE_IN_PROGRESS"))

    assert is_rollback(request, stack("UPDATE_IN_PROGRESS" if was else "UPDATE_ROLLBACK_IN_PROGRESS")) is was


def test_a_status_that_cannot_be_read_for_a_moment_is_not_guessed() -> None:
    """The next look asks again."""
    with pytest.raises(ServiceError) as caught:
        is_rolled_back(stack("", error("Throttling")))

    assert (caught.value.service, caught.value.kind) == ("CloudFormation", ErrorKind.TEMPORARY)
