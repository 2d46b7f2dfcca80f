# SPDX-License-Identifier: Apache-2.0
"""The schedule, as EventBridge Scheduler gets it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dataset_import.faults import Fault
from dataset_import.polling import (
    Polling,
    PollingError,
    import_ledger_name,
    is_closed,
    is_stale,
    ledger_name,
)
from dataset_import.state import RequestState
from tests.handler.clients import Client, error

NOW = 1_795_000_000.0
ROLE = "arn:aws:iam::123456789012:role/schedules"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:handler"
EVENT = {
    "RequestType": "Create",
    "RequestId": "request-1",
    "StackId": "stack",
    "LogicalResourceId": "Interactions",
    "ResponseURL": "https://cloudformation.test/?X-Amz-Signature=5ec7e7",
    "ResourceProperties": {"DatasetArn": "dataset"},
    "OldResourceProperties": {},
}
ENDS = NOW + 50_390
STATE = RequestState(
    "mark", issued=NOW - 10, expires=NOW + 7190, deadline=NOW + 3470, job_name="job-1", ends=ENDS
)


class Scheduler:
    """Keeps the last call, and answers as it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.reply: dict[str, Any] | Exception = {}
        client: Any = Client("scheduler", self._call)
        self.polling = Polling(lambda: client, group="shop", role_arn=ROLE, function_arn=FUNCTION)

    def _call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, params))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@pytest.fixture
def scheduler() -> Scheduler:
    """Make a scheduler that says yes."""
    return Scheduler()


def test_a_schedule_calls_every_minute_until_its_entry_expires(scheduler: Scheduler) -> None:
    """First after a minute, with the event and the state; then it is deleted by the service."""
    assert scheduler.polling.create("import-1", EVENT, STATE, NOW)

    [(operation, params)] = scheduler.calls
    target = params.pop("Target")
    kept = json.loads(target.pop("Input"))
    assert operation == "CreateSchedule"
    assert params == {
        "GroupName": "shop",
        "Name": "import-1",
        "ScheduleExpression": "rate(1 minute)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "StartDate": datetime.fromtimestamp(NOW + 60, UTC),
        "EndDate": datetime.fromtimestamp(ENDS + 90, UTC),
        "ActionAfterCompletion": "DELETE",
    }
    assert target == {
        "Arn": FUNCTION,
        "RoleArn": ROLE,
        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
    }
    assert kept == {
        **EVENT,
        "CrHelperPoll": True,
        "CrHelperData": STATE._asdict(),
        "DueAt": "<aws.scheduler.scheduled-time>",
    }
    assert not is_closed(kept)


