# SPDX-License-Identifier: Apache-2.0
"""What the record keeps of an earlier request when the next one takes it over."""

from dataclasses import replace
from typing import Any

import pytest

from dataset_import.event import Request, SignalState
from dataset_import.record import IN_FLIGHT, Record
from dataset_import.takeover import take_over, undoes
from tests.fakes.personalize import JOB_ARN
from tests.handler.records import EVENT, FAILED, NOW, SUCCESS, record, request, taken, update


def deletion(physical_id: str, name: str = "r2") -> Request:
    """A Delete of the resource with this id."""
    return request(name, "Delete", physical_id=physical_id)


@pytest.mark.parametrize(("request_type", "jobs"), [("Create", ()), ("Update", None), ("Delete", None)])
def test_the_first_request_makes_the_record(request_type: str, jobs: tuple[str, ...] | None) -> None:
    """The jobs of a resource that is older than its record are not known; their names decide."""
    made = taken(None, request("r1", request_type))

    assert made
    assert (made.request.id, made.version, made.jobs, made.is_open) == ("r1", 0, jobs, True)


def test_a_request_that_supersedes_an_open_one_waits_for_its_calls() -> None:
    """A call that is under way may still start a job; and the other one's schedule has to go."""
    known = record(update("r1", "a", "b"), superseded=("r0",))

    made = taken(known, update("r2", "b", "a", NOW + 2))

    assert made
    assert (made.superseded, made.in_flight_until) == (("r0", "r1"), NOW + IN_FLIGHT)
    assert made.finished == ("r1",)


def test_a_request_after_one_that_is_done_waits_for_nothing() -> None:
    """Nothing of it is under way."""
    known = record(update("r1", "a", "b"), event=None)

    made = taken(known, update("r2", "b", "c", NOW + 2))

    assert made
    assert (made.superseded, made.in_flight_until) == ((), 0.0)


def test_what_is_known_of_the_resource_is_kept_and_what_is_known_of_the_request_is_not() -> None:
    """Its jobs, and which handles are spent; not what was decided, nor how long it has been refused."""
    known = record(
        update("r1", "a", "b"),
        event=None,
        jobs=("job-1",),
        settled="b",
        spent_handles=("h",),
        decided=SUCCESS,
        answered=True,
        outcome="SUCCESS",
        has_schedule=True,
        job_name="job-1",
        refused_since=NOW,
        waiting_reason="quota",
        leased_until=NOW,
    )

    made = taken(known, update("r2", "b", "c", NOW + 2))

    assert made
    assert (made.jobs, made.settled, made.earlier_states[0]) == (("job-1",), "b", "b")
    assert (made.spent_handles, made.version) == (("h",), 3)
    assert (made.decided, made.answered, made.outcome, made.has_schedule) == (None, False, "", False)
    assert (made.job_name, made.refused_since, made.waiting_reason, made.leased_until) == ("", 0.0, "", 0.0)


def test_a_delete_knows_the_job_that_it_waits_for() -> None:
    """And what that job has replaced."""
    known = record(request("r1"), job_name="job-1", replaced=({"name": "old"},))

    made = taken(known, request("r2", "Delete", physical_id=JOB_ARN + "job-1"))

    assert made
    assert (made.job_name, made.replaced) == ("job-1", ({"name": "old"},))


def test_what_a_new_resource_has_replaced_stays_known_after_its_updates() -> None:
    """A later deployment may be rolled back to before the one that has created it, after --no-rollback."""
    known = record(request("r1"), replaced=({"name": "old"},))

    updated = taken(known, update("r2", "a", "b", NOW + 2))

    assert updated
    assert updated.replaced == ({"name": "old"},)
    created = taken(updated, request("r3", "Create", NOW + 4, properties="a"))
    assert created
    assert created.replaced == ()


