# SPDX-License-Identifier: Apache-2.0
"""Whether a job is adopted, started, restored or waited for: decisions without effects."""

from typing import Any

import pytest

from dataset_import.decisions import (
    Adopt,
    Refuse,
    Start,
    WaitForTurn,
    Wanted,
    can_restore,
    job_to_adopt,
    next_step,
    wanted_by,
)
from dataset_import.jobs import Job, JobDescription
from dataset_import.request import ImportRequest, fingerprint_of
from dataset_import.restoring import jobs_to_restore, next_to_restore
from tests.handler.test_jobs import DATASET, job

FULL: dict[str, Any] = {
    "DatasetArn": DATASET.arn,
    "DataSource": {"DataLocation": "s3://shop/items.csv"},
    "RoleArn": "role",
    "JobNamePrefix": "shop",
}
NEW = {**FULL, "Revision": "2"}
ADDED = {**FULL, "ImportMode": "INCREMENTAL"}
OLD_PREFIX = {**FULL, "JobNamePrefix": "before"}


def name_of(properties: dict[str, Any], number: int = 1, prefix: str = "shop") -> str:
    """The name of a job that brings the data of these properties."""
    return f"{prefix}-{fingerprint_of(properties)}-{number}"


def wanted(
    properties: dict[str, Any], old: dict[str, Any] | None = None, own: Any = (), is_rollback: bool = False
) -> Wanted:
    """What a request of these properties wants."""
    request = ImportRequest.from_properties(properties)
    return wanted_by(request, old, own_jobs=own, is_rollback=is_rollback)


def full(properties: dict[str, Any], minute: int, status: str = "ACTIVE", **name: Any) -> Job:
    """A job that brings the data of these properties."""
    return job(name_of(properties, **name), minute, status, properties.get("ImportMode", "FULL"))


def description(properties: dict[str, Any], number: int = 1) -> JobDescription:
    """The description of an earlier job."""
    return JobDescription(
        dataset_arn=DATASET.arn,
        data_location="s3://shop/items.csv",
        role_arn="role",
        import_mode=properties.get("ImportMode", "FULL"),
        publish_attribution_metrics_to_s3=False,
        name=name_of(properties, number),
    )


OTHERS = job("nightly", 5, mode="INCREMENTAL")


@pytest.mark.parametrize(
    ("current", "adopted"),
    [
        ([], None),
        ([full(FULL, 1)], 0),
        ([full(FULL, 1, prefix="other")], 0),
        ([full(FULL, 1, "CREATE PENDING")], 0),
        ([full(NEW, 1)], None),
        ([full(FULL, 1), full(NEW, 2)], None),
        ([full(NEW, 1), full(FULL, 2)], 1),
        ([full(FULL, 1), OTHERS], 0),
        ([full(FULL, 1), full(FULL, 2, number=2)], 1),
    ],
)
def test_a_create_adopts_the_job_whose_data_is_there(current: list[Job], adopted: int | None) -> None:
    """Whatever its prefix. A full import since has replaced it; an addition of others has not."""
    assert job_to_adopt(wanted(FULL), current) == (None if adopted is None else current[adopted])


@pytest.mark.parametrize(
    ("later", "is_there"),
    [
        ([], True),
        ([OTHERS], True),
        ([full({**ADDED, "Revision": "9"}, 3)], True),
        ([job("other", 3)], False),
        ([job("other", 3), OTHERS], False),
    ],
    ids=["nothing", "others added", "the resource added", "replaced", "replaced, then added to"],
)
def test_an_addition_is_there_until_a_full_import_replaces_it(later: list[Job], is_there: bool) -> None:
    """To add it again would double it, even where the resource has added more since."""
    added = full(ADDED, 2)
    own = {each.name for each in later}

    assert job_to_adopt(wanted(ADDED, own=own), [full(NEW, 1), added, *later]) == (
        added if is_there else None
    )


@pytest.mark.parametrize(
    ("later", "own", "is_there"),
    [
        ([OTHERS], (), True),
        ([full(ADDED, 3)], (name_of(ADDED),), False),
        ([full(ADDED, 3)], (), False),
        ([full({**ADDED, "Revision": "9"}, 3)], (), True),
    ],
    ids=["others added", "the resource added", "the undone update added", "another resource added"],
)
def test_full_data_replaces_what_the_resource_itself_has_added(
    later: list[Job], own: tuple[str, ...], is_there: bool
) -> None:
    """A rollback from an addition to full data restores the full data."""
    first = full(FULL, 1)

    assert job_to_adopt(wanted(FULL, ADDED, own=own), [first, *later]) == (first if is_there else None)


