# SPDX-License-Identifier: Apache-2.0
"""CloudFormation's event: which request it is, when it was sent, and what waits for it."""

from typing import Any

import pytest

from dataset_import.event import (
    Request,
    SignalState,
    digest,
    issue_date,
    key_of_old_id,
    record_key,
    signal_state,
)

URL = "https://cloudformation.test/?X-Amz-Date=20261118T110640Z&X-Amz-Expires=7200&X-Amz-Signature=5ec7e7"
ISSUED = 1_795_000_000.0
ELEVEN, LATER = "https://h/?X-Amz-Date=20261118T110000Z", "https://h/?X-Amz-Date=20261118T110001Z"
EXPIRES, EXPIRES_LATER = "https://h/?Expires=1795000000&x=1", "https://h/?Expires=1795000001&x=2"


def event(request_type: str = "Create", **more: Any) -> dict[str, Any]:
    """An event of CloudFormation."""
    return {
        "RequestType": request_type,
        "RequestId": "r1",
        "StackId": "stack",
        "LogicalResourceId": "Interactions",
        "ResponseURL": URL,
        "ResourceProperties": {"DatasetArn": "dataset"},
        **more,
    }


def test_a_request_is_read_from_its_event() -> None:
    """With a digest in place of each secret and of the properties."""
    old, handle = {"DatasetArn": "before"}, "https://handle.test/?X-Amz-Signature=3a17"
    properties = {"DatasetArn": "dataset", "WaitConditionHandle": handle}
    given = event("Update", PhysicalResourceId="id", ResourceProperties=properties, OldResourceProperties=old)

    request = Request.from_event(given, now=0.0)

    assert request == Request(
        id=digest("r1", URL),
        type="Update",
        issued=ISSUED,
        expires=ISSUED + 7200,
        physical_id="id",
        properties=digest(properties),
        old_properties=digest(old),
        handle=digest(handle),
    )
    assert "Signature" not in str(request)


def test_what_an_event_lacks_is_empty() -> None:
    """A Create has no id, no old properties, and most have no handle."""
    request = Request.from_event(event(), now=0.0)

    assert (request.physical_id, request.old_properties, request.handle) == ("", "", "")


@pytest.mark.parametrize("properties", [None, [], "x", 1])
def test_properties_of_a_wrong_kind_are_read_all_the_same(properties: object) -> None:
    """Whatever they are, the request needs an answer."""
    given = event("Update", ResourceProperties=properties, OldResourceProperties=properties)

    request = Request.from_event(given, now=0.0)

    assert request.properties == digest(properties)
    assert request.handle == ""


def test_the_same_request_id_with_another_url_is_another_request() -> None:
    """CloudFormation has sent it again."""
    ids = {Request.from_event(event(ResponseURL=url), now=0.0).id for url in (URL, URL + "&again")}

    assert len(ids) == 2


def test_a_url_that_does_not_say_when_it_was_made_was_made_now() -> None:
    """And is taken to be good for two hours."""
    request = Request.from_event(event(ResponseURL="https://cloudformation.test/"), now=100.0)

    assert (request.issued, request.expires) == (100.0, 7300.0)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://test/?X-Amz-Date=20261118T110640Z",
        "https://test/?X-Amz-Expires=7200",
        "https://test/?X-Amz-Date=yesterday&X-Amz-Expires=7200",
        "https://test/?X-Amz-Date=20261118T110640Z&X-Amz-Expires=soon",
    ],
)
def test_a_url_without_a_date_or_a_life_has_none(url: str) -> None:
    """Both are needed."""
    assert issue_date(url) is None


def test_a_digest_does_not_depend_on_the_order_of_properties() -> None:
    """CloudFormation promises none."""
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert len(digest("x")) == 32


def test_a_record_has_the_key_of_its_resource() -> None:
    """And a Delete of an id that the resource no longer has one of its own."""
    key = record_key(event())

    assert key == "stack/Interactions"
    assert key_of_old_id(key, "id") == "stack/Interactions/id"


@pytest.mark.parametrize(
    ("new", "old", "state"),
    [
        (ELEVEN, None, SignalState.DUE),
        (LATER, ELEVEN, SignalState.DUE),
        (ELEVEN, LATER, SignalState.OVER),
        (EXPIRES_LATER, EXPIRES, SignalState.DUE),
        (EXPIRES, EXPIRES_LATER, SignalState.OVER),
        (EXPIRES, ELEVEN, SignalState.DUE),
        ("https://a", "https://b", SignalState.DUE),
        (ELEVEN, ELEVEN, SignalState.NONE),
        (None, ELEVEN, SignalState.NONE),
        (None, None, SignalState.NONE),
    ],
)
def test_a_handle_that_is_no_older_than_the_one_before_waits_for_a_signal(
    new: str | None, old: str | None, state: SignalState
) -> None:
    """Only a rollback goes back to an older one. One that an Update keeps has had its signal."""
    given = event(
        "Update", ResourceProperties=_with(new), OldResourceProperties=_with(old), PhysicalResourceId="id"
    )
    request = Request.from_event(given, now=0.0)

    assert signal_state(request, given, ()) == state


def test_a_handle_that_the_record_knows_to_be_spent_waits_for_nothing() -> None:
    """Whatever its date."""
    given = event("Create", ResourceProperties=_with(LATER))
    request = Request.from_event(given, now=0.0)

    assert signal_state(request, given, (request.handle,)) is SignalState.OVER
    assert signal_state(request, given, ("another",)) is SignalState.DUE


def test_nothing_waits_for_a_delete() -> None:
    """The wait condition is deleted, too."""
    given = event("Delete", ResourceProperties=_with(LATER), PhysicalResourceId="id")

    assert signal_state(Request.from_event(given, now=0.0), given, ()) is SignalState.NONE


def _with(handle: str | None) -> dict[str, str]:
    return {"WaitConditionHandle": handle} if handle else {}
