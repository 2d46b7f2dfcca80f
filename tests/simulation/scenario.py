# SPDX-License-Identifier: Apache-2.0
"""A simulation with one stack and scripted faults, for tests of a sequence of events."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local_aws.personalize import Timing
from tests.fakes.deployments import Deployment
from tests.fakes.faults import Script
from tests.simulation.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_aws.personalize.state import ImportJob
    from tests.fakes.cloudformation import Request
    from tests.fakes.stacks import Properties, Stack, Template

QUICK = Timing(pending=10, shortest_import=60, longest_import=120)
NAME = "Interactions"


class Scenario:
    """One stack `shop` with one import, unless a test says otherwise.

    Args:
        timing: How long Personalize takes.
    """

    def __init__(self, timing: Timing = QUICK) -> None:
        self.faults = Script()
        self.simulation = Simulation(self.faults, timing=timing)
        self.kernel = self.simulation.kernel
        self.personalize = self.simulation.personalize
        self.cloudformation = self.simulation.cloudformation
        self.stack = self.simulation.make_stack("shop")
        self.dataset = self.personalize.make_dataset("shop")

    def properties(self, **changes: Any) -> Properties:
        """The import's properties; a change to None leaves one out."""
        given = {
            "ServiceToken": self.stack.service_token,
            "DatasetArn": self.dataset,
            "DataSource": {"DataLocation": "s3://data/items.csv"},
            "RoleArn": "arn:aws:iam::123456789012:role/import",
            "JobNamePrefix": "interactions",
            "ImportMode": "FULL",
            "PublishAttributionMetricsToS3": "false",
            "Timeout": "3600",
            **changes,
        }
        return {key: value for key, value in given.items() if value is not None}

    def deploy(self, **changes: Any) -> Request:
        """Deploy the stack with the import's properties changed, and return the first request of that."""
        options = {
            key: changes.pop(key)
            for key in ("another_fails", "cancel_after", "skip_rollback", "no_rollback")
            if key in changes
        }
        return self.deploy_all({self.stack: {NAME: self.properties(**changes)}}, **options).requests[0]

    def deploy_all(
        self, wanted: dict[Stack, Template | None], for_seconds: float = 4 * 3600, **options: Any
    ) -> Deployment:
        """Deploy a root stack and its nested stacks."""
        deployment = Deployment(self.simulation, wanted, **options)
        self.do(deployment.run, for_seconds)
        return deployment

    def send(self, request_type: str, properties: Properties | None = None, **more: Any) -> Request:
        """Send a single request, and do not wait."""
        sent: list[Request] = []

        def send() -> None:
            request = self.cloudformation.send(
                request_type, self.stack.id, NAME, properties or self.properties(), **more
            )
            sent.append(request)

        self.do(send, for_seconds=3)
        return sent[0]

    def do(self, action: Callable[[], object], for_seconds: float = 4 * 3600) -> None:
        """Let somebody act, and let time pass."""
        self.kernel.start(lambda: (action(), None)[1])
        self.wait(for_seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.kernel.run(self.kernel.now + seconds)

    def requests(self) -> list[Request]:
        """Return every request so far."""
        return list(self.cloudformation.requests.values())

    def jobs(self) -> list[ImportJob]:
        """Return every import job, oldest first."""
        return list(self.personalize.jobs.values())

    def job_states(self) -> list[str]:
        """Return the states of the import jobs, oldest first."""
        return [job.status(self.kernel.now) for job in self.jobs()]

    def schedules(self) -> int:
        """Return how many schedules there are."""
        return len(self.simulation.scheduler.schedules())

    def finish(self) -> None:
        """Let everything come to its end; no invariant may have been violated."""
        self.simulation.finish()
        assert self.simulation.invariants.violations == [], "\n".join(self.simulation.journal.story())


@contextmanager
def new_scenario(timing: Timing = QUICK) -> Iterator[Scenario]:
    """Make a scenario, and check it at its end."""
    made = Scenario(timing)
    yield made
    made.finish()


def status(request: Request) -> str:
    """The status that a request was answered with."""
    return str(request.answer["Status"]) if request.answer else "no answer"


def reason(request: Request) -> str:
    """The reason that a request was answered with."""
    assert request.answer
    return str(request.answer["Reason"])


def physical_id(request: Request) -> str:
    """The id that a request was answered with."""
    assert request.answer
    return str(request.answer["PhysicalResourceId"])


def job_arn(request: Request) -> str:
    """The ARN of the job that a request was answered with."""
    assert request.answer
    return str(request.answer["Data"]["DatasetImportJobArn"])