@pytest.mark.parametrize(
    ("later", "own", "is_kept"),
    [
        ([], (), True),
        ([job("other", 3)], (), True),
        ([full(NEW, 3)], (name_of(NEW),), False),
        ([full(NEW, 3)], (), True),
        ([full(NEW, 3)], None, False),
        ([full(NEW, 3, prefix="before")], None, False),
        ([full(NEW, 3, prefix="other")], None, True),
    ],
    ids=[
        "nothing",
        "others imported",
        "it imported",
        "not its own",
        "by prefix",
        "old prefix",
        "other prefix",
    ],
)
def test_an_update_that_leaves_the_data_alone_keeps_the_resources_job(
    later: list[Job], own: Any, is_kept: bool
) -> None:
    """Even if others have imported since; not if the resource itself has, before a skipped rollback."""
    first = full(FULL, 1)

    found = job_to_adopt(wanted(FULL, OLD_PREFIX, own=own), [first, *later])

    assert found == (first if is_kept else None)


def test_a_replaced_addition_is_added_again_if_the_resource_has_added_something_else_since() -> None:
    """An Update whose rollback was skipped has added that. Its rollback would add the old data again."""
    changed = {**ADDED, "Revision": "9"}
    own = (name_of(ADDED), name_of(changed))
    jobs = [full(FULL, 1), full(ADDED, 2), full(NEW, 3, prefix="other"), full(changed, 4)]

    assert job_to_adopt(wanted(ADDED, ADDED, own=own), jobs) is None


@pytest.mark.parametrize("later", [[], [full({**ADDED, "Revision": "9"}, 3)]], ids=["alone", "more added"])
def test_an_update_that_leaves_an_addition_alone_adds_nothing(later: list[Job]) -> None:
    """The addition of an update that was rolled back stays, and is no reason to add the first one again."""
    added = full(ADDED, 2)
    own = (name_of(ADDED), name_of({**ADDED, "Revision": "9"}))

    assert job_to_adopt(wanted(ADDED, ADDED, own=own), [full(FULL, 1), added, *later]) == added


def test_a_dataset_that_will_never_be_active_is_refused() -> None:
    """There is nothing to wait for."""
    step = next_step(wanted(FULL), DATASET._replace(status="CREATE FAILED"), [])

    assert isinstance(step, Refuse)
    assert "CREATE FAILED" in step.reason


def test_a_dataset_that_is_not_active_yet_is_waited_for() -> None:
    """It may have been made just now."""
    step = next_step(wanted(FULL), DATASET._replace(status="CREATE PENDING"), [full(FULL, 1)])

    assert step == WaitForTurn("the dataset is CREATE PENDING.")


@pytest.mark.parametrize(
    ("old", "own", "is_own"),
    [(None, (), False), (FULL, (), False), (FULL, (name_of(NEW),), True), (None, (name_of(NEW),), False)],
)
def test_a_running_job_is_waited_for(old: dict[str, Any] | None, own: tuple[str, ...], is_own: bool) -> None:
    """One of the resource itself, whose update was cancelled, does not use up the request's time."""
    properties = {**FULL, "Revision": "3"}
    running = full(NEW, 1, "CREATE IN_PROGRESS")

    step = next_step(wanted(properties, old, own=own), DATASET, [running])

    assert step == WaitForTurn(f"{running.arn} is CREATE IN_PROGRESS.", is_own)


@pytest.mark.parametrize(
    ("jobs", "number"),
    [
        ([], 1),
        ([full(FULL, 1, "CREATE FAILED")], 2),
        ([full(FULL, -5)], 2),
        ([full(FULL, 1, number=4), full(NEW, 2)], 5),
    ],
    ids=["first", "after a failure", "after an earlier dataset", "after other data"],
)
def test_data_that_is_not_there_is_imported_under_the_next_name(jobs: list[Job], number: int) -> None:
    """A name is taken for good."""
    assert next_step(wanted(FULL), DATASET, jobs) == Start(name_of(FULL, number))


def test_data_that_is_there_is_adopted() -> None:
    """Nothing is imported twice."""
    assert next_step(wanted(FULL), DATASET, [full(FULL, 1)]) == Adopt(full(FULL, 1))


@pytest.mark.parametrize(
    ("own", "step"),
    [((name_of(FULL), name_of(ADDED)), Start), ((name_of(ADDED),), Refuse), (None, Start)],
    ids=["all its own", "the full data is somebody else's", "by prefix"],
)
def test_a_switch_to_full_data_that_no_rollback_could_undo_is_refused(own: Any, step: type) -> None:
    """The handler may not pass the role of somebody else's import."""
    jobs = [full(FULL, 1), full(ADDED, 2)]

    taken = next_step(wanted(NEW, ADDED, own=own), DATASET, jobs)

    assert isinstance(taken, step)


