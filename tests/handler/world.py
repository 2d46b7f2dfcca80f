# SPDX-License-Identifier: Apache-2.0
"""One stack with one import, whose requests a test sends one by one: the handler over the fakes of AWS."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dataset_import.cloudformation import Delivery
from dataset_import.errors import PROPAGATION
from tests.fakes.account import Account
from tests.fakes.aws_lambda import TIMEOUT, Invocation
from tests.fakes.faults import DENIED, Script
from tests.fakes.personalize import BAD_HEADER, BAD_ROW, GOOD

if TYPE_CHECKING:
    from local_aws.personalize import ReadRefused, Timing
    from tests.fakes.dynamodb import Item

ROLE_ARN = "arn:aws:iam::123456789012:role/import"
SIGNATURE = "X-Amz-Signature=5ec7e7"
TOO_SHORT, NO_ITEMS = BAD_ROW, BAD_HEADER
__all__ = ["BAD_HEADER", "BAD_ROW", "GOOD", "ROLE_ARN", "SIGNATURE", "World"]


class World:
    """The stack `shop`, a dataset that is empty and a file that is good.

    Attributes:
        clock: The virtual clock.
        faults: The fault injector.
        deliveries: What becomes of the next answers and signals; the rest is taken.
        answers: The answers and signals that were taken, each with its URL.
        raised: What invocations have raised.
    """

    def __init__(self, timing: Timing | None = None) -> None:
        self.faults = Script(latency=0.0)
        self.account = Account(self.faults, timing=timing)
        self.account.put = self._put
        self.clock = self.account.kernel
        self.personalize = self.account.personalize
        self.scheduler = self.account.scheduler
        self.stack = self.account.make_stack("shop")
        self.stack.status = "UPDATE_IN_PROGRESS"
        self.dataset_arn = self.personalize.make_dataset("shop")
        self.deliveries: deque[Delivery] = deque()
        self.answers: list[tuple[str, dict[str, Any]]] = []
        self.raised = self.account.functions.raised
        self._requests = 0

    # What surrounds the handler

    @property
    def objects(self) -> dict[str, bytes]:
        """The objects that Personalize reads, by key."""
        return self.personalize.bucket

    def refuse_access(self, refused: ReadRefused | None) -> None:
        """Let Personalize refuse to read, for this reason; None lets it read again."""
        self.personalize.access = refused

    def count(self, operation: str) -> int:
        """Return how often an operation was called since the last `forget_calls`."""
        return self.account.journal.operations[operation]

    def forget_calls(self) -> None:
        """Begin to count calls anew."""
        self.account.journal.operations.clear()

    def records(self) -> int:
        """Return how many records the dataset holds."""
        return self.personalize.model.records(self.dataset_arn)

    def make_dataset_again(self) -> None:
        """Delete the dataset, and make another one of the same name a minute later."""
        self.personalize.delete_dataset(self.dataset_arn)
        self.pass_time(60)
        self.personalize.make_dataset("shop")

    def schedules(self) -> list[str]:
        """Return the names of the schedules."""
        return [schedule.name for schedule in self.scheduler.schedules()]

    def items(self) -> list[Item]:
        """Return the items of the table."""
        return self.account.dynamodb.items()

    def record(self, logical_id: str = "Interactions") -> dict[str, Any]:
        """Return the record of a resource."""
        key = f"{self.stack.id}/{logical_id}"
        [item] = [item for item in self.items() if item["Key"]["S"] == key]
        record: dict[str, Any] = json.loads(item["Record"]["S"])
        return record

    def jobs(self) -> list[tuple[str, str]]:
        """Return the names and states of all import jobs, oldest first."""
        return [(job.name, job.status(self.clock.now)) for job in self.personalize.jobs.values()]

    # Events

    def properties(self, **changes: Any) -> dict[str, Any]:
        """The resource's properties, as CloudFormation delivers them; a change to None leaves one out."""
        given = {
            "ServiceToken": self.stack.service_token,
            "ServiceTimeout": "3600",
            "DatasetArn": self.dataset_arn,
            "DataSource": {"DataLocation": "s3://shop/items.csv"},
            "RoleArn": ROLE_ARN,
            "JobNamePrefix": "interactions",
            "ImportMode": "FULL",
            "PublishAttributionMetricsToS3": "false",
            "Timeout": "3600",
            **changes,
        }
        return {key: value for key, value in given.items() if value is not None}

    def event(
        self, request_type: str, properties: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """A new request of CloudFormation, sent now."""
        self._requests += 1
        return {
            "RequestType": request_type,
            "RequestId": f"request-{self._requests}",
            "StackId": self.stack.id,
            "ResponseURL": self._url(self._requests, self.clock.now),
            "ResourceType": "Custom::PersonalizeDatasetImportJob",
            "LogicalResourceId": "Interactions",
            "ResourceProperties": properties or self.properties(),
            **more,
        }

    def sent(self, seconds_ago: float) -> str:
        """A response URL of a request that CloudFormation has sent some seconds ago."""
        return self._url(self._requests + 1, self.clock.now - seconds_ago)

    def update(
        self, physical_id: str, new: dict[str, Any], old: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        """A new Update."""
        return self.event("Update", new, PhysicalResourceId=physical_id, OldResourceProperties=old, **more)

    def delete(
        self, physical_id: str, properties: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """A new Delete."""
        return self.event("Delete", properties, PhysicalResourceId=physical_id, **more)

    # Invocations

    def invoke(
        self, event: dict[str, Any], *, time_left: float = TIMEOUT, kill_after: float = TIMEOUT
    ) -> None:
        """Run the function once, to its end, without retries; ticks that are due meanwhile are delivered.

        Args:
            event: The event.
            time_left: Seconds that the invocation has.
            kill_after: Seconds after which its process is gone.
        """
        functions = self.account.functions
        payload = json.dumps(event)
        invocation = Invocation(functions, self.stack.service_token, payload, retries=2, timeout=time_left)
        invocation.start()
        if kill_after < time_left:
            self.clock.after(kill_after, invocation.kill)
        while not invocation.is_over:
            self.clock.step()

    def deny_to_an_old_create(self, operation: str) -> tuple[str, float]:
        """Deny an operation to a Create that is too old for a new policy to help.

        Returns:
            The status of its answer, and the seconds until the answer.
        """
        self.faults.always(operation, DENIED)
        create = self.event("Create", ResponseURL=self.sent(seconds_ago=PROPAGATION + 10))
        before = self.clock.now
        self.invoke(create)
        return self.answer(create)["Status"], self.clock.now - before

    def run(self, event: dict[str, Any], *, for_seconds: float = 3 * 3600) -> dict[str, Any]:
        """Deliver a request, let time pass until it is answered, and return the answer."""
        self.account.functions.deliver(self.stack.service_token, json.dumps(event))
        self.wait_for_answer(event, for_seconds)
        self.pass_time(1)
        return self.answer(event)

    def create(self, logical_id: str = "Interactions", **changes: Any) -> str:
        """Import once, and return the resource's physical id."""
        answer = self.run(self.event("Create", self.properties(**changes), LogicalResourceId=logical_id))
        assert answer["Status"] == "SUCCESS", answer
        return str(answer["PhysicalResourceId"])

    def wait_for_answer(self, event: dict[str, Any], for_seconds: float = 3 * 3600) -> None:
        """Let time pass until a request is answered."""
        ends = self.clock.now + for_seconds
        while not self.answered(event) and self.clock.now < ends and self.clock.is_busy:
            self.clock.step()

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.run(self.clock.now + seconds)

    # Answers

    def sent_to(self, url: str) -> list[dict[str, Any]]:
        """Return what was sent to a URL, in order."""
        return [body for each, body in self.answers if each == url]

    def answered(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the answers to a request, in order."""
        return self.sent_to(event["ResponseURL"])

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request. It may have been sent twice, but not another one."""
        answers = self.answered(event)
        assert answers
        assert all(answer == answers[0] for answer in answers), answers
        assert answers[0]["RequestId"] == event["RequestId"]
        assert answers[0]["PhysicalResourceId"]
        return answers[0]

    def _put(self, url: str, body: bytes) -> Delivery:
        delivery = self.deliveries.popleft() if self.deliveries else Delivery.TAKEN
        if delivery is Delivery.TAKEN:
            self.answers.append((url, json.loads(body)))
        return delivery

    def _url(self, number: int, issued: float) -> str:
        date = datetime.fromtimestamp(issued, UTC).strftime("%Y%m%dT%H%M%SZ")
        return f"https://cloudformation.test/{number}?X-Amz-Date={date}&X-Amz-Expires=7200&{SIGNATURE}"


def bases(world: World) -> list[str]:
    """Return the names of all jobs without their numbers."""
    return [name.rpartition("-")[0] for name, _ in world.jobs()]
