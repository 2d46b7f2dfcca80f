# SPDX-License-Identifier: Apache-2.0
"""The transitions of a record, which are pure: which request counts, what is kept, and when it may go."""

from dataclasses import fields, replace
from typing import Any

import pytest

from dataset_import.event import Request, SignalState
from dataset_import.record import IN_FLIGHT, TOMBSTONE, Record, closed, delivered, with_job
from dataset_import.takeover import is_for_old_id, take_over, undoes
from tests.fakes.personalize import JOB_ARN

NOW = 1_795_000_100.0
EVENT = {"ResponseURL": "https://cloudformation.test/?X-Amz-Signature=5ec7e7", "RequestId": "r"}
SUCCESS = {"Status": "SUCCESS", "PhysicalResourceId": JOB_ARN + "job-1"}
FAILED = {"Status": "FAILED", "PhysicalResourceId": JOB_ARN + "job-1"}


def request(name: str, request_type: str = "Create", issued: float = NOW, **more: Any) -> Request:
    """A request from `old` properties to `new` ones."""
    return Request(id=name, type=request_type, issued=issued, expires=issued + 7200, **more)


def update(name: str, old: str, new: str, issued: float = NOW) -> Request:
    """An Update from one state of the properties to another."""
    return request(name, "Update", issued, physical_id="id", properties=new, old_properties=old)


def record(by: Request, **more: Any) -> Record:
    """The record of a request."""
    given = {"key": "key", "version": 3, "event": EVENT, "deadline": NOW + 3480, **more}
    return Record(request=by, **given)


def taken(known: Record | None, by: Request) -> Record | None:
    """What a record becomes when a request arrives."""
    return take_over(known, by, EVENT, key="key", deadline=NOW + 3480, now=NOW)


@pytest.mark.parametrize(("request_type", "jobs"), [("Create", ()), ("Update", None), ("Delete", None)])
def test_the_first_request_makes_the_record(request_type: str, jobs: tuple[str, ...] | None) -> None:
    """The jobs of a resource that is older than its record are not known; their names decide."""
    made = taken(None, request("r1", request_type))

    assert made
    assert (made.request.id, made.version, made.jobs, made.is_open) == ("r1", 0, jobs, True)


def test_an_open_request_that_comes_again_is_the_record_as_it_is() -> None:
    """AWS Lambda delivers at least once."""
    known = record(request("r1"), job_name="job-1")

    assert taken(known, request("r1")) is known


def test_a_request_that_is_done_is_ignored() -> None:
    """The last one, and any before it."""
    known = record(request("r2"), event=None, finished=("r0", "r1"))

    assert [taken(known, request(name, issued=NOW + 9)) for name in ("r2", "r1", "r0")] == [None, None, None]


@pytest.mark.parametrize(
    ("decided", "is_open", "finished", "counts"),
    [
        (SUCCESS, True, ("r0",), True),
        (None, False, ("r0",), True),
        (None, True, ("r0",), False),
        (None, False, (), False),
    ],
    ids=["answered", "done", "still open", "of a Create that never arrived"],
)
def test_a_create_follows_a_delete_of_the_same_second_that_has_been_answered(
    decided: dict[str, str] | None, is_open: bool, finished: tuple[str, ...], counts: bool
) -> None:
    """A deployment that goes on after a failure deletes what it has created, and creates it again at once."""
    event = EVENT if is_open else None
    deleting = request("r1", "Delete", physical_id="id")
    known = record(deleting, decided=decided, event=event, finished=finished, physical_id="id")

    assert bool(taken(known, request("r2", "Create"))) is counts


def test_a_create_follows_the_delete_of_an_id_whose_answer_was_not_noted() -> None:
    """The id is an ARN, so CloudFormation had the answer of the Create before."""
    create = record(request("r1", issued=NOW - 60))
    deleted = taken(create, request("r2", "Delete", physical_id=JOB_ARN + "job-1"))
    assert deleted

    done = closed(deleted, NOW)

    assert done.physical_id == JOB_ARN + "job-1"
    assert taken(done, request("r3", properties="b"))


