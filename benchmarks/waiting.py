# SPDX-License-Identifier: Apache-2.0
"""Imports waited for in a simulated account: by the handler, and by models of the alternatives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.assumptions import LONGEST_JOB, SEED, SHORTEST_JOB
from benchmarks.deployed import deployed_function
from benchmarks.lateness import Lateness
from benchmarks.meter import READ, SCHEDULER, WRITE, Meter
from benchmarks.peers.crhelper_as_published import PublishedCrhelper
from benchmarks.peers.plain_loop import PlainLoop
from benchmarks.peers.provider_framework import ProviderFramework
from dataset_import.handler import serve as real_serve
from local_aws.personalize import Timing
from tests.fakes.account import Account
from tests.fakes.stacks import content_of
from tests.fakes.wait_conditions import needs_wait

if TYPE_CHECKING:
    from collections.abc import Callable

    Serve = Callable[[dict[str, Any], Any, Any], None]
    Way = Callable[[Account, Meter], Serve]

AFTERWARDS = 4 * 3600.0
"""Seconds for which a run goes on after the job has ended: until the schedules have, too."""


@dataclass(frozen=True)
class Durations(Timing):
    """Imports that take as long as the numbers in their names say: `import-600-...` takes ten minutes."""

    def import_seconds(self, job_name: str) -> float:
        """The duration of an import."""
        return float(job_name.split("-")[1].replace("_", "."))


@dataclass(frozen=True)
class Wait:
    """How one import was waited for.

    Attributes:
        succeeded: Whether CloudFormation got to know that the data is there.
        noticed: Seconds from Personalize's ACTIVE until it did.
        hours: From the request until CloudFormation had an answer, or gave up.
        meter: What all of it used.
        describes: How often the job was described.
    """

    succeeded: bool
    noticed: float
    hours: float
    meter: Meter
    describes: int


def ours(account: Account, meter: Meter) -> Serve:
    """The handler itself."""
    function = deployed_function()

    def serve(event: dict[str, Any], context: Any, services: Any) -> None:
        if "RecordKey" in event:
            meter.used[SCHEDULER] += 1
        with meter.invocation(function):
            real_serve(event, context, services)

    return serve


WAYS: dict[str, Way] = {
    "ours": ours,
    "crhelper": lambda account, meter: PublishedCrhelper(account, meter).serve,
    "Provider": lambda account, meter: ProviderFramework(account, meter).serve,
    "plain": lambda account, meter: PlainLoop(account, meter).serve,
}


def durations(count: int) -> list[float]:
    """The durations of the jobs: the same each time."""
    random = Random(SEED)
    return [round(random.uniform(SHORTEST_JOB, LONGEST_JOB), 3) for _ in range(count)]


def wait(way: str, job_seconds: float, late: float, **changes: str) -> Wait:
    """Import once, and wait."""
    holder: list[Serve] = []
    account = Account(
        Lateness(int(job_seconds * 1000), late),
        timing=Durations(pending=60.0),
        serve=lambda event, context, services: holder[0](event, context, services),
    )
    meter = Meter(account.kernel)
    holder.append(WAYS[way](account, meter))
    stack = account.make_stack("shop")
    properties = properties_of(
        stack.service_token, account.personalize.make_dataset("shop"), job_seconds, **changes
    )
    began = account.kernel.now
    ended: list[tuple[bool, float]] = []
    account.kernel.start(lambda: ended.append(deploy(account, stack.id, properties)))
    account.kernel.run(began + job_seconds + AFTERWARDS)
    (job,) = account.personalize.jobs.values()
    meter.used += Counter({READ: account.dynamodb.read_units, WRITE: account.dynamodb.write_units})
    succeeded, when = ended[0]
    return Wait(
        succeeded=succeeded,
        noticed=when - job.ends_at,
        hours=(when - began) / 3600,
        meter=meter,
        describes=account.journal.operations["DescribeDatasetImportJob"],
    )


def properties_of(service_token: str, dataset_arn: str, job_seconds: float, **changes: str) -> dict[str, Any]:
    """The properties of an import that takes so long."""
    return {
        "ServiceToken": service_token,
        "ServiceTimeout": "3600",
        "DatasetArn": dataset_arn,
        "DataSource": {"DataLocation": "s3://data/items.csv"},
        "RoleArn": "arn:aws:iam::123456789012:role/import",
        "JobNamePrefix": f"import-{job_seconds:.3f}".replace(".", "_"),
        "ImportMode": "FULL",
        "Timeout": "3600",
        **changes,
    }


def deploy(
    account: Account, stack_id: str, properties: dict[str, Any], logical_id: str = "Import"
) -> tuple[bool, float]:
    """Wait as CloudFormation does, and return whether the import succeeded, and when."""
    cloudformation = account.cloudformation
    if needs_wait(properties):
        condition = cloudformation.waits.make(content_of(properties))
        properties = {**properties, "WaitConditionHandle": condition.url}
    request = cloudformation.send("Create", stack_id, logical_id, properties)
    answer = cloudformation.wait(request)
    succeeded = answer is not None and answer["Status"] == "SUCCESS"
    if succeeded and needs_wait(properties):
        succeeded = cloudformation.waits.wait(condition, request)
    return succeeded, account.kernel.now
