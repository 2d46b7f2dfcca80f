# SPDX-License-Identifier: Apache-2.0
"""Constructs that are renamed, moved or share a dataset: a resource knows its own jobs by its record."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.faults import DENIED, delayed
from tests.fakes.personalize import BAD_ROW
from tests.simulation.scenario import NAME, Scenario, job_arn, status

if TYPE_CHECKING:
    from tests.fakes.stacks import Stack

FAILS = {"another_fails": True}
NEW = {"Revision": "2"}
OTHER_TAGS = {"Tags": [{"Key": "team", "Value": "shop"}]}


def held(scenario: Scenario) -> tuple[Any, list[Any]]:
    """The revision of the full data that the dataset holds, and the names of what was added."""
    found = scenario.simulation.invariants.contents.held(scenario.dataset)
    return (found.base[-1] if found.base else "nothing", [content[-1] for content in found.added])


def add(scenario: Scenario, name: str = "nightly") -> None:
    """Somebody adds to the dataset."""
    scenario.do(lambda: scenario.personalize.start_foreign_job(scenario.dataset, name, "INCREMENTAL"), 600)


@pytest.fixture
def nested(scenario: Scenario) -> Stack:
    """A nested stack that exists, with nothing in it."""
    return scenario.simulation.make_stack("shop-nested", scenario.stack)


def test_a_rename_with_new_data_that_is_rolled_back_restores_the_old_data(scenario: Scenario) -> None:
    """CloudFormation deletes the new resource and sends the old one nothing."""
    scenario.deploy()

    deployment = scenario.deploy_all({scenario.stack: {"Renamed": scenario.properties(**NEW)}}, **FAILS)

    assert deployment.outcome == "rolled back"
    assert [(sent.type, status(sent)) for sent in deployment.requests] == [
        ("Create", "SUCCESS"),
        ("Delete", "SUCCESS"),
    ]
    assert held(scenario) == (None, [])
    assert scenario.job_states() == ["ACTIVE"] * 3


def test_what_others_had_added_is_restored_as_far_as_the_handler_may(
    scenario: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    """It may not pass somebody else's role; then the log names the dataset and what it lacks."""
    scenario.deploy()
    add(scenario)

    scenario.deploy_all({scenario.stack: {"Renamed": scenario.properties(**NEW)}}, **FAILS)

    assert held(scenario) == (None, [])
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.WARNING]
    assert any(scenario.dataset in message for message in warnings)


def test_a_move_into_a_nested_stack_with_new_data_is_rolled_back_to_the_old_data(
    scenario: Scenario, nested: Stack
) -> None:
    """The nested stack's status says that its clean-up is a rollback's."""
    scenario.deploy()
    new = scenario.properties(**NEW)

    scenario.deploy_all({scenario.stack: {}, nested: {NAME: new}}, **FAILS)

    assert held(scenario) == (None, [])


def test_a_move_into_a_new_nested_stack_that_is_rolled_back_says_what_is_left(
    scenario: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    """The nested stack is deleted, which its user could have done as well: nothing is restored."""
    scenario.deploy()
    nested = scenario.simulation.make_stack("shop-nested", scenario.stack)
    nested.is_made = False
    scenario.simulation.drop(nested, "")

    scenario.deploy_all({scenario.stack: {}, nested: {NAME: scenario.properties(**NEW)}}, **FAILS)

    assert held(scenario) == ("2", [])
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.WARNING]
    assert any(scenario.dataset in message and "revision" in message for message in warnings)