def test_a_create_follows_the_delete_of_a_create_whose_answer_came_too_late() -> None:
    """The id is made up, but the Create that it stands for has arrived: another Create is a later one."""
    create = record(request("r1", issued=NOW - 60), physical_id=ARN + "job-1", event=None)
    deleted = taken(create, request("r2", "Delete", physical_id="shop-Interactions-1ABC"))
    assert deleted

    done = closed(deleted, NOW)

    assert done.physical_id == "shop-Interactions-1ABC"
    assert taken(done, request("r3", properties="b"))


def test_a_delete_that_arrives_before_its_create_stops_it() -> None:
    """Its id is made up; the record is the tombstone of an earlier resource of the same logical id."""
    tombstone = record(
        request("r1", "Delete", NOW - 9, physical_id=JOB_ARN + "job-1"),
        event=None,
        physical_id=JOB_ARN + "job-1",
    )
    deleting = request("r3", "Delete", physical_id="shop-Interactions-1ABC")

    assert not is_for_old_id(tombstone, deleting)
    deleted = taken(tombstone, deleting)
    assert deleted
    assert taken(replace(deleted, event=None), request("r2", "Create")) is None


@pytest.mark.parametrize(("issued", "counts"), [(NOW - 1, False), (NOW + 1, True)])
@pytest.mark.parametrize("is_open", [True, False])
def test_the_request_that_was_issued_last_counts(issued: float, counts: bool, is_open: bool) -> None:
    """In whatever order they arrive, and whether or not the other one is done."""
    known = record(update("r1", "a", "b"), event=EVENT if is_open else None)

    assert bool(taken(known, update("r2", "b", "c", issued))) is counts


def test_of_two_requests_of_one_second_a_delete_is_the_later_one() -> None:
    """CloudFormation deletes what it has given up, and creates nothing in the same second."""
    assert taken(record(request("r1")), request("r2", "Delete", physical_id="made-up"))
    assert not taken(record(request("r1", "Delete")), update("r2", "a", "b"))


def test_of_an_update_and_its_rollback_of_one_second_the_rollback_counts_in_either_order() -> None:
    """It goes back from what the update asks for."""
    forward, back = update("r1", "a", "b"), update("r2", "b", "a")

    assert taken(record(forward, earlier_states=("a",)), back)
    assert not taken(record(back, earlier_states=("a",)), forward)


def test_of_two_updates_of_one_second_the_one_that_starts_from_the_other_counts() -> None:
    """A rollback need not be the update's exact reverse: its old properties are the update's."""
    first, second = update("r1", "a", "b"), update("r2", "b", "c")

    assert taken(record(first), second)
    assert not taken(record(second), first)


def test_without_a_settled_state_the_order_of_arrival_decides() -> None:
    """The one case that cannot be told apart: the record is younger than the resource."""
    forward, back = update("r1", "a", "b"), update("r2", "b", "a")

    assert taken(record(forward), back)
    assert taken(record(back), forward)


@pytest.mark.parametrize(
    "known",
    [
        record(update("r0", "a", "x", NOW - 600), settled="x", event=None),
        delivered(
            record(update("r0", "x", "a", NOW - 600), settled="x", is_rollback=True, decided=FAILED),
            goes_on=False,
            deadline=0.0,
            now=NOW - 600,
        ),
    ],
    ids=["the rollback was skipped", "the rollback has failed"],
)
def test_an_update_after_an_incomplete_rollback_is_told_from_its_own_rollback(known: Record) -> None:
    """CloudFormation goes on from the properties of before, although the update to others has succeeded."""
    forward, back = update("r1", "a", "b"), update("r2", "b", "a")

    first, second = taken(known, forward), taken(known, back)

    assert first
    assert second
    assert taken(first, back)
    assert not taken(second, forward)


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
    ("by", "is_known"),
    [(update("r2", "b", "a", NOW + 2), True), (update("r2", "b", "c", NOW + 2), False)],
    ids=["its rollback", "another update"],
)
def test_what_was_replaced_is_known_to_the_rollback(by: Request, is_known: bool) -> None:
    """A later update starts from what the dataset holds by then."""
    made = taken(record(update("r1", "a", "b"), switched_from=({"name": "old"},)), by)

    assert made
    assert bool(made.switched_from) is is_known
    assert made.is_rollback is is_known


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


