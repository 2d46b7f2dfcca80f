# SPDX-License-Identifier: Apache-2.0
"""The transitions of a record, which are pure: what an answer settles, what is kept, when it may go."""

from dataclasses import fields, replace

import pytest

from dataset_import.event import SignalState
from dataset_import.record import TOMBSTONE, Record, closed, delivered, with_job
from tests.fakes.personalize import JOB_ARN
from tests.handler.records import FAILED, NOW, SUCCESS, record, request, update


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


def test_the_answer_of_a_delete_settles_nothing() -> None:
    """The resource may live on under another id."""
    known = record(
        request("r1", "Delete", properties="b"),
        decided={"Status": "SUCCESS", "PhysicalResourceId": "other"},
        physical_id="id",
        settled="a",
        jobs=("job-1",),
        has_replaced=True,
    )

    done = delivered(known, goes_on=False, deadline=0.0, now=NOW)

    assert (done.outcome, done.physical_id, done.settled) == ("SUCCESS", "id", "a")
    assert (done.jobs, done.has_replaced) == (("job-1",), True)


@pytest.mark.parametrize(
    ("signal", "after"), [(SignalState.DUE, SignalState.NONE), (SignalState.OVER, SignalState.OVER)]
)
def test_after_an_answer_of_failure_no_signal_is_due(signal: SignalState, after: SignalState) -> None:
    """CloudFormation waits for none. What was over before stays so."""
    known = record(update("r1", "a", "b"), decided=FAILED, signal=signal)

    assert delivered(known, goes_on=False, deadline=0.0, now=NOW).signal is after


def test_a_rollback_that_fails_settles_the_properties() -> None:
    """CloudFormation takes the resource to have them when the rollback is skipped or continued."""
    known = record(update("r1", "b", "a"), decided=FAILED, settled="b", is_rollback=True)

    assert delivered(known, goes_on=False, deadline=0.0, now=NOW).settled == "a"


@pytest.mark.parametrize(("before", "is_replaced"), [("", False), ("id", False), ("earlier", True)])
def test_a_resource_is_replaced_by_an_answer_with_another_id(before: str, is_replaced: bool) -> None:
    """A Create has no id before its answer."""
    answer = {"Status": "SUCCESS", "PhysicalResourceId": "id"}
    known = record(request("r1", "Update" if before else "Create", physical_id=before), decided=answer)

    assert delivered(known, goes_on=False, deadline=0.0, now=NOW).has_replaced is is_replaced


@pytest.mark.parametrize(
    ("jobs", "job_name", "after"),
    [(None, "job-2", ("job-2",)), (None, "", ()), (("job-1", "job-2"), "job-2", ("job-1", "job-2"))],
)
def test_from_its_first_success_on_the_jobs_of_a_resource_are_known(
    jobs: tuple[str, ...] | None, job_name: str, after: tuple[str, ...]
) -> None:
    """Also those of a resource that is older than its record."""
    known = record(request("r1"), decided=SUCCESS, jobs=jobs, job_name=job_name)

    assert delivered(known, goes_on=False, deadline=0.0, now=NOW).jobs == after


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
    newer = text[:-1].replace('"request": {', '"request": {"invented": 1, ') + ', "invented": 1}'

    assert Record.from_json(newer) == record(request("r1"))
    assert "invented" not in {field.name for field in fields(Record)}
