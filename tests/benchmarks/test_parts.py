# SPDX-License-Identifier: Apache-2.0
"""Every part of the benchmark measures what it says, on a small scale."""

import logging
from collections.abc import Iterator

import pytest

from benchmarks import choices, cold_start, notice, quota, staging
from dataset_import import poll_loop, schedules


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """Keep crhelper, which logs whole events, quiet."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_waiting_is_measured_for_every_way() -> None:
    """Each figure is there for the handler and for its three peers, and the handler succeeds always."""
    metrics = {metric.metric: metric for metric in notice.measure(jobs=6)}

    assert len(metrics) == 11
    assert all(set(metric.peers) == {"crhelper", "Provider", "plain"} for metric in metrics.values())
    assert metrics["imports of 5 to 60 min that succeed"].ours == 100


def test_the_same_seed_draws_the_same_jobs() -> None:
    """Every way waits for the same jobs, in every run."""
    assert notice.measure(jobs=2) == notice.measure(jobs=2)


def test_the_queue_is_measured_for_every_way() -> None:
    """Of six imports, one has to wait: with the handler it does, with the peers it fails."""
    metrics = {metric.metric: metric for metric in quota.measure(imports=6)}

    failed = metrics["6 imports of 4 min: failed"]
    assert failed.ours == 0
    assert failed.peers == {"crhelper": 1, "Provider": 1, "plain": 1}
    assert metrics["6 imports of 4 min: makespan"].peers == {
        "crhelper": None,
        "Provider": None,
        "plain": None,
    }


def test_every_choice_is_tried_and_none_is_kept() -> None:
    """The handler has its own constants again, and the table shows which those are."""
    tried = choices.measure(jobs=2, imports=6)

    assert {(each.minutes, each.pause) for each in tried} >= {(1, 1.0), (1, 2.5), (14, 2.5)}
    assert choices.table(tried).count("| **1 min** | **2.5 s** |") == 1
    assert (schedules.TICK, poll_loop.LOOK_PAUSE) == (60.0, 2.5)


@pytest.mark.slow
def test_a_cold_start_is_measured_for_every_way() -> None:
    """From the code that is deployed; the handler makes no client before it needs one."""
    metrics = {metric.metric: metric for metric in cold_start.measure(repeat=1)}

    started = metrics["cold start, until the first call"]
    assert started.ours > 0
    assert set(started.peers) == {"boto3 alone", "crhelper", "Provider"}
    assert metrics["clients made until then"].met
    assert metrics["memory after the first call"].ours > 10
    assert 10 < metrics["code, zipped, with crhelper"].ours < 100


@pytest.mark.slow
def test_staging_is_measured_beside_bucket_deployment() -> None:
    """What it adds to a stack, how much later the job starts, and what passes through a function."""
    metrics = {metric.metric: metric for metric in staging.measure((1, 2))}

    assert len(metrics) == 5
    assert all(metric.met is not False for metric in metrics.values())
    assert metrics["from_asset: resources, the first import"].peers["BucketDeployment"]
    assert metrics["from_asset: later start of the job"].ours > 0