def test_a_rollback_goes_from_what_the_update_has_asked_for_to_what_was_before() -> None:
    """Both have to match."""
    known = record(update("r1", "a", "b"))

    assert undoes(update("r2", "b", "a"), known)
    assert not undoes(update("r2", "b", "c"), known)
    assert not undoes(update("r2", "c", "a"), known)
    assert not undoes(request("r2", "Delete", properties="a", old_properties="b"), known)
    assert not undoes(update("r2", "b", "a"), record(request("r1", properties="b", old_properties="a")))


@pytest.mark.parametrize(
    ("known", "physical_id", "is_old"),
    [
        (None, "id", False),
        (record(request("r1"), physical_id=JOB_ARN + "new"), JOB_ARN + "new", False),
        (record(request("r1"), physical_id=JOB_ARN + "new"), JOB_ARN + "old", True),
        (record(request("r1")), "Shop-Interactions-1ABC", False),
        (record(request("r1"), physical_id=JOB_ARN + "new"), "Shop-Interactions-1ABC", False),
        (record(update("r1", "a", "b"), physical_id=JOB_ARN + "new"), "Shop-Interactions-1ABC", True),
        (record(request("r3"), physical_id=JOB_ARN + "new", finished=("r2",)), JOB_ARN + "old", False),
    ],
    ids=[
        "no record",
        "its id",
        "another id",
        "made up, unanswered Create",
        "made up, answered too late",
        "an earlier made-up id",
        "done before, delivered again",
    ],
)
def test_a_delete_of_an_id_that_the_resource_no_longer_has_gets_its_own_record(
    known: Record | None, physical_id: str, is_old: bool
) -> None:
    """A made-up id is that of a Create whose answer CloudFormation no longer took."""
    by = request("r2", "Delete", NOW + 2, physical_id=physical_id, properties="a")

    assert is_for_old_id(known, by) is is_old


def test_a_delete_of_a_made_up_id_may_come_in_the_same_second_as_its_create() -> None:
    """The date of a URL is exact to a second."""
    known = record(request("r1"), physical_id=JOB_ARN + "new")

    assert not is_for_old_id(known, request("r2", "Delete", physical_id="Shop-Interactions-1ABC"))


@pytest.mark.parametrize(
    ("answer", "is_old"),
    [
        (None, False),
        ({"Status": "SUCCESS", "PhysicalResourceId": "new"}, True),
        ({"Status": "SUCCESS", "PhysicalResourceId": "id"}, False),
        ({"Status": "FAILED", "PhysicalResourceId": "id"}, False),
    ],
    ids=["undecided", "another id", "the same id", "failed"],
)
def test_a_delete_that_follows_an_answer_with_another_id_is_for_the_old_id(
    answer: dict[str, str] | None, is_old: bool
) -> None:
    """CloudFormation cleans up once it has the answer, which may not be noted yet.

    After an update that was cancelled or has failed, and was not rolled back, the resource itself is deleted.
    """
    known = replace(record(update("r1", "a", "b"), physical_id="id"), decided=answer)

    assert is_for_old_id(known, request("r2", "Delete", physical_id="id", properties="a")) is is_old


def test_an_answer_of_success_settles_the_resource() -> None:
    """Its id and properties are what CloudFormation knows from now on."""
    known = record(request("r1", properties="a"), decided=SUCCESS, job_name="job-1", jobs=("job-1",))

    done = delivered(known, goes_on=False, deadline=0.0, now=NOW)

    assert (done.physical_id, done.settled, done.outcome) == (JOB_ARN + "job-1", "a", "SUCCESS")
    assert (done.is_open, done.decided, done.answered, done.expires_at) == (False, None, True, 0)


