# SPDX-License-Identifier: Apache-2.0
"""Sixty imports in one stack against the quota of five running at once, in the simulator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from benchmarks.assumptions import LATE, SEED
from benchmarks.lateness import Lateness
from benchmarks.meter import Meter
from benchmarks.metric import Metric, at_most
from benchmarks.waiting import WAYS, Durations, deploy, properties_of
from local_aws.personalize.imports import MOST_UNFINISHED
from tests.fakes.account import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPORTS = 60
SHORT, LONG = 240.0, 900.0
"""Seconds that each job takes: within the hour that a custom resource has, and beyond it."""

NEW_ACCOUNT = 10
"""Invocations that AWS Lambda runs at once for a new account, of all its functions together.

AWS only says that such an account has less than the usual 1,000; ten is what users find.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

FOREIGN = 10
"""Jobs of other stacks in the account, one after the other, each in a dataset of its own."""


@dataclass(frozen=True)
class Deployment:
    """How a stack of imports went.

    Attributes:
        failed: Imports that did not succeed.
        seconds: From the first request until the last import was over.
        bound: The least that the quota allows for it.
        attempts: To start an import that waited for its turn, an hour of waiting.
        meter: What all of it used.
    """

    failed: int
    seconds: float
    bound: float
    attempts: float
    meter: Meter


def deployment(
    way: str,
    job_seconds: float,
    *,
    imports: int = IMPORTS,
    foreign: int = 0,
    concurrency: float = float("inf"),
    timeout: str = "3600",
) -> Deployment:
    """Deploy a stack with so many imports at once, while others start jobs of their own."""
    serving: list[Any] = []
    account = Account(
        Lateness(SEED, LATE[0]),
        timing=Durations(pending=60.0),
        serve=lambda event, context, services: serving[0](event, context, services),
    )
    account.functions.concurrency = concurrency
    meter = Meter(account.kernel)
    serving.append(WAYS[way](account, meter))
    stack = account.make_stack("shop")
    ended: list[tuple[bool, float]] = []
    began = account.kernel.now
    account.kernel.start(lambda: _others(account, job_seconds, foreign))
    for number in range(imports):
        dataset_arn = account.personalize.make_dataset(f"shop{number}")
        wanted = properties_of(stack.service_token, dataset_arn, job_seconds, Timeout=timeout)
        wanted["JobNamePrefix"] += f"-{number}"
        account.kernel.start(
            lambda number=number, wanted=wanted: ended.append(  # type: ignore[misc]
                deploy(account, stack.id, wanted, f"Import{number}")
            )
        )
    jobs_at_once = math.ceil((imports + foreign) / MOST_UNFINISHED)
    account.kernel.run(began + 2 * jobs_at_once * job_seconds + 4 * 3600)
    seconds = max(when for _, when in ended) - began
    return Deployment(
        failed=sum(not succeeded for succeeded, _ in ended),
        seconds=seconds,
        bound=jobs_at_once * job_seconds,
        attempts=_attempts(account, began),
        meter=meter,
    )


def measure(imports: int = IMPORTS) -> list[Metric]:
    """Measure all ways."""
    alone = {way: deployment(way, SHORT, imports=imports) for way in WAYS}
    metrics = list(_told(f"{imports} imports of {SHORT / 60:g} min", alone))
    others = {"ours": deployment("ours", SHORT, imports=imports, foreign=FOREIGN)}
    metrics += _told(f"the same beside {FOREIGN} of other stacks", others)
    new = {"ours": deployment("ours", SHORT, imports=imports, concurrency=NEW_ACCOUNT)}
    metrics += _told(f"the same with a concurrency of {NEW_ACCOUNT}", new)
    long = {"ours": deployment("ours", LONG, imports=imports, timeout="43200")}
    metrics += _told(f"{imports} imports of {LONG / 60:g} min", long)
    return metrics


def _attempts(account: Account, began: float) -> float:
    """How often an import that waited for its turn tried to start, an hour of waiting."""
    ours = [job for job in account.personalize.jobs.values() if not job.name.startswith("other")]
    hours = sum(job.created - began for job in ours) / 3600
    return (account.journal.operations["CreateDatasetImportJob"] - len(ours)) / hours


def _told(what: str, done: dict[str, Deployment]) -> Iterator[Metric]:
    ours = done["ours"]
    peers = {way: each for way, each in done.items() if way != "ours"}
    failed = {way: float(each.failed) for way, each in peers.items()}
    yield Metric(f"{what}: failed", "", ours.failed, failed, at_most(0))
    # A stack that fails has no makespan.
    beyond: dict[str, float | None] = {
        way: None if each.failed else each.seconds / each.bound for way, each in peers.items()
    }
    yield Metric(f"{what}: makespan", "x minimum", ours.seconds / ours.bound, beyond, at_most(1.05))
    at_once = {way: float(each.meter.most_at_once) for way, each in peers.items()}
    yield Metric(f"{what}: invocations at once", "", ours.meter.most_at_once, at_once, None)
    yield Metric(
        f"{what}: attempts an hour of a queued one", "", ours.attempts, {}, at_most(61, "one a tick")
    )


def _others(account: Account, job_seconds: float, count: int) -> None:
    """Start jobs as other stacks do that stand in the same line: as soon as one of theirs has ended."""
    for number in range(count):
        arn = account.personalize.make_dataset(f"other{number}")
        while True:
            try:
                account.personalize.start_foreign_job(
                    arn, f"other-{job_seconds:.3f}-{number}".replace(".", "_")
                )
                break
            except ClientError:  # the quota
                account.kernel.sleep(60)
        account.kernel.sleep(job_seconds)
