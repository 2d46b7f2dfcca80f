# SPDX-License-Identifier: Apache-2.0
"""Tests of the simulation itself: it finds every defect that is planted in the handler."""

import logging
from collections.abc import Callable, Iterator

import pytest

from tests.fakes.faults import answered_late, delayed
from tests.fakes.personalize import BAD_ROW
from tests.simulation.defects import (
    DEFECTS,
    additions_lost,
    calls_in_flight_ignored,
    event_logged,
    start_long_after_write,
    switch_never_refused,
)
from tests.simulation.scenario import Scenario
from tests.simulation.search import run
from tests.simulation.shrink import shrink

RUNS = 2000
"""Runs within which a defect has to show."""


@pytest.fixture(autouse=True)
def _quiet(request: pytest.FixtureRequest) -> Iterator[None]:
    """Log nothing, but where the defect is in what is logged."""
    logging.disable(logging.INFO if "event_logged" not in request.node.name else logging.NOTSET)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_a_planted_defect_is_found(
    defect: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search breaks an invariant within some hundred runs."""
    defect(monkeypatch)

    assert any(run(seed, scan_logs=defect is event_logged).violations for seed in range(RUNS))


def test_a_delete_that_does_not_wait_for_calls_under_way_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job that a slow call starts outlives the answer: rare at random, so it is staged."""
    calls_in_flight_ignored(monkeypatch)
    scenario = Scenario()
    scenario.faults.next("CreateDatasetImportJob", delayed(14))
    created = scenario.send("Create")
    scenario.cloudformation.give_up(created)

    deleted = scenario.send("Delete", PhysicalResourceId="shop-Interactions-1ABC")
    scenario.wait(3600)

    assert deleted.closed
    assert any(job.ends_at > deleted.closed for job in scenario.jobs())


def test_what_others_have_added_and_a_rollback_removes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has to add between two requests, and the second one to fail: staged, too."""
    additions_lost(monkeypatch)
    scenario = Scenario()
    scenario.deploy()
    scenario.do(
        lambda: scenario.personalize.start_foreign_job(scenario.dataset, "nightly", "INCREMENTAL"), 600
    )
    scenario.personalize.bucket["bad.csv"] = BAD_ROW

    scenario.deploy(DataSource={"DataLocation": "s3://data/bad.csv"})

    assert [invariant for invariant, _ in scenario.simulation.invariants.violations] == ["I2"]


def test_a_job_that_is_started_long_after_its_name_was_written_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes a slow write, a slow call and a newer request between the two, so it is staged as well."""
    start_long_after_write(monkeypatch)
    scenario = Scenario()
    scenario.faults.next("PutItem", None, answered_late(20))
    scenario.faults.next("CreateDatasetImportJob", delayed(20))
    created = scenario.send("Create")
    scenario.cloudformation.give_up(created)

    deleted = scenario.send("Delete", PhysicalResourceId="shop-Interactions-1ABC")
    scenario.wait(3600)

    assert deleted.closed
    assert any(job.ends_at > deleted.closed for job in scenario.jobs())


def test_a_switch_that_no_rollback_can_undo_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has brought the full data, which a rollback cannot restore."""
    switch_never_refused(monkeypatch)
    scenario = Scenario()
    scenario.do(lambda: scenario.personalize.start_foreign_job(scenario.dataset, "theirs"), 600)
    scenario.deploy(ImportMode="INCREMENTAL", Revision="added")

    scenario.deploy(Revision="full", another_fails=True)

    assert "D" in {invariant for invariant, _ in scenario.simulation.invariants.violations}


def test_a_story_leaves_out_the_faults_that_it_does_not_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shrunk story of a defect that needs no fault has none."""
    next(defect for defect in DEFECTS if defect.__name__ == "not_waited_for")(monkeypatch)
    outcome = next(found for found in map(run, range(RUNS)) if found.violations and len(found.faults) >= 3)

    smallest, without = shrink(outcome)

    assert smallest.violations
    assert smallest.faults == []
    assert without