def test_an_answer_of_failure_leaves_the_resource_as_it_was() -> None:
    """A Create has the id that it was answered with, under which it will be deleted."""
    updated = record(update("r1", "a", "b"), decided=FAILED, physical_id="id", settled="a")
    created = record(request("r1", properties="a"), decided=FAILED)

    assert (delivered(updated, goes_on=False, deadline=0.0, now=NOW).physical_id) == "id"
    assert (delivered(updated, goes_on=False, deadline=0.0, now=NOW).settled) == "a"
    assert (delivered(created, goes_on=False, deadline=0.0, now=NOW).physical_id) == JOB_ARN + "job-1"
    assert (delivered(created, goes_on=False, deadline=0.0, now=NOW).settled) == ""


def test_a_request_that_goes_on_keeps_its_event_but_not_its_url() -> None:
    """CloudFormation has its answer, and the URL is a secret."""
    known = record(request("r1"), decided=SUCCESS)

    done = delivered(known, goes_on=True, deadline=NOW + 9, now=NOW)

    assert done.event == {"RequestId": "r"}
    assert (done.answered, done.decided, done.deadline, done.is_open) == (True, None, NOW + 9, True)


@pytest.mark.parametrize(("signal", "spent"), [(SignalState.DUE, ("h",)), (SignalState.NONE, ())])
def test_a_signal_that_was_delivered_spends_its_handle(signal: SignalState, spent: tuple[str, ...]) -> None:
    """A rollback that goes back to it has nothing to signal."""
    known = record(request("r1", handle="h"), decided={"Status": "SUCCESS"}, answered=True, signal=signal)

    done = delivered(known, goes_on=False, deadline=0.0, now=NOW)

    assert (done.spent_handles, done.is_open) == (spent, False)


def test_a_record_that_is_closed_has_no_secret_and_no_lease() -> None:
    """It stays for as long as the resource does."""
    known = record(request("r1"), leased_until=NOW, waiting_reason="quota", jobs=("a",))

    done = closed(known, NOW)

    assert "Signature" not in done.to_json()
    assert (done.leased_until, done.waiting_reason) == (0.0, "")
    assert (done.expires_at, done.jobs) == (0, ("a",))


def test_the_record_of_a_deleted_resource_goes_by_itself() -> None:
    """Until then it is a tombstone for events that come late."""
    assert closed(record(request("r1", "Delete")), NOW).expires_at == int(NOW) + TOMBSTONE


def test_the_own_job_is_remembered_once_and_as_the_latest() -> None:
    """Of a resource that is older than its record, nothing is known of the others."""
    known = record(request("r1"), jobs=("a", "b"))

    assert with_job(known, "a").jobs == ("b", "a")
    assert with_job(known, "a").job_name == "a"
    assert with_job(replace(known, jobs=None), "a").jobs is None


def test_only_the_latest_are_remembered() -> None:
    """An item has a limit of 400 KB."""
    known = record(request("r1"), jobs=())
    for number in range(99):
        known = with_job(known, f"job-{number}")

    assert known.jobs
    assert (len(known.jobs), known.jobs[-1]) == (20, "job-98")


def test_a_record_survives_its_way_through_the_table() -> None:
    """Every attribute, in its own type."""
    known = record(
        update("r1", "a", "b"),
        superseded=("r0",),
        jobs=("a",),
        replaced=({"name": "old"},),
        finished=("r",),
        spent_handles=("h",),
        decided=SUCCESS,
        signal=SignalState.DUE,
    )

    assert Record.from_json(known.to_json()) == known


def test_a_record_of_another_version_of_the_handler_is_read() -> None:
    """What it lacks has its default, and what is not known here is left out."""
    text = record(request("r1")).to_json()
    newer = text[:-1] + ', "invented": 1}'

    assert Record.from_json(newer) == record(request("r1"))
    assert "invented" not in {field.name for field in fields(Record)}
