# SPDX-License-Identifier: Apache-2.0
"""An import of hours: how far it has to get before the answer, and the signal."""

import pytest

from dataset_import.event import SignalState
from dataset_import.wait_condition import SIGNAL_WITHIN, Goal, failure, goal, handle_of, success
from tests.handler.records import record, request

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/shop-1"


@pytest.mark.parametrize(
    ("signal", "answered", "wait", "expected"),
    [
        (SignalState.NONE, False, True, Goal.ACTIVE),
        (SignalState.NONE, False, False, Goal.ACCEPTED),
        (SignalState.DUE, False, True, Goal.ACCEPTED_OR_QUEUED),
        (SignalState.DUE, False, False, Goal.ACCEPTED_OR_QUEUED),
        (SignalState.OVER, False, True, Goal.ACTIVE_IF_IN_TIME),
        (SignalState.OVER, False, False, Goal.ACCEPTED),
        (SignalState.DUE, True, True, Goal.ACTIVE),
        (SignalState.OVER, True, True, Goal.ACCEPTED),
        (SignalState.NONE, True, True, Goal.ACCEPTED),
    ],
)
def test_how_far_an_import_has_to_get_depends_on_what_waits_for_it(
    signal: SignalState, answered: bool, wait: bool, expected: Goal
) -> None:
    """The resource, its wait condition, or nothing."""
    known = record(request("r1"), signal=signal, answered=answered)

    assert goal(known, wait=wait, is_staged=False) is expected


def test_an_import_of_staged_files_is_followed_to_its_end() -> None:
    """Their copies are removed then."""
    known = record(request("r1"), signal=SignalState.OVER, answered=True)

    assert goal(known, wait=False, is_staged=True) is Goal.ACTIVE


def test_a_signal_names_the_job() -> None:
    """Its name is unique; an ARN's punctuation is not taken for an id."""
    assert success(ARN) == {
        "Status": "SUCCESS",
        "Reason": "The data is in the dataset.",
        "UniqueId": "shop-1",
        "Data": ARN,
    }
    assert failure("bad row", ARN) == {
        "Status": "FAILURE",
        "Reason": "bad row",
        "UniqueId": "shop-1",
        "Data": ARN,
    }


def test_a_failure_before_there_is_a_job_has_an_id_too() -> None:
    """CloudFormation takes no signal without one."""
    assert failure("no turn", "")["UniqueId"]


@pytest.mark.parametrize("properties", [{}, None, [], {"WaitConditionHandle": 1}])
def test_properties_without_a_handle_have_none(properties: object) -> None:
    """Whatever they are."""
    assert handle_of({"ResourceProperties": properties}) == ""


def test_a_signal_comes_before_cloudformation_gives_up() -> None:
    """A wait condition waits for twelve hours, and a tick may be a minute late."""
    assert 12 * 3600 - 180 < SIGNAL_WITHIN <= 12 * 3600 - 60
