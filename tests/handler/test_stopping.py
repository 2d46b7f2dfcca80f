# SPDX-License-Identifier: Apache-2.0
"""How a Delete stops what polls for its resource, against a ledger kept in memory."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from dataset_import.record import IN_FLIGHT, SupersededError
from dataset_import.deleting import Deleting
from dataset_import.polling import ledger_name
from dataset_import.request import fingerprint_of
from dataset_import.watch import Watch
from tests.fakes.faults import error
from tests.fakes.kernel import START
from tests.handler.schedules import Bench

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/"
DATASET = "arn:aws:personalize:us-east-1:123456789012:dataset/shop/INTERACTIONS"
FINGERPRINT = fingerprint_of({})
"""That of the events here, which have no properties."""

MADE_UP = "Shop-Interactions-1ABC"


class DeleteBench(Bench):
    """A bench for a Delete. Personalize has one job, which runs until a given second."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = 100.0
        self.asked: list[str] = []

    def job(self, arn: str) -> Any:
        self.asked.append(arn)
        if arn != ARN + "job-1":
            raise error("ResourceNotFoundException")
        return SimpleNamespace(has_ended=self.elapsed >= self.ends)

    def jobs(self, dataset_arn: str) -> list[Any]:
        return []

    def delete(self, physical_id: str, request: str = "d1", **changes: Any) -> dict[str, Any]:
        """Make the event of a Delete."""
        more = {"RequestType": "Delete", "PhysicalResourceId": physical_id, **changes}
        return {**self.request(request), **more}

    def deleting(self, event: dict[str, Any], time_left: float = 90) -> Deleting:
        """Take up a Delete."""
        watch = Watch.begin(self.claim(event), self.clock, time_left)
        return Deleting(DATASET, "interactions", event, cast("Any", self), watch)


@pytest.fixture
def bench() -> DeleteBench:
    """Make a bench with an empty ledger."""
    return DeleteBench()


def test_a_delete_ends_the_ledger_of_the_imports(bench: DeleteBench) -> None:
    """With a closed entry, which supersedes whatever is there."""
    bench.put(1, job_name="job-1")
    delete = bench.deleting(bench.delete(MADE_UP))

    delete.run()

    assert (bench.entry(2).request, bench.entry(2).closed) == (delete.watch.state.request, True)
    with pytest.raises(SupersededError):
        bench.claim(
            {**bench.request("late"), "ResponseURL": bench.event["ResponseURL"].replace("40Z", "39Z")}
        )


def test_what_has_to_be_remembered_is_in_a_ledger_of_its_own(bench: DeleteBench) -> None:
    """The job to wait for, and how long its start may be under way."""
    event = bench.delete(MADE_UP)
    bench.put(1, job_name="job-1")

    bench.deleting(event).run()

    own = bench.schedules.kept[f"{ledger_name(event)}-1"]
    assert (own.job_name, own.settles) == ("job-1", START + IN_FLIGHT)


def test_the_job_is_looked_at_once_a_call_under_way_has_to_be_over(bench: DeleteBench) -> None:
    """Not before: it might not be there yet."""
    bench.put(1, job_name="job-1")
    bench.ends = 30

    assert bench.deleting(bench.delete(MADE_UP)).run() == MADE_UP
    assert set(bench.asked) == {ARN + "job-1"}
    assert 30 <= bench.elapsed < 35


def test_a_job_whose_name_is_chosen_during_the_take_over_is_waited_for(bench: DeleteBench) -> None:
    """The Create's last write landed between the Delete's look and its entry."""
    create = bench.put(1)
    bench.schedules.between["create"].append(lambda: bench.put(1, create, job_name="job-1"))
    bench.ends = 30

    assert bench.deleting(bench.delete(MADE_UP)).run() == MADE_UP
    assert set(bench.asked) == {ARN + "job-1"}
    assert 30 <= bench.elapsed < 35


