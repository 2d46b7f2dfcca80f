# SPDX-License-Identifier: Apache-2.0
"""Which of two requests counts, and which Delete is for an id that the resource no longer has."""

from dataclasses import replace

import pytest

from dataset_import.record import Record, closed, delivered
from dataset_import.takeover import is_for_old_id
from tests.fakes.personalize import JOB_ARN
from tests.handler.records import EVENT, FAILED, NOW, SUCCESS, record, request, taken, update


def test_an_open_request_that_comes_again_is_the_record_as_it_is() -> None:
    """AWS Lambda delivers at least once."""
    known = record(request("r1"), job_name="job-1")

    assert taken(known, request("r1")) is known


def test_a_request_that_is_done_is_ignored() -> None:
    """The last one, and any before it."""
    known = record(request("r2"), event=None, finished=("r0", "r1"))

    assert [taken(known, request(name, issued=NOW + 9)) for name in ("r2", "r1", "r0")] == [None, None, None]


@pytest.mark.parametrize(("issued", "counts"), [(NOW - 1, False), (NOW + 1, True)])
@pytest.mark.parametrize("is_open", [True, False])
def test_the_request_that_was_issued_last_counts(issued: float, counts: bool, is_open: bool) -> None:
    """In whatever order they arrive, and whether or not the other one is done."""
    known = record(update("r1", "a", "b"), event=EVENT if is_open else None)

    assert bool(taken(known, update("r2", "b", "c", issued))) is counts


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
    create = record(request("r1", issued=NOW - 60), physical_id=JOB_ARN + "job-1", event=None)
    deleted = taken(create, request("r2", "Delete", physical_id="shop-Interactions-1ABC"))
    assert deleted

    done = closed(deleted, NOW)

    assert done.physical_id == "shop-Interactions-1ABC"
    assert taken(done, request("r3", properties="b"))


@pytest.mark.parametrize(("decided", "counts"), [(SUCCESS, True), (None, False)])
def test_a_delete_follows_a_delete_of_the_same_second_that_has_been_answered(
    decided: dict[str, str] | None, counts: bool
) -> None:
    """It stops a Create between the two, which has not arrived yet."""
    known = record(request("r1", "Delete", physical_id=JOB_ARN + "job-1"), decided=decided, finished=("r0",))

    later = taken(known, request("r3", "Delete", physical_id="shop-Interactions-1ABC"))

    assert bool(later) is counts
    if later:
        assert taken(replace(later, event=None), request("r2", "Create")) is None


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


def test_an_update_that_a_user_undoes_at_once_has_settled_the_resource_although_that_is_not_noted() -> None:
    """CloudFormation has its answer, and the next update and its rollback come in one second."""
    known = record(update("r1", "a", "b", NOW - 9), decided=SUCCESS, settled="a")

    undone = taken(known, update("r2", "b", "a"))

    assert undone
    assert taken(undone, update("r3", "a", "b"))


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
