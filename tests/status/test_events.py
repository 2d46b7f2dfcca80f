# SPDX-License-Identifier: Apache-2.0
"""A stack's events of its current or last deployment."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from personalize_import.status.events import begins_deployment, read_events
from tests.status.facts import DATASET_ARN, STACK_ID

IMPORT = "Custom::PersonalizeDatasetImportJob"


def events(*rows: tuple[str, ...]) -> list[Any]:
    """Events of a logical id, a status, a reason and a physical id, a second apart; the newest comes first.

    The logical id of the stack itself is Shop.
    """
    made = []
    for second, each in enumerate(rows):
        logical_id, status, reason, physical_id = (*each, "", "")[:4]
        made.append(
            {
                "StackId": STACK_ID,
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": STACK_ID if logical_id == "Shop" else physical_id,
                "ResourceType": IMPORT,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
                "Timestamp": datetime(2026, 11, 23, 12, 0, second, tzinfo=UTC),
            }
        )
    return made[::-1]


BEGUN = ("Shop", "UPDATE_IN_PROGRESS", "User Initiated")


@pytest.mark.parametrize(
    ("rows", "status", "seconds"),
    [
        ([BEGUN, ("Import", "UPDATE_IN_PROGRESS")], "UPDATE_IN_PROGRESS", (1, 1)),
        (
            [BEGUN, ("Import", "UPDATE_IN_PROGRESS"), ("Import", "UPDATE_COMPLETE")],
            "UPDATE_COMPLETE",
            (1, 2),
        ),
        (
            [
                BEGUN,
                ("Import", "CREATE_IN_PROGRESS"),
                ("Import", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
                ("Import", "CREATE_COMPLETE"),
            ],
            "CREATE_COMPLETE",
            (1, 3),
        ),
        (
            [
                BEGUN,
                ("Import", "UPDATE_IN_PROGRESS"),
                ("Import", "UPDATE_FAILED"),
                ("Import", "UPDATE_IN_PROGRESS"),
            ],
            "UPDATE_IN_PROGRESS",
            (3, 3),
        ),
    ],
    ids=["begun", "done", "in three events", "in a rollback"],
)
def test_an_operation_begins_after_the_end_of_the_one_before(
    rows: list[Any], status: str, seconds: tuple[int, int]
) -> None:
    """An update and its rollback are two operations of a resource."""
    operation = read_events(events(*rows)).operation("Import")

    assert operation is not None
    assert operation.status == status
    assert (operation.began.second, operation.updated.second) == seconds


def test_a_resource_without_an_event_was_not_reached() -> None:
    """The deployment has not reached the resource, or does not change it."""
    assert read_events(events(BEGUN)).operation("Import") is None


def test_a_failed_creation_has_the_physical_id_that_its_clean_up_shows() -> None:
    """The event of the failure may have no physical id."""
    deployment = read_events(
        events(
            ("Shop", "CREATE_IN_PROGRESS"),
            ("Import", "CREATE_IN_PROGRESS"),
            ("Import", "CREATE_FAILED", "It was refused."),
            ("Import", "DELETE_IN_PROGRESS", "", "the-id"),
        )
    )

    created = deployment.operation("Import", of="CREATE_")

    assert created is not None
    assert (created.status, created.reason, created.physical_id) == (
        "CREATE_FAILED",
        "It was refused.",
        "the-id",
    )
    assert (created.updated - created.began).seconds == 1


@pytest.mark.parametrize(
    ("properties", "dataset"),
    [({"DatasetArn": DATASET_ARN}, DATASET_ARN), ({}, ""), ([], ""), (None, "")],
)
def test_the_properties_in_an_event_name_the_dataset(properties: Any, dataset: str) -> None:
    """They are JSON, or missing."""
    first, *more = events(BEGUN, ("Import", "UPDATE_IN_PROGRESS"))
    shown: Any = {} if properties is None else {"ResourceProperties": json.dumps(properties)}

    operation = read_events([first | shown, *more]).operation("Import")

    assert operation is not None
    assert operation.dataset_arn == dataset


@pytest.mark.parametrize(
    ("rows", "failure"),
    [
        ([BEGUN, ("Import", "UPDATE_COMPLETE")], None),
        ([BEGUN, ("A", "UPDATE_FAILED", "First."), ("B", "UPDATE_FAILED", "Second.")], ("A", "First.")),
        (
            [
                BEGUN,
                ("A", "UPDATE_FAILED", "Resource update cancelled"),
                ("B", "CREATE_FAILED", "It was refused."),
                ("Shop", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed: [B]."),
            ],
            ("B", "It was refused."),
        ),
        (
            [BEGUN, ("Shop", "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated"), ("A", "UPDATE_COMPLETE")],
            ("", "User Initiated"),
        ),
    ],
    ids=["none", "the first of two", "no cancelled one", "a cancelled update"],
)
def test_a_deployment_failed_for_the_first_failure_in_it(
    rows: list[Any], failure: tuple[str, str] | None
) -> None:
    """The other resources are cancelled because of it."""
    found = read_events(events(*rows)).failure

    assert (found and (found.logical_id, found.reason)) == failure


def test_a_deployment_begins_with_the_stacks_own_event() -> None:
    """The deletion of a nested stack during a rollback is no beginning."""
    deleted, begun, of_import = (
        events(row)[0] for row in [("Shop", "DELETE_IN_PROGRESS"), BEGUN, ("Import", "UPDATE_IN_PROGRESS")]
    )

    assert [begins_deployment(event) for event in (deleted, begun, of_import)] == [True, True, False]
    assert not begins_deployment(deleted, is_creation=True)
    assert read_events([of_import, begun]).began == begun["Timestamp"]