def test_a_rollback_to_full_data_is_never_refused() -> None:
    """Only an update that goes forward can be refused."""
    jobs = [full(FULL, 1), OTHERS, full(ADDED, 6)]

    taken = next_step(wanted(FULL, ADDED, own=(name_of(ADDED),), is_rollback=True), DATASET, jobs)

    assert taken == Start(name_of(FULL, 2))


def test_the_rollback_of_a_switch_restores_everything_in_order() -> None:
    """First the full data, then what was added to it."""
    replaced = [description(FULL), description(ADDED)]
    jobs = [full(FULL, 1), full(ADDED, 2), full(NEW, 3)]
    undoing = wanted(ADDED, NEW, own={each.name for each in jobs}, is_rollback=True)

    first = next_step(undoing, DATASET, jobs, replaced)
    jobs.append(full(FULL, 4, number=2))
    second = next_step(undoing, DATASET, jobs, replaced)
    jobs.append(full(ADDED, 5, number=2))
    third = next_step(undoing, DATASET, jobs, replaced)

    assert first == Start(name_of(FULL, 2), again=replaced[0])
    assert second == Start(name_of(ADDED, 2), again=replaced[1])
    assert third == Adopt(jobs[-1])


def test_the_rollback_of_a_switch_to_the_same_full_data_restores_only_the_additions() -> None:
    """The full data is there already."""
    replaced = [description(FULL), description(ADDED)]
    jobs = [full(FULL, 1), full(ADDED, 2), full(FULL, 3, number=2)]
    undoing = wanted(ADDED, FULL, own={each.name for each in jobs}, is_rollback=True)

    assert next_step(undoing, DATASET, jobs, replaced) == Start(name_of(ADDED, 2), again=replaced[1])


@pytest.mark.parametrize(
    ("later", "left"),
    [
        ([], 2),
        ([full(FULL, 4, number=2)], 1),
        ([full(FULL, 4, number=2), OTHERS], 1),
        ([OTHERS], 2),
        ([job("other", 4)], None),
        ([full(FULL, 4, number=2), job("other", 5)], None),
    ],
    ids=["nothing yet", "the full data", "others added", "others added first", "replaced", "replaced after"],
)
def test_what_is_left_to_restore_follows_from_the_jobs(later: list[Job], left: int | None) -> None:
    """Nothing is, where another full import has come since."""
    replaced = [description(FULL), description(ADDED)]

    rest = jobs_to_restore(replaced, [full(FULL, 1), full(ADDED, 2), full(NEW, 3), *later], name_of(NEW))

    assert rest == (None if left is None else replaced[2 - left :])


def test_nothing_is_restored_where_nothing_was_replaced() -> None:
    """The full import has failed."""
    assert jobs_to_restore([description(FULL)], [full(FULL, 1)], name_of(NEW)) is None


def test_what_others_have_brought_cannot_be_restored() -> None:
    """Of the last full import and of what was added since."""
    mine = wanted(NEW, ADDED, own=(name_of(FULL),))

    assert can_restore(mine, [])
    assert can_restore(mine, [full(FULL, 1)])
    assert can_restore(mine, [job("other", 0), full(FULL, 1)])
    assert not can_restore(mine, [full(FULL, 1), OTHERS])


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


THIRD = {**FULL, "Revision": "3"}


@pytest.mark.parametrize(
    ("replaced", "jobs", "restored"),
    [
        ([FULL], [full(FULL, 1)], None),
        ([FULL], [full(FULL, 1), full(NEW, 2)], 0),
        ([FULL], [full(FULL, 1), full(NEW, 2), full(FULL, 3, number=2)], None),
        ([FULL, ADDED], [full(FULL, 1), full(ADDED, 2), full(NEW, 3), full(FULL, 4, number=2)], 1),
        ([FULL], [full(FULL, 1), full(THIRD, 2), full(FULL, 3, prefix="renamed")], None),
        ([FULL, ADDED], [full(FULL, 1), full(ADDED, 2), full(FULL, 3, prefix="renamed")], 1),
        ([FULL], [full(FULL, 1), full(NEW, 2), full(THIRD, 3)], None),
        ([FULL], [full(FULL, 1), full(NEW, 2), full(THIRD, 3), full(NEW, 4, number=2)], 0),
    ],
    ids=[
        "nothing was replaced",
        "the full data",
        "everything is restored",
        "the addition after the full data",
        "the same full data",
        "the addition to the same full data",
        "another full import came since",
        "the own data was restored by the Delete of a later import",
    ],
)
def test_a_rollback_that_deletes_a_resource_restores_what_it_has_replaced(
    replaced: list[dict[str, Any]], jobs: list[Job], restored: int | None
) -> None:
    """The resource has imported the new data, whose job may have been run again since."""
    before = [description(properties) for properties in replaced]
    own = {name_of(NEW), name_of(FULL, prefix="renamed")}

    found = next_to_restore(before, jobs, own)

    assert found == (None if restored is None else before[restored])