@pytest.mark.parametrize(
    ("deleted", "is_known"),
    [
        ({"outcome": "SUCCESS", "event": None}, False),
        ({"decided": SUCCESS}, False),
        ({"outcome": "FAILED", "event": None}, True),
        ({"decided": FAILED}, True),
        ({}, True),
    ],
    ids=["deleted", "answered", "not deleted", "answered with a failure", "under way"],
)
def test_what_a_deleted_resource_had_replaced_is_not_restored_by_a_later_delete(
    deleted: dict[str, Any], is_known: bool
) -> None:
    """That one is for a Create of the same logical id that CloudFormation no longer waits for."""
    known = record(request("r1", "Delete"), replaced=({"name": "job-0"},), **deleted)

    later = taken(known, request("r2", "Delete", NOW + 9, physical_id="shop-Interactions-1ABC"))

    assert later
    assert bool(later.replaced) is is_known


@pytest.mark.parametrize(
    ("by", "is_rollback", "is_known"),
    [
        (update("r2", "b", "a", NOW + 2), True, True),
        (update("r2", "b", "c", NOW + 2), False, True),
        (request("r2", "Create", NOW + 2), False, False),
    ],
    ids=["its rollback", "another update", "another resource"],
)
def test_what_an_update_has_replaced_is_known_to_later_ones(
    by: Request, is_rollback: bool, is_known: bool
) -> None:
    """An Update that fails may be deployed again before it is rolled back."""
    known = record(update("r1", "a", "b"), switched_from=({"name": "old"},), switched_by="new")

    made = taken(known, by)

    assert made
    assert (bool(made.switched_from), bool(made.switched_by)) == (is_known, is_known)
    assert made.is_rollback is is_rollback


@pytest.mark.parametrize(("settled", "is_known"), [("", True), ("a", False)], ids=["never", "for a while"])
def test_what_a_failed_create_has_replaced_is_known_to_the_next_one(settled: str, is_known: bool) -> None:
    """A deployment that goes on after the failure deletes it, and creates it again with a longer timeout."""
    deleted = record(
        request("r1", "Delete"), replaced=({"name": "old"},), settled=settled, outcome="SUCCESS", event=None
    )

    made = taken(deleted, request("r2", "Create", NOW + 9))

    assert made
    assert bool(made.replaced) is is_known


def test_a_rollback_goes_from_what_the_update_has_asked_for_to_what_was_before() -> None:
    """Both have to match."""
    known = record(update("r1", "a", "b"))

    assert undoes(update("r2", "b", "a"), known)
    assert not undoes(update("r2", "b", "c"), known)
    assert not undoes(update("r2", "c", "a"), known)
    assert not undoes(request("r2", "Delete", properties="a", old_properties="b"), known)
    assert not undoes(update("r2", "b", "a"), record(request("r1", properties="b", old_properties="a")))


@pytest.mark.parametrize(
    ("outcome", "request_type", "is_spent"),
    [
        ("SUCCESS", "Create", True),
        ("FAILED", "Create", False),
        ("", "Create", False),
        ("SUCCESS", "Delete", False),
    ],
)
def test_a_handle_is_spent_once_its_request_has_succeeded(
    outcome: str, request_type: str, is_spent: bool
) -> None:
    """After a failure its wait condition has not begun to wait; with --no-rollback it is kept."""
    known = record(
        request("r1", request_type, handle="h"), event=None, outcome=outcome, answered=bool(outcome)
    )

    made = taken(known, request("r2", "Update", NOW + 2))

    assert made
    assert (made.spent_handles == ("h",)) is is_spent


@pytest.mark.parametrize(("decided", "signal"), [(None, SignalState.DUE), (SUCCESS, SignalState.OVER)])
def test_a_due_signal_passes_to_an_update_of_the_same_handle_unless_it_may_have_been_sent(
    decided: dict[str, str] | None, signal: SignalState
) -> None:
    """A signal that was decided may have been delivered: the rollback has to wait for the data itself."""
    known = record(
        request("r1", properties="a", handle="h"),
        answered=True,
        outcome="SUCCESS",
        signal=SignalState.DUE,
        decided=decided,
    )
    again = request("r2", "Update", NOW + 9, properties="b", old_properties="a", handle="h")
    event = {**EVENT, "ResourceProperties": {"WaitConditionHandle": "https://handle.test/h"}}

    made = take_over(known, again, event, key="key", deadline=NOW, now=NOW)

    assert made
    assert made.signal is signal