@pytest.mark.parametrize(("late", "stale"), [(0, False), (60, False), (119, False), (120, True)])
def test_a_tick_is_stale_once_the_next_one_must_have_come(late: float, stale: bool) -> None:
    """A minute later, and late by another at the most."""
    due = datetime.fromtimestamp(NOW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert is_stale({"DueAt": due}, NOW + late) == stale


@pytest.mark.parametrize("event", [{}, {"DueAt": "<aws.scheduler.scheduled-time>"}])
def test_what_does_not_say_when_it_was_due_is_not_stale(event: dict[str, Any]) -> None:
    """CloudFormation's own event does not, and a scheduler may not."""
    assert not is_stale(event, NOW)


@pytest.mark.parametrize("changes", [{"closed": True}, {"answer": {"Status": "SUCCESS"}}])
def test_a_schedule_that_only_remembers_stays_without_the_url(
    scheduler: Scheduler, changes: dict[str, Any]
) -> None:
    """It ticks once, at its end; neither URL nor properties are kept."""
    remembered = RequestState(**{**STATE._asdict(), **changes})

    scheduler.polling.update("import-1", EVENT, remembered, NOW)

    [(operation, params)] = scheduler.calls
    kept = json.loads(params["Target"]["Input"])
    assert operation == "UpdateSchedule"
    assert params["StartDate"] == datetime.fromtimestamp(ENDS, UTC)
    assert params["EndDate"] == datetime.fromtimestamp(ENDS + 90, UTC)
    assert kept["CrHelperData"] == {**STATE._asdict(), **changes}
    assert set(kept) == {
        "RequestType",
        "RequestId",
        "StackId",
        "LogicalResourceId",
        "CrHelperPoll",
        "CrHelperData",
        "DueAt",
    }
    assert is_closed(kept)


@pytest.mark.parametrize("closed", [True, False])
def test_a_schedule_never_ends_before_it_begins(scheduler: Scheduler, closed: bool) -> None:
    """The service refuses an end that has passed, however late the request is."""
    late = RequestState(**{**STATE._asdict(), "closed": closed})

    scheduler.polling.create("import-1", EVENT, late, ENDS + 9000)

    [(_, params)] = scheduler.calls
    assert params["StartDate"] == datetime.fromtimestamp(ENDS + 9060, UTC)
    assert params["EndDate"] == datetime.fromtimestamp(ENDS + 9150, UTC)


def test_a_queued_request_is_looked_at_at_a_second_of_its_own(scheduler: Scheduler) -> None:
    """Always the same, and not at once: of many that wait, one looks soon after a place is free."""
    queued = RequestState(**{**STATE._asdict(), "queued": True})
    later = range(0, 180, 7)

    for name in ("import-1", "import-2"):
        for after in later:
            scheduler.polling.create(name, EVENT, queued, NOW + after)

    starts = [params["StartDate"].timestamp() for _, params in scheduler.calls]
    waits = [start - NOW - after for start, after in zip(starts, [*later, *later], strict=True)]
    seconds = [start % 60 for start in starts]
    assert all(5 <= wait < 65 for wait in waits)
    assert len(set(seconds[: len(later)])) == len(set(seconds[len(later) :])) == 1
    assert seconds[0] != seconds[-1]


def test_what_was_kept_is_found(scheduler: Scheduler) -> None:
    """The state is the schedule's."""
    scheduler.polling.create("import-1", EVENT, STATE, NOW)
    scheduler.reply = scheduler.calls[0][1]

    assert scheduler.polling.find("import-1") == STATE
    assert scheduler.calls[1] == ("GetSchedule", {"GroupName": "shop", "Name": "import-1"})


def test_what_is_not_there_is_not_found(scheduler: Scheduler) -> None:
    """That is no error."""
    scheduler.reply = error("ResourceNotFoundException")

    assert scheduler.polling.find("import-1") is None


def test_a_schedule_that_is_there_already_is_not_made(scheduler: Scheduler) -> None:
    """Of two who try at once, one does."""
    scheduler.reply = error("ConflictException")

    assert not scheduler.polling.create("import-1", EVENT, STATE, NOW)


@pytest.mark.parametrize("operation", ["find", "create", "update"])
def test_any_other_error_says_what_it_means(scheduler: Scheduler, operation: str) -> None:
    """With the service's words."""
    scheduler.reply = error("ThrottlingException", "Rate exceeded")
    more = () if operation == "find" else (EVENT, STATE, NOW)

    with pytest.raises(PollingError) as caught:
        getattr(scheduler.polling, operation)("import-1", *more)

    assert (caught.value.fault, caught.value.words) == (Fault.TRANSIENT, "Rate exceeded")
    assert "Rate exceeded" in str(caught.value)


def test_names_tell_resources_and_deletes_apart() -> None:
    """Imports of a resource share a schedule; each delete has its own."""
    delete = {**EVENT, "RequestType": "Delete", "PhysicalResourceId": "old"}
    names = [
        ledger_name(EVENT),
        ledger_name({**EVENT, "StackId": "other"}),
        ledger_name({**EVENT, "LogicalResourceId": "Other"}),
        ledger_name(delete),
        ledger_name({**delete, "PhysicalResourceId": "new"}),
    ]

    assert len(set(names)) == 5
    assert ledger_name({**EVENT, "RequestType": "Update", "RequestId": "other"}) == names[0]
    assert import_ledger_name(delete) == import_ledger_name(EVENT) == names[0]
    assert [name.partition("-")[0] for name in names] == ["import"] * 3 + ["delete"] * 2
    assert all(len(name) <= 64 for name in names)


def test_names_stay_the_same_from_version_to_version() -> None:
    """An update of the handler goes on with the schedules of the one before."""
    assert ledger_name(EVENT) == "import-ca24cba1d378aaf6a9d9b94dd68dc1c7"
