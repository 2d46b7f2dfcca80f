# SPDX-License-Identifier: Apache-2.0
"""Deployments in express mode: resources are complete before they are ready, and rollback is off.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-express-mode.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.scenario import Scenario, new_scenario, reason, status

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTE = 60


@pytest.fixture
def shop() -> Iterator[Scenario]:
    """Make a scenario."""
    with new_scenario() as made:
        yield made


def delay_dataset(shop: Scenario, seconds: float) -> float:
    """Let the dataset, which CloudFormation takes for complete, become ACTIVE later; returns when."""
    dataset = shop.personalize.datasets[shop.dataset]
    dataset.created = shop.kernel.now
    dataset.active_at = shop.kernel.now + seconds
    return dataset.active_at


@pytest.mark.parametrize("seconds", [10, 3 * MINUTE, 20 * MINUTE], ids=["at once", "soon", "late"])
def test_a_dataset_that_is_not_active_yet_is_waited_for(shop: Scenario, seconds: int) -> None:
    """The job starts when the dataset is ACTIVE, and the import succeeds within its timeout."""
    active_at = delay_dataset(shop, seconds)

    request = shop.deploy(no_rollback=True)

    [job] = shop.jobs()
    assert status(request) == "SUCCESS"
    assert active_at <= job.created < active_at + MINUTE + 10


def test_a_dataset_that_is_not_active_in_time_fails_the_import(shop: Scenario) -> None:
    """The reason names its status. No job has been started, and nothing is rolled back."""
    delay_dataset(shop, 3 * 60 * MINUTE)

    request = shop.deploy(no_rollback=True)

    assert status(request) == "FAILED"
    assert "the dataset is CREATE" in reason(request)
    assert shop.jobs() == []
    assert [each.type for each in shop.requests()] == ["Create"]


def test_the_next_deployment_imports_what_an_unready_dataset_has_prevented(shop: Scenario) -> None:
    """After the failure the stack stays as it is, and the dataset has become ACTIVE meanwhile."""
    delay_dataset(shop, 90 * MINUTE)
    first = shop.deploy(no_rollback=True)
    shop.wait(2 * 60 * MINUTE)

    second = shop.deploy(no_rollback=True)

    assert (status(first), status(second)) == ("FAILED", "SUCCESS")
    assert shop.job_states() == ["ACTIVE"]
