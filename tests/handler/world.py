# SPDX-License-Identifier: Apache-2.0
"""A world for the handler: a model of Personalize, schedules, and an ear for answers, in virtual time."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from dataset_import.answer import Delivery
from dataset_import.handler import serve
from dataset_import.polling import is_closed
from local_aws.personalize import Personalize, Read, ReadRefused, ServiceError, Timing
from tests.handler.clients import Client, Faults, error
from tests.handler.clock import Clock, Died

if TYPE_CHECKING:
    from collections.abc import Sequence

FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:handler"
ROLE_ARN = "arn:aws:iam::123456789012:role/import"
STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/Shop/0b1e7d80-0000-11f0-0000-000000000000"
SIGNATURE = "X-Amz-Signature=5ec7e7"
ENVIRONMENT = {
    "SCHEDULE_GROUP_NAME": "shop",
    "SCHEDULE_ROLE_ARN": "arn:aws:iam::123456789012:role/schedules",
}
FUNCTION_TIMEOUT = 90.0
SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}
GOOD = "USER_ID,ITEM_ID,TIMESTAMP\n" + "".join(
    f"u{n % 40},i{n % 90},{1_700_000_000 + n}\n" for n in range(1000)
)
TOO_SHORT = "USER_ID,ITEM_ID,TIMESTAMP\nu1,i1,1700000000\n"
NO_ITEMS = "USER_ID,TIMESTAMP\nu1,1700000000\n"


@dataclass
class World:
    """Everything around the handler. A test drives it by CloudFormation's requests."""

    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    objects: dict[str, str] = field(default_factory=lambda: {"interactions.csv": GOOD})
    access: ReadRefused | None = None
    timing: Timing | None = None
    schedules: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    deliveries: deque[Delivery] = field(default_factory=deque)
    calls: list[str] = field(default_factory=list)
    unlisted: set[str] = field(default_factory=set)
    raised: list[BaseException] = field(default_factory=list)
    requests: int = 0

    def __post_init__(self) -> None:
        self.personalize = Personalize(clock=self.clock.time, access=self, objects=self, timing=self.timing)
        schema = self._do("CreateSchema", name="interactions", schema=json.dumps(SCHEMA))["schemaArn"]
        group = self._do("CreateDatasetGroup", name="shop")["datasetGroupArn"]
        self.clock.now += 120
        self.schema_arn, self.group_arn = schema, group
        self.dataset_arn = self.make_dataset()

    # What the model of Personalize asks of its surroundings.

    def may_pass_role(self, caller: str, role_arn: str) -> bool:
        return True

    def read_refused(self, read: Read) -> ReadRefused | None:
        return self.access

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def read(self, bucket: str, key: str) -> bytes:
        return self.objects[key].encode()

    # What a test does and sees.

    def make_dataset(self) -> str:
        """Make the dataset and wait until it is ACTIVE."""
        arn: str = self._do(
            "CreateDataset",
            name="interactions",
            schemaArn=self.schema_arn,
            datasetGroupArn=self.group_arn,
            datasetType="Interactions",
        )["datasetArn"]
        self.clock.now += 120
        return arn

    def delete_dataset(self) -> None:
        """Delete the dataset and wait until it is gone."""
        self._do("DeleteDataset", datasetArn=self.dataset_arn)
        self.clock.now += 120

    def properties(self, **changes: Any) -> dict[str, Any]:
        """The resource's properties, as CloudFormation delivers them; a change to None leaves one out."""
        given = {
            "ServiceToken": FUNCTION_ARN,
            "ServiceTimeout": "3600",
            "DatasetArn": self.dataset_arn,
            "DataSource": {"DataLocation": "s3://shop/interactions.csv"},
            "RoleArn": ROLE_ARN,
            "JobName": "interactions",
            "ImportMode": "FULL",
            "PublishAttributionMetricsToS3": "false",
            "Timeout": "3600",
            **changes,
        }
        return {key: value for key, value in given.items() if value is not None}

    def event(
        self, request_type: str, properties: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """A new request of CloudFormation."""
        self.requests += 1
        return {
            "RequestType": request_type,
            "RequestId": f"request-{self.requests}",
            "StackId": STACK_ID,
            "ResponseURL": f"https://cloudformation.test/{self.requests}?{SIGNATURE}",
            "ResourceType": "Custom::PersonalizeDatasetImportJob",
            "LogicalResourceId": "Interactions",
            "ResourceProperties": properties or self.properties(),
            **more,
        }

    def sent(self, seconds_ago: float) -> str:
        """A response URL that tells when CloudFormation has sent the request."""
        date = datetime.fromtimestamp(self.clock.now - seconds_ago, UTC).strftime("%Y%m%dT%H%M%SZ")
        query = f"X-Amz-Date={date}&X-Amz-Expires=7200&{SIGNATURE}"
        return f"https://cloudformation.test/{self.requests + 1}?{query}"

    def update(self, physical_id: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """A new Update."""
        return self.event("Update", new, PhysicalResourceId=physical_id, OldResourceProperties=old)

    def delete(self, physical_id: str, properties: dict[str, Any] | None = None) -> dict[str, Any]:
        """A new Delete."""
        return self.event("Delete", properties, PhysicalResourceId=physical_id)

    def invoke(
        self,
        event: dict[str, Any],
        *,
        kill_after: float = FUNCTION_TIMEOUT,
        time_left: float = FUNCTION_TIMEOUT,
    ) -> None:
        """Run the function once. Like AWS Lambda, say nothing of how it ends; `raised` has it."""
        ends = self.clock.now + time_left
        self.clock.killed_at = self.clock.now + kill_after
        context = SimpleNamespace(
            invoked_function_arn=FUNCTION_ARN,
            get_remaining_time_in_millis=lambda: int((ends - self.clock.now) * 1000),
        )
        client = {name: Client(name, self.call) for name in ("personalize", "scheduler")}
        services = SimpleNamespace(
            clock=self.clock,
            environment=ENVIRONMENT,
            put=self._put,
            personalize=lambda: client["personalize"],
            scheduler=lambda: client["scheduler"],
        )
        try:
            serve(json.loads(json.dumps(event)), context, services)  # type: ignore[arg-type]
        except (Died, Exception) as error:  # the next invocation goes on
            self.raised.append(error)
        finally:
            self.clock.killed_at = float("inf")

    def run(self, event: dict[str, Any], *, for_seconds: float = 3 * 3600) -> dict[str, Any]:
        """Deliver a request, let the schedules tick until it is answered, and tell the answer."""
        self.invoke(event)
        self.tick(until=self.clock.now + for_seconds, answered=event)
        return self.answer(event)

    def tick(self, *, until: float, answered: dict[str, Any] | None = None) -> None:
        """Let time pass and the schedules fire."""
        while answered is None or not self.answered(answered):
            due = [(schedule["due"], name) for name, schedule in self.schedules.items()]
            when, name = min(due, default=(float("inf"), ""))
            if when > until:
                self.clock.now = max(self.clock.now, until)
                return
            self.clock.now = max(self.clock.now, when)
            schedule = self.schedules[name]
            if schedule["EndDate"].timestamp() < when:
                del self.schedules[name]
                continue
            schedule["due"] = when + 60
            self.invoke(json.loads(schedule["Target"]["Input"]))

    def pass_time(self, seconds: float) -> None:
        """Let time pass and the schedules fire."""
        self.tick(until=self.clock.now + seconds)

    def heard(self, url: str) -> list[dict[str, Any]]:
        """What has been sent to a URL, in order."""
        return [body for sent_to, body in self.answers if sent_to == url]

    def answered(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """The answers to a request, in order."""
        return self.heard(event["ResponseURL"])

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request, which is exactly one."""
        answers = self.answered(event)
        assert len(answers) == 1, answers
        assert answers[0]["RequestId"] == event["RequestId"]
        assert answers[0]["PhysicalResourceId"]
        return answers[0]

    def jobs(self) -> list[tuple[str, str]]:
        """The names and states of all import jobs, in the order of their making."""
        return [(job.name, job.status(self.clock.now)) for job in self.personalize.state.jobs.values()]

    def polls(self) -> list[str]:
        """The names of the schedules that still poll for a request."""
        inputs = {name: json.loads(found["Target"]["Input"]) for name, found in self.schedules.items()}
        return [name for name, event in inputs.items() if not is_closed(event)]

    # What the handler calls.

    def _put(self, url: str, body: bytes) -> Delivery:
        self.faults.raise_before("Put")
        delivery = self.deliveries.popleft() if self.deliveries else Delivery.TAKEN
        if delivery is Delivery.TAKEN:
            self.answers.append((url, json.loads(body)))
        self.faults.raise_after("Put")
        return delivery

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Do what a client of AWS asks for."""
        self.calls.append(operation)
        self.faults.raise_before(operation)
        reply = (
            self._schedule(operation, params) if "Schedule" in operation else self._do(operation, **params)
        )
        if operation == "ListDatasetImportJobs":
            jobs = reply["datasetImportJobs"]
            reply["datasetImportJobs"] = [job for job in jobs if job["jobName"] not in self.unlisted]
        self.faults.raise_after(operation)
        return reply

    def _do(self, operation: str, **params: Any) -> dict[str, Any]:
        try:
            return self.personalize.handle(operation, params)
        except ServiceError as said:
            raise error(said.code, said.message, said.status) from said

    def _schedule(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        name = params["Name"]
        assert re.fullmatch(r"[0-9a-zA-Z-_.]{1,64}", name)
        if operation == "CreateSchedule" and name in self.schedules:
            raise error("ConflictException", f"Schedule {name} already exists.", 409)
        if operation != "CreateSchedule" and name not in self.schedules:
            raise error("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)
        if operation == "DeleteSchedule":
            del self.schedules[name]
        elif operation != "GetSchedule":
            self.schedules[name] = {**params, "due": params["StartDate"].timestamp()}
        return {**self.schedules.get(name, {})}