def test_a_rollback_that_cannot_read_the_stacks_status_says_so(
    scenario: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the permission nothing is restored."""
    scenario.deploy()
    scenario.faults.always("DescribeStacks", DENIED)

    scenario.deploy_all({scenario.stack: {"Renamed": scenario.properties(**NEW)}}, **FAILS)

    assert held(scenario) == ("2", [])
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.WARNING]
    assert any(scenario.dataset in message for message in warnings)


def test_old_data_that_fails_to_be_restored_is_named(
    scenario: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    """The file was overwritten in place."""
    scenario.deploy(DataSource={"DataLocation": "s3://data/more.csv"})
    scenario.personalize.bucket["more.csv"] = BAD_ROW

    deployment = scenario.deploy_all({scenario.stack: {"Renamed": scenario.properties()}}, **FAILS)

    assert status(deployment.requests[-1]) == "SUCCESS"
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.WARNING]
    assert any(scenario.dataset in message and "s3://data/more.csv" in message for message in warnings)


@pytest.mark.parametrize("changes", [{}, {"JobNamePrefix": "renamed"}, {"RoleArn": "arn:aws:iam::1:role/x"}])
def test_a_renamed_import_whose_data_is_there_imports_nothing(
    scenario: Scenario, changes: dict[str, str]
) -> None:
    """Its job is adopted, whatever its prefix."""
    created = scenario.deploy()

    deployment = scenario.deploy_all({scenario.stack: {"Renamed": scenario.properties(**changes)}})

    assert job_arn(deployment.requests[0]) == job_arn(created)
    assert len(scenario.jobs()) == 1


@pytest.mark.parametrize("ends", [{}, FAILS], ids=["deployed", "rolled back"])
def test_what_others_have_added_survives_a_rename_or_a_move(
    scenario: Scenario, nested: Stack, ends: dict[str, bool]
) -> None:
    """The data is adopted, and the additions stay."""
    scenario.deploy()
    add(scenario)

    scenario.deploy_all({scenario.stack: {}, nested: {"Moved": scenario.properties()}}, **ends)

    assert held(scenario) == (None, ["nightly"])
    assert len(scenario.jobs()) == 2


@pytest.mark.parametrize("shared", [{}, NEW], ids=["same data", "other data"])
def test_two_stacks_with_one_prefix_and_one_dataset_leave_each_others_data_alone(
    scenario: Scenario, shared: dict[str, str]
) -> None:
    """A change of a timeout imports nothing, although the names look like its own."""
    scenario.deploy()
    other = scenario.simulation.make_stack("other")
    scenario.deploy_all({other: {NAME: scenario.properties(**shared)}})
    add(scenario)
    jobs = len(scenario.jobs())

    scenario.deploy(Timeout="1800")

    assert len(scenario.jobs()) == jobs
    assert held(scenario)[1] == ["nightly"]


def test_the_delete_of_one_of_two_stacks_does_not_wait_for_the_others_job(scenario: Scenario) -> None:
    """One dataset, one prefix."""
    scenario.deploy()
    other = scenario.simulation.make_stack("other")
    scenario.deploy_all({other: {NAME: scenario.properties(Wait="false", **NEW)}}, for_seconds=15)

    scenario.do(scenario.stack.delete)

    deleted = scenario.requests()[-1]
    assert status(deleted) == "SUCCESS"
    assert deleted.closed
    assert deleted.closed < scenario.jobs()[1].ends_at


def test_a_switch_from_additions_to_full_data_that_is_rolled_back_leaves_no_mixture(
    scenario: Scenario,
) -> None:
    """What the resource itself had imported is restored, or the switch is refused."""
    scenario.deploy()
    scenario.deploy(ImportMode="INCREMENTAL", Revision="added")

    scenario.deploy_all({scenario.stack: {NAME: scenario.properties(Revision="full")}}, **FAILS)

    assert held(scenario) == (None, ["added"])


def test_a_switch_that_no_rollback_could_undo_is_refused_with_advice(scenario: Scenario) -> None:
    """Somebody else has brought the full data."""
    scenario.do(lambda: scenario.personalize.start_foreign_job(scenario.dataset, "theirs"), 600)
    scenario.deploy(ImportMode="INCREMENTAL", Revision="added")

    switched = scenario.deploy(Revision="full")

    assert status(switched) == "FAILED"
    assert switched.answer
    assert "Use two imports into the dataset" in switched.answer["Reason"]
    assert held(scenario)[1] == ["added"]


def test_an_update_to_another_dataset_that_fails_leaves_the_id_as_it_was(scenario: Scenario) -> None:
    """After another update, too: a changed id would be a replacement with a clean-up Delete."""
    created = scenario.deploy()
    scenario.deploy(Revision="2")
    scenario.personalize.bucket["bad.csv"] = BAD_ROW
    elsewhere = scenario.personalize.make_dataset("elsewhere")

    scenario.deploy(DatasetArn=elsewhere, DataSource={"DataLocation": "s3://data/bad.csv"})

    assert created.answer
    assert scenario.stack.resources[NAME].physical_id == created.answer["PhysicalResourceId"]
    assert [sent.type for sent in scenario.requests()] == ["Create", "Update", "Update", "Update"]
    assert scenario.stack.stuck == []


def test_a_dataset_that_was_deleted_outside_fails_an_update_at_once_and_no_rollback(
    scenario: Scenario,
) -> None:
    """The rollback leaves it at that, and the stack can be deleted."""
    scenario.deploy()
    scenario.personalize.delete_dataset(scenario.dataset)

    updated = scenario.deploy(**OTHER_TAGS)
    scenario.do(scenario.stack.delete)

    assert [status(sent) for sent in scenario.requests()] == ["SUCCESS", "FAILED", "SUCCESS", "SUCCESS"]
    assert updated.closed
    assert updated.closed - updated.issued < 240
    assert scenario.stack.stuck == []


def test_a_rollback_without_its_dataset_names_the_job_of_the_old_data(scenario: Scenario) -> None:
    """The resource has imported other data since, in an update whose rollback was skipped."""
    created = scenario.deploy()
    scenario.deploy(skip_rollback=True, Revision="2", **FAILS)
    scenario.personalize.delete_dataset(scenario.dataset)

    scenario.deploy(**OTHER_TAGS)

    assert job_arn(scenario.requests()[-1]) == job_arn(created)


def test_a_stack_that_is_deleted_while_its_create_runs_goes(scenario: Scenario) -> None:
    """The Delete stops the Create, waits for its job, and then the dataset can be deleted."""
    deployment = scenario.deploy_all(
        {scenario.stack: {NAME: scenario.properties()}}, cancel_after=20, delete_instead=True
    )

    assert deployment.outcome == "deleted"
    assert [(sent.type, status(sent)) for sent in deployment.requests] == [
        ("Create", "no answer"),
        ("Delete", "SUCCESS"),
    ]
    scenario.personalize.do("DeleteDataset", {"datasetArn": scenario.dataset})


@pytest.mark.parametrize("late", [0, 1, 3])
@pytest.mark.parametrize("which", ["the update", "the rollback"])
def test_of_an_update_and_its_rollback_in_one_second_the_rollback_counts(
    scenario: Scenario, which: str, late: float
) -> None:
    """In whatever order they arrive, and however late one of them is."""
    scenario.deploy()
    scenario.cloudformation.breath = 0.0
    slow = delayed(late)
    scenario.faults.next("Deliver", *([slow, None] if which == "the update" else [None, slow]))

    scenario.deploy_all({scenario.stack: {NAME: scenario.properties(**NEW)}}, cancel_after=0.1)

    updated, rolled_back = scenario.requests()[1:3]
    assert int(updated.issued) == int(rolled_back.issued)
    assert status(rolled_back) == "SUCCESS"
    assert held(scenario) == (None, [])
