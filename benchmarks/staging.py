# SPDX-License-Identifier: Apache-2.0
"""What `DataSource.from_asset` adds to an import of data in a bucket, beside the CDK's BucketDeployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.lateness import Lateness
from benchmarks.metric import Metric, at_most
from benchmarks.synth import Synth, synth
from benchmarks.waiting import Durations, properties_of
from dataset_import.handler import serve
from tests.fakes.account import Account
from tests.fakes.personalize import GOOD

if TYPE_CHECKING:
    from collections.abc import Callable

PEER = "BucketDeployment"
WAYS = {"ours": "from_asset", PEER: PEER}
COUNTS = (1, 10)
FILE = {"Bucket": "assets", "Key": "0a1b2c.csv", "Name": "items.csv"}
PREFIX = "data/Import/0a1b2c/"
MOVED = ("GetObject", "PutObject", "UploadPart")
"""Calls of Amazon S3 whose bytes pass through the caller."""


def measure(counts: tuple[int, int] = COUNTS) -> list[Metric]:
    """Measure both."""
    one, many = counts
    plain = {count: synth("ours", count) for count in counts}
    added = {
        name: {count: _added(synth(way, count), plain[count]) for count in counts}
        for name, way in WAYS.items()
    }
    return [
        _metric("from_asset: resources, the first import", "", lambda name: added[name][one][0], 3),
        _metric(
            "from_asset: resources, each further import",
            "",
            lambda name: (added[name][many][0] - added[name][one][0]) / (many - one),
            0,
        ),
        _metric(
            "from_asset: template, the first import", "kB", lambda name: added[name][one][1] / 1000, None
        ),
        Metric("from_asset: later start of the job", "s", _starts(is_staged=True) - _starts(is_staged=False)),
        Metric("from_asset: calls that move bytes through a function", "", _moves(), {}, at_most(0)),
    ]


def _metric(metric: str, unit: str, figure: Callable[[str], float], goal: float | None) -> Metric:
    goals = None if goal is None else at_most(goal)
    return Metric(metric, unit, figure("ours"), {PEER: figure(PEER)}, goals)


def _added(stack: Synth, plain: Synth) -> tuple[int, int]:
    """The resources and bytes that a stack has more than one of as many imports of data in a bucket."""
    return stack.resources - plain.resources, stack.bytes - plain.bytes


def _run(*, is_staged: bool) -> Account:
    """Import one file."""
    account = Account(Lateness(0, 0.0), timing=Durations(pending=60.0), serve=serve)
    stack = account.make_stack("shop")
    properties = properties_of(stack.service_token, account.personalize.make_dataset("shop"), 600.0)
    if is_staged:
        account.s3.objects[FILE["Bucket"], FILE["Key"]] = GOOD
        properties |= _staged()
    account.kernel.start(
        lambda: (account.cloudformation.send("Create", stack.id, "Import", properties), None)[1]
    )
    account.kernel.run(account.kernel.now + 1200)
    return account


def _staged() -> dict[str, Any]:
    return {
        "DataSource": {"DataLocation": f"s3://staging/{PREFIX}{FILE['Name']}"},
        "Staging": {"Bucket": "staging", "Prefix": PREFIX, "Files": [FILE]},
    }


def _starts(*, is_staged: bool) -> float:
    """Seconds from CloudFormation's event until the job exists; a copy itself takes no time here."""
    account = _run(is_staged=is_staged)
    [request] = account.cloudformation.requests.values()
    [job] = account.personalize.jobs.values()
    return job.created - request.issued


def _moves() -> int:
    account = _run(is_staged=True)
    assert account.journal.operations["CopyObject"] == 1
    return sum(account.journal.operations[name] for name in MOVED)