def test_a_request_that_came_between_is_stopped_as_well(bench: DeleteBench) -> None:
    """Its entry was first, and the Delete's is after it."""
    bench.schedules.between["create"].append(lambda: bench.put(1, job_name="job-1"))
    bench.ends = 30

    assert bench.deleting(bench.delete(MADE_UP)).run() == MADE_UP
    assert (bench.numbers, bench.entry(2).closed) == ([1, 2], True)
    assert 30 <= bench.elapsed < 35


def test_nothing_is_waited_for_where_nothing_was_polled_for(bench: DeleteBench) -> None:
    """The ledger is ended all the same, for a Create that comes late."""
    assert bench.deleting(bench.delete(MADE_UP)).run() == MADE_UP
    assert (bench.elapsed, bench.asked, bench.entry(1).closed) == (0, [], True)


def test_a_delete_that_comes_twice_ends_the_ledger_once(bench: DeleteBench) -> None:
    """The process may have died before it answered; there was nobody before it."""
    event = bench.delete(MADE_UP)
    bench.deleting(event).run()

    assert bench.deleting(event).run() == MADE_UP
    assert (bench.numbers, bench.asked) == ([1], [])


def test_a_newer_request_is_left_alone(bench: DeleteBench) -> None:
    """The resource has been made again since."""
    newer = bench.put(1, issued=START + 1, job_name="job-1")

    assert bench.deleting(bench.delete(MADE_UP)).run() == MADE_UP
    assert (bench.numbers, bench.entry(1)) == ([1], newer)
    assert bench.elapsed == 0


@pytest.mark.parametrize(
    "changes",
    [{"job_name": "job-2", "fingerprint": "0a1b2c3d4e5f"}, {"job_name": "job-1", "closed": True}],
    ids=["of other data", "that is over"],
)
def test_a_delete_stops_no_import(bench: DeleteBench, changes: dict[str, Any]) -> None:
    """The clean-up after an Update leaves the Update's own polling alone."""
    bench.put(1, **{"fingerprint": FINGERPRINT, **changes})
    bench.ends = 30

    assert bench.deleting(bench.delete(ARN + "job-1")).run() == ARN + "job-1"
    assert bench.numbers == [1]
    assert 30 <= bench.elapsed < 35


def test_a_delete_of_the_job_that_is_polled_for_stops_the_polling(bench: DeleteBench) -> None:
    """It is this resource's, and has to go with it, whether or not the id is that of its job."""
    bench.put(1, job_name="job-2", fingerprint=FINGERPRINT)

    bench.deleting(bench.delete(ARN + "job-1")).run()

    assert bench.entry(2).closed


def test_the_next_invocation_goes_on_waiting(bench: DeleteBench) -> None:
    """What was stopped stays stopped, and the job is still known."""
    event = bench.delete(MADE_UP)
    bench.put(1, job_name="job-1")
    first = bench.deleting(event).run()

    second = bench.deleting(event).run()

    assert (first, second) == (None, MADE_UP)
    assert bench.elapsed >= bench.ends
    assert bench.numbers == [1, 2]


def test_a_delete_that_is_sent_again_waits_for_the_same_job(bench: DeleteBench) -> None:
    """CloudFormation's second try is another request; the first one's entry knows what it stopped."""
    bench.put(1, job_name="job-1")
    bench.deleting(bench.delete(MADE_UP)).run()
    again = bench.delete(MADE_UP, "d2", ResponseURL=bench.event["ResponseURL"].replace("40Z", "41Z"))

    bench.deleting(again).run()

    assert bench.entry(3).job_name == "job-1"
    assert bench.schedules.kept[f"{ledger_name(again)}-2"].job_name == "job-1"


def test_an_entry_that_cannot_be_read_yet_is_tried_again(
    bench: DeleteBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a pause, and once it can be read it is taken into account."""
    bench.put(1, job_name="job-1")
    find = bench.schedules.find
    monkeypatch.setattr(bench.schedules, "find", lambda name: find(name) if bench.elapsed >= 10 else None)
    bench.ends = 30

    assert bench.deleting(bench.delete(MADE_UP)).run() == MADE_UP
    assert bench.entry(2).closed
    assert set(bench.asked) == {ARN + "job-1"}