@pytest.mark.parametrize(
    ("known", "by", "physical_id"),
    [
        (record(request("r1"), physical_id="old"), update("r2", "a", "b"), "id"),
        (record(request("r1"), physical_id=JOB_ARN + "2"), deletion(JOB_ARN + "1"), JOB_ARN + "2"),
        (record(request("r1")), deletion(JOB_ARN + "1"), JOB_ARN + "1"),
        (
            record(request("r1"), physical_id="old"),
            deletion("Shop-Interactions-1ABC"),
            "Shop-Interactions-1ABC",
        ),
        (record(deletion("old", "r1"), physical_id="old"), deletion("Shop-Interactions-1ABC"), ""),
    ],
    ids=["update", "a later id", "its id", "a create that arrived", "a create that has not arrived"],
)
def test_the_id_of_a_resource_comes_from_its_record_or_its_request(
    known: Record, by: Request, physical_id: str
) -> None:
    """The last answer may not be noted yet, and a Create may arrive after its Delete."""
    taken_over = taken(replace(known, event=None), replace(by, issued=NOW + 5))

    assert taken_over is not None
    assert taken_over.physical_id == physical_id


@pytest.mark.parametrize(
    ("before", "states"),
    [
        (record(update("r1", "a", "b"), outcome="SUCCESS", settled="a"), ("b", "b", "a")),
        (record(update("r1", "a", "b"), decided=SUCCESS, settled="a"), ("b", "b", "a")),
        (record(update("r1", "a", "b"), outcome="FAILED", settled="a"), ("a", "b", "a")),
        (record(deletion("id", "r1"), outcome="SUCCESS", settled="a"), ("a", "", "")),
    ],
    ids=["success", "a success that is not noted", "failure", "delete"],
)
def test_the_likeliest_state_before_a_request_is_what_the_last_one_has_settled(
    before: Record, states: tuple[str, ...]
) -> None:
    """CloudFormation may have skipped to undo it, so the others are possible too."""
    taken_over = taken(replace(before, event=None), update("r2", "b", "c", NOW + 5))

    assert taken_over is not None
    assert taken_over.earlier_states == states


def test_a_create_after_a_delete_knows_nothing_of_the_resource_before() -> None:
    """CloudFormation creates another resource, which has the same logical id."""
    known = record(
        deletion("id", "r1"),
        event=None,
        outcome="SUCCESS",
        physical_id="id",
        settled="a",
        jobs=("job-1",),
        replaced=({"name": "old"},),
        replaced_by="job-1",
        switched_from=({"name": "old"},),
        switched_by="job-1",
        switched_states=("a",),
        earlier_states=("a",),
        has_replaced=True,
    )

    made = taken(known, request("r2", "Create", NOW + 5, properties="b"))

    assert made is not None
    assert (made.physical_id, made.settled, made.jobs) == ("", "", ())
    assert (made.earlier_states, made.has_replaced) == ((), False)
    assert (made.replaced, made.replaced_by) == ((), "")
    assert (made.switched_from, made.switched_by, made.switched_states) == ((), "", ())


@pytest.mark.parametrize(("request_type", "has_replaced"), [("Update", False), ("Delete", True)])
def test_a_delete_still_knows_that_the_resource_was_replaced(request_type: str, has_replaced: bool) -> None:
    """The record then outlives it. An Update replaces anew or not at all."""
    known = record(update("r1", "a", "b"), event=None, outcome="SUCCESS", has_replaced=True)

    made = taken(known, request("r2", request_type, NOW + 5, physical_id="id", properties="c"))

    assert made is not None
    assert made.has_replaced is has_replaced


def test_the_first_request_of_a_resource_that_is_older_than_its_record_has_its_id() -> None:
    """It is the id that CloudFormation knows."""
    made = taken(None, update("r1", "a", "b"))

    assert made is not None
    assert made.physical_id == "id"
