# SPDX-License-Identifier: Apache-2.0
"""The models of the alternatives do what their documents say."""

import logging
from collections.abc import Iterator

import pytest

from benchmarks.meter import RULE, SCHEDULER, TRANSITION
from benchmarks.peers.plain_loop import LONGEST_RUN
from benchmarks.peers.provider_framework import QUERY_INTERVAL, TOTAL_TIMEOUT
from benchmarks.waiting import WAYS, wait

MINUTES = 60.0


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """Keep crhelper, which logs whole events, quiet."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_hears_of_an_import_of_ten_minutes(way: str) -> None:
    """What all of them can do, all of them do, and none before the data is there."""
    waited = wait(way, 10 * MINUTES, late=2.0)

    assert waited.succeeded
    assert waited.noticed > 0


def test_the_handler_waits_for_an_import_of_hours() -> None:
    """With a timeout above the hour, a wait condition hears of the end."""
    waited = wait("ours", 150 * MINUTES, late=2.0, Timeout="14400")

    assert waited.succeeded
    assert waited.noticed < 10


def test_crhelper_looks_every_two_minutes() -> None:
    """Its rule has called five times when a job of nine minutes is found to have ended."""
    waited = wait("crhelper", 9 * MINUTES, late=0.0)

    assert waited.meter.used == {RULE: 5}
    assert waited.describes == 5


def test_the_provider_asks_after_every_interval() -> None:
    """Each time is a transition, and an invocation of the framework's function and of the user's."""
    waited = wait("Provider", 10 * MINUTES, late=0.0)

    asked = waited.meter.used[TRANSITION]
    assert 0.9 * 600 / QUERY_INTERVAL < asked < 600 / QUERY_INTERVAL + 1
    assert waited.describes == asked
    assert len(waited.meter.runs) == 2 + 2 * asked


def test_the_provider_gives_up_after_its_total_timeout() -> None:
    """With its defaults, an import of more than half an hour fails."""
    waited = wait("Provider", 45 * MINUTES, late=0.0)

    assert not waited.succeeded
    assert TOTAL_TIMEOUT < waited.hours * 3600 < 1.1 * TOTAL_TIMEOUT
    assert waited.meter.used[TRANSITION] == TOTAL_TIMEOUT / QUERY_INTERVAL + 2


def test_the_plain_loop_ends_with_its_invocation() -> None:
    """AWS Lambda ends it after 15 minutes; the second try finds the job's name taken, and fails."""
    waited = wait("plain", 45 * MINUTES, late=0.0)

    assert not waited.succeeded
    assert LONGEST_RUN < waited.hours * 3600 < LONGEST_RUN + 3 * MINUTES


def test_the_scheduler_is_counted() -> None:
    """The handler's ticks come from EventBridge Scheduler, which has a price: one a minute, and the last."""
    waited = wait("ours", 10 * MINUTES, late=0.0)

    assert 9 <= waited.meter.used[SCHEDULER] <= 12
    assert waited.meter.dollars > 0
