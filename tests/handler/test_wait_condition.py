# SPDX-License-Identifier: Apache-2.0
"""Which wait condition a request brings, and whether it still listens."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dataset_import.wait_condition import DUE, OVER, goes_back, handle_of, signal_of

ELEVEN, LATER = "?X-Amz-Date=20261118T110000Z", "?X-Amz-Date=20261118T110001Z"
EXPIRES, EXPIRES_LATER = "?Expires=1795000000&x=1", "?Expires=1795000001&x=2"


def update(new: str | None, old: str | None = None, request_type: str = "Update") -> dict[str, Any]:
    """An event with the handle that it brings, and the one before."""
    names = ("ResourceProperties", "OldResourceProperties")
    handles = {
        name: {"WaitConditionHandle": handle} if handle else {}
        for name, handle in zip(names, (new, old), strict=True)
    }
    return {"RequestType": request_type, **handles}


@pytest.mark.parametrize(
    ("new", "old", "signal"),
    [
        (ELEVEN, None, DUE),
        (LATER, ELEVEN, DUE),
        (ELEVEN, LATER, OVER),
        (EXPIRES_LATER, EXPIRES, DUE),
        (EXPIRES, EXPIRES_LATER, OVER),
        (EXPIRES, ELEVEN, DUE),
        ("?a", "?b", DUE),
    ],
)
def test_a_handle_that_is_no_older_than_the_one_before_is_to_be_signalled(
    new: str, old: str | None, signal: str
) -> None:
    """Only a rollback goes back to an older one, which has had its signal."""
    assert signal_of(update(new, old)) == signal
    assert handle_of(update(new, old)) == new


@pytest.mark.parametrize(
    "event",
    [update(ELEVEN, ELEVEN), update(None, ELEVEN), update(None), update(ELEVEN, request_type="Delete")],
    ids=["kept", "removed", "never there", "deleted"],
)
def test_what_brings_no_handle_signals_nothing(event: dict[str, Any]) -> None:
    """One that an Update keeps has had its signal, and nobody waits for a Delete."""
    assert (handle_of(event), signal_of(event)) == ("", "")


def test_an_update_goes_back_to_a_handle_that_was_made_before() -> None:
    """To the second, in which it was made."""
    event = update(ELEVEN)
    made_at = datetime(2026, 11, 18, 11, tzinfo=UTC).timestamp()

    assert [goes_back(event, made_at + late) for late in (-1, 0, 0.9, 1)] == [False, False, False, True]


@pytest.mark.parametrize(
    "event",
    [update(EXPIRES), update(None), update(ELEVEN, request_type="Create")],
    ids=["when it expires says nothing", "none", "kept from a Create that failed"],
)
def test_other_handles_are_not_gone_back_to(event: dict[str, Any]) -> None:
    """They have not had their signal, or do not tell."""
    assert not goes_back(event, 9e9)
