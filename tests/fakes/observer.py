# SPDX-License-Identifier: Apache-2.0
"""What the fakes report to a test. Every method does nothing unless a test overrides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.cloudformation import Request
    from tests.fakes.deployments import Deployment
    from tests.fakes.dynamodb import Item
    from tests.fakes.scheduler import Schedule
    from tests.fakes.wait_conditions import WaitCondition


class Observer:
    """Observes an account."""

    def job_started(self, request: Request, arn: str) -> None:
        """The handler started an import job on behalf of a request."""

    def schedule_made(self, schedule: Schedule) -> None:
        """The handler made a schedule."""

    def object_removed(self, bucket: str, key: str) -> None:
        """The handler removed an object of Amazon S3."""

    def item_written(self, item: Item) -> None:
        """The handler wrote an item."""

    def answered(self, request: Request, body: bytes, *, counts: bool) -> None:
        """An answer was stored; the first one counts."""

    def unanswered(self, request: Request) -> None:
        """CloudFormation gave a request up, because its time was over."""

    def signalled(self, request: Request, condition: WaitCondition, body: bytes) -> None:
        """A wait condition got a signal."""

    def unsignalled(self, request: Request) -> None:
        """A wait condition gave up, because its time was over."""

    def deployment_began(self, deployment: Deployment) -> None:
        """A user deploys."""

    def deployment_ended(self, deployment: Deployment) -> None:
        """A deployment is over, whatever came of it."""
