# SPDX-License-Identifier: Apache-2.0
"""What a request does next: adopt a job, start one, wait for its turn, or be refused."""

from typing import Any

import pytest

from dataset_import.decisions import Adopt, Refuse, Start, Step, WaitForTurn, next_step, wanted_by
from dataset_import.jobs import Job
from dataset_import.request import ImportRequest
from dataset_import.restoring import left_to_restore
from tests.handler.jobs import ADDED, DATASET, FULL, NEW, OTHERS, description, job_of, name_of, wanted


@pytest.mark.parametrize(
    ("old", "is_update", "is_switch"),
    [
        (None, False, False),
        (FULL, True, False),
        (ADDED, True, True),
        ({**ADDED, "DatasetArn": DATASET.arn + "2"}, False, False),
        ("no mapping", False, False),
    ],
)
def test_what_is_wanted_depends_on_the_properties_before(old: Any, is_update: bool, is_switch: bool) -> None:
    """A switch is an update from INCREMENTAL to FULL in the same dataset."""
    request = ImportRequest.from_properties(NEW)

    found = wanted_by(request, old, own_jobs=None, is_rollback=False)

    assert (found.is_update, found.is_switch) == (is_update, is_switch)
    assert found.fingerprint == request.fingerprint
    assert bool(found.old_fingerprint) is (old is not None)


def test_a_dataset_that_will_never_be_active_is_refused() -> None:
    """There is nothing to wait for."""
    step = next_step(wanted(FULL), DATASET._replace(status="CREATE FAILED"), [])

    assert isinstance(step, Refuse)
    assert "CREATE FAILED" in step.reason


def test_a_dataset_that_is_not_active_yet_is_waited_for() -> None:
    """It may have been made just now."""
    step = next_step(wanted(FULL), DATASET._replace(status="CREATE PENDING"), [job_of(FULL, 1)])

    assert step == WaitForTurn("the dataset is CREATE PENDING.")


@pytest.mark.parametrize(
    ("old", "own", "is_own"),
    [(None, (), False), (FULL, (), False), (FULL, (name_of(NEW),), True), (None, (name_of(NEW),), False)],
)
def test_a_running_job_is_waited_for(old: dict[str, Any] | None, own: tuple[str, ...], is_own: bool) -> None:
    """One of the resource itself, whose update was cancelled, does not use up the request's time."""
    properties = {**FULL, "Revision": "3"}
    running = job_of(NEW, 1, "CREATE IN_PROGRESS")

    step = next_step(wanted(properties, old, own=own), DATASET, [running])

    assert step == WaitForTurn(f"{running.arn} is CREATE IN_PROGRESS.", is_own)


@pytest.mark.parametrize(
    ("jobs", "number"),
    [
        ([], 1),
        ([job_of(FULL, 1, "CREATE FAILED")], 2),
        ([job_of(FULL, -5)], 2),
        ([job_of(FULL, 1, number=4), job_of(NEW, 2)], 5),
    ],
    ids=["first", "after a failure", "after an earlier dataset", "after other data"],
)
def test_data_that_is_not_there_is_imported_under_the_next_name(jobs: list[Job], number: int) -> None:
    """A name is taken for good."""
    assert next_step(wanted(FULL), DATASET, jobs) == Start(name_of(FULL, number))


def test_data_that_is_there_is_adopted() -> None:
    """Nothing is imported twice."""
    assert next_step(wanted(FULL), DATASET, [job_of(FULL, 1)]) == Adopt(job_of(FULL, 1))


@pytest.mark.parametrize(
    ("own", "step"),
    [((name_of(FULL), name_of(ADDED)), Start), ((name_of(ADDED),), Refuse), (None, Start)],
    ids=["all its own", "the full data is somebody else's", "by prefix"],
)
def test_a_switch_to_full_data_that_no_rollback_could_undo_is_refused(own: Any, step: type) -> None:
    """The handler may not pass the role of somebody else's import."""
    jobs = [job_of(FULL, 1), job_of(ADDED, 2)]

    taken = next_step(wanted(NEW, ADDED, own=own), DATASET, jobs)

    assert isinstance(taken, step)


def test_a_rollback_to_full_data_is_never_refused() -> None:
    """Only an update that goes forward can be refused."""
    jobs = [job_of(FULL, 1), OTHERS, job_of(ADDED, 6)]

    taken = next_step(wanted(FULL, ADDED, own=(name_of(ADDED),), is_rollback=True), DATASET, jobs)

    assert taken == Start(name_of(FULL, 2))


def test_the_rollback_of_a_switch_restores_everything_in_order() -> None:
    """First the full data, then what was added to it."""
    replaced = [description(FULL), description(ADDED)]
    jobs = [job_of(FULL, 1), job_of(ADDED, 2), job_of(NEW, 3)]
    undoing = wanted(ADDED, NEW, own={each.name for each in jobs}, is_rollback=True)

    def step() -> Step:
        return next_step(undoing, DATASET, jobs, left_to_restore(replaced, jobs, name_of(NEW)))

    first = step()
    jobs.append(job_of(FULL, 4, number=2))
    second = step()
    jobs.append(job_of(ADDED, 5, number=2))
    third = step()

    assert first == Start(name_of(FULL, 2), again=replaced[0])
    assert second == Start(name_of(ADDED, 2), again=replaced[1])
    assert third == Adopt(jobs[-1])


def test_the_rollback_of_a_switch_to_the_same_full_data_restores_only_the_additions() -> None:
    """The full data is there already."""
    replaced = [description(FULL), description(ADDED)]
    jobs = [job_of(FULL, 1), job_of(ADDED, 2), job_of(FULL, 3, number=2)]
    undoing = wanted(ADDED, FULL, own={each.name for each in jobs}, is_rollback=True)
    left = left_to_restore(replaced, jobs, name_of(FULL, 2))

    assert next_step(undoing, DATASET, jobs, left) == Start(name_of(ADDED, 2), again=replaced[1])


@pytest.mark.parametrize(
    ("properties", "old", "is_rollback", "is_switch", "undoes_addition"),
    [
        (FULL, ADDED, False, True, False),
        (FULL, ADDED, True, False, True),
        (FULL, NEW, True, False, False),
        (FULL, None, True, False, False),
        (ADDED, FULL, True, False, False),
    ],
    ids=["switch", "its opposite in a rollback", "full data", "create", "switch in a rollback"],
)
def test_a_change_to_full_is_a_switch_or_undoes_an_addition(
    properties: dict[str, Any],
    old: dict[str, Any] | None,
    is_rollback: bool,
    is_switch: bool,
    undoes_addition: bool,
) -> None:
    """Only the first replaces data that somebody may want back."""
    found = wanted(properties, old, is_rollback=is_rollback)

    assert (found.is_switch, found.undoes_addition) == (is_switch, undoes_addition)


@pytest.mark.parametrize("has_copies", [True, False])
def test_it_is_known_whether_the_files_of_the_request_were_copied(has_copies: bool) -> None:
    """A rollback without copies cannot restore."""
    request = ImportRequest.from_properties(FULL)

    found = wanted_by(request, None, own_jobs=(), is_rollback=False, has_copies=has_copies)

    assert found.has_copies is has_copies
