# SPDX-License-Identifier: Apache-2.0
"""More imports than may run at once: they queue, none fails, and no place stays free for long."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import TYPE_CHECKING

import pytest

from local_aws.personalize import Timing
from tests.simulation.scenario import NAME, Scenario, new_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.stacks import Properties

QUOTA = 5
IMPORTS = 60
DURATION = 240.0
"""Seconds of each import: twelve rounds of them take less than the hour that CloudFormation waits."""

POLLING = 60.0
"""Seconds until the tick that sees the first place free; CloudFormation's own part is in it too."""


@pytest.fixture
def shop() -> Iterator[Scenario]:
    """Make a scenario in which every import takes the same time."""
    with new_scenario(Timing(pending=10, shortest_import=DURATION, longest_import=DURATION)) as made:
        yield made


def wanted(scenario: Scenario, **changes: str) -> dict[str, Properties]:
    """Sixty imports, each into a dataset of its own."""
    return {
        f"{NAME}{number}": scenario.properties(
            DatasetArn=scenario.personalize.make_dataset(f"shop{number}"),
            JobNamePrefix=f"import{number}",
            **changes,
        )
        for number in range(IMPORTS)
    }


def test_sixty_imports_take_hardly_longer_than_the_quota_makes_them(shop: Scenario) -> None:
    """Within five per cent of twelve rounds, since somebody looks at every second."""
    outcome: list[bool] = []
    began = shop.kernel.now

    shop.do(lambda: outcome.append(shop.stack.deploy(wanted(shop))))

    took = max(request.closed or 0.0 for request in shop.requests()) - began
    assert outcome == [True]
    assert took <= 1.05 * ceil(IMPORTS / QUOTA) * DURATION + POLLING


def test_sixty_imports_need_no_more_than_the_concurrency_of_a_new_account(shop: Scenario) -> None:
    """Ten invocations at once. What finds no place comes later, and five that watch leave places free."""
    shop.simulation.functions.concurrency = 10
    outcome: list[bool] = []
    began = shop.kernel.now

    shop.do(lambda: outcome.append(shop.stack.deploy(wanted(shop))))

    took = max(request.closed or 0.0 for request in shop.requests()) - began
    assert shop.simulation.functions.throttled > 0
    assert outcome == [True]
    assert took <= 1.05 * ceil(IMPORTS / QUOTA) * DURATION + POLLING


def test_a_queued_request_looks_once_a_tick(shop: Scenario) -> None:
    """Fifty-five requests that wait do not use up the rate of calls that the account has."""
    shop.do(lambda: shop.stack.deploy(wanted(shop)), for_seconds=DURATION)
    before = Counter(shop.simulation.journal.operations)

    shop.wait(120)

    tried = (shop.simulation.journal.operations - before)["CreateDatasetImportJob"]
    shop.wait(2 * 3600)
    ticks = 2 * (IMPORTS - QUOTA)
    assert 0.8 * ticks - QUOTA <= tried <= ticks + 2 * QUOTA


def test_the_imports_of_others_take_places_in_the_queue(shop: Scenario) -> None:
    """The quota is the account's: ten jobs of somebody else only make it take two rounds longer."""
    others = [shop.personalize.make_dataset(f"other{number}") for number in range(10)]
    outcome: list[bool] = []

    def start_others() -> None:
        for number, dataset in enumerate(others):
            while True:
                try:
                    shop.personalize.start_foreign_job(dataset, f"foreign-{number}")
                    break
                except Exception:  # the quota: they too try again
                    shop.kernel.sleep(20)

    shop.kernel.start(start_others)
    shop.do(lambda: outcome.append(shop.stack.deploy(wanted(shop, Timeout="7200"))))

    assert outcome == [True]
    assert Counter(shop.job_states()) == {"ACTIVE": IMPORTS + len(others)}
