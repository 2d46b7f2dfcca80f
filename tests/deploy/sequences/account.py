# SPDX-License-Identifier: Apache-2.0
"""What a sequence makes outside its stacks, and what it sees in the account."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tests.deploy.environment import interactions
from tests.deploy.sequences.app import BUCKET, SCHEMA, TAKEN
from tests.deploy.sequences.model import GONE, ROWS

if TYPE_CHECKING:
    from local_aws import LocalAws

READER = "reader-of-others"
PERSONALIZE = "personalize.amazonaws.com"
LOOK_AGAIN = 0.2
"""Seconds between two looks at what takes a while."""


class Account:
    """The account in which sequences are played; all names of one sequence begin with the same mark."""

    def __init__(self, aws: LocalAws) -> None:
        self._client: Callable[[str], Any] = cache(aws.client)
        self._records = aws.records

    def prepare(self) -> None:
        """Make the bucket with the data, the role of others, and the schema whose name is taken."""
        s3, iam = self._client("s3"), self._client("iam")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_policy(Bucket=BUCKET, Policy=_may_read({"Service": PERSONALIZE}))
        for data in ROWS:
            self.upload(f"{data}.csv", data)
        trust = {"Effect": "Allow", "Principal": {"Service": PERSONALIZE}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=READER, AssumeRolePolicyDocument=_policy(trust))
        iam.put_role_policy(RoleName=READER, PolicyName="data", PolicyDocument=_may_read(None))
        self._client("personalize").create_schema(name=TAKEN, schema=SCHEMA.read_text())

    def upload(self, key: str, data: str) -> None:
        """Write a file of the bucket."""
        self._client("s3").put_object(Bucket=BUCKET, Key=key, Body=interactions(ROWS[data]).encode())

    # Datasets and their jobs

    def make_dataset(self, name: str) -> str:
        """Make a dataset in a group of the same name, which may exist; its ARN."""
        personalize = self._client("personalize")
        groups = {group["name"]: group for group in personalize.list_dataset_groups()["datasetGroups"]}
        if name not in groups:
            group = personalize.create_dataset_group(name=name)["datasetGroupArn"]
            _wait_until(
                lambda: (
                    personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"]
                    == "ACTIVE"
                )
            )
        else:
            group = groups[name]["datasetGroupArn"]
        arn: str = personalize.create_dataset(
            name=name,
            schemaArn=self._schema(),
            datasetGroupArn=group,
            datasetType="Interactions",
        )["datasetArn"]
        _wait_until(lambda: personalize.describe_dataset(datasetArn=arn)["dataset"]["status"] == "ACTIVE")
        return arn

    def delete_dataset(self, arn: str) -> None:
        """Delete a dataset, and wait until it is gone."""
        personalize = self._client("personalize")
        personalize.delete_dataset(datasetArn=arn)
        _wait_until(lambda: arn not in self.dataset_arns(""))

    def dataset_arns(self, mark: str) -> dict[str, str]:
        """The names of the datasets of a sequence by their ARNs."""
        listed = self._client("personalize").list_datasets()["datasets"]
        return {each["datasetArn"]: each["name"] for each in listed if each["name"].startswith(mark)}

    def delete_groups(self, mark: str) -> None:
        """Delete what `make_dataset` has made for a sequence."""
        personalize = self._client("personalize")
        for arn in self.dataset_arns(mark):
            self.delete_dataset(arn)
        for group in personalize.list_dataset_groups()["datasetGroups"]:
            if group["name"].startswith(mark):
                personalize.delete_dataset_group(datasetGroupArn=group["datasetGroupArn"])

    def add(self, dataset_arn: str, data: str, name: str) -> None:
        """Add data to a dataset, as somebody else, and wait until it is there."""
        personalize = self._client("personalize")
        arn = personalize.create_dataset_import_job(
            jobName=name,
            datasetArn=dataset_arn,
            dataSource={"dataLocation": f"s3://{BUCKET}/{data}.csv"},
            roleArn=self._client("iam").get_role(RoleName=READER)["Role"]["Arn"],
            importMode="INCREMENTAL",
        )["datasetImportJobArn"]

        def job() -> dict[str, Any]:
            found: dict[str, Any] = personalize.describe_dataset_import_job(datasetImportJobArn=arn)
            return found["datasetImportJob"]  # type: ignore[no-any-return]

        _wait_until(lambda: job()["status"] == "ACTIVE")

    def records(self, dataset_arn: str) -> int:
        """How many records a dataset holds."""
        return self._records(dataset_arn)

    def jobs(self, mark: str) -> list[dict[str, Any]]:
        """The jobs of a sequence, the oldest first."""
        personalize = self._client("personalize")
        pages = personalize.get_paginator("list_dataset_import_jobs").paginate()
        arns = [job["datasetImportJobArn"] for page in pages for job in page["datasetImportJobs"]]
        described = [
            personalize.describe_dataset_import_job(datasetImportJobArn=arn)["datasetImportJob"]
            for arn in arns
        ]
        of_sequence = [job for job in described if f":dataset/{mark}" in job["datasetArn"]]
        return sorted(of_sequence, key=lambda job: job["creationDateTime"])

    def _schema(self) -> str:
        schemas = self._client("personalize").list_schemas(maxResults=100)["schemas"]
        return next(str(schema["schemaArn"]) for schema in schemas if schema["name"] == TAKEN)

    # Stacks

    def status(self, stack: str) -> str:
        """The status of a stack."""
        stacks = self._client("cloudformation").describe_stacks()["Stacks"]
        return next((str(each["StackStatus"]) for each in stacks if each["StackName"] == stack), GONE)

    def cancel(self, stack: str) -> None:
        """Cancel the update of a stack."""
        self._client("cloudformation").cancel_update_stack(StackName=stack)

    def delete(self, stack: str) -> None:
        """Delete a stack, and wait until it is gone."""
        self._client("cloudformation").delete_stack(StackName=stack)
        _wait_until(lambda: self.status(stack) == GONE)

    def abandon(self, mark: str) -> None:
        """Delete what a sequence that has failed leaves behind, as far as that can be done."""
        cloudformation = self._client("cloudformation")
        stacks = [each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]]
        for stack in [name for name in stacks if name.startswith(mark)]:
            with contextlib.suppress(ClientError, TimeoutError):
                self.delete(stack)
        with contextlib.suppress(ClientError, TimeoutError):
            self.delete_groups(mark)

    def reasons(self, mark: str, since: datetime) -> list[str]:
        """The reasons that events of the sequence's stacks give, nested and deleted ones included."""
        cloudformation = self._client("cloudformation")
        pages = cloudformation.get_paginator("list_stacks").paginate()
        summaries = [each for page in pages for each in page["StackSummaries"]]
        events = [
            event
            for each in summaries
            if each["StackName"].startswith(mark)
            for event in cloudformation.describe_stack_events(StackName=each["StackId"])["StackEvents"]
        ]
        return [
            f"{event['LogicalResourceId']} {event['ResourceStatus']}: {event['ResourceStatusReason']}"
            for event in sorted(events, key=lambda event: event["Timestamp"])
            if event.get("ResourceStatusReason") and event["Timestamp"] >= since
        ]

    # Handlers

    def log(self, mark: str, since: datetime) -> list[dict[str, Any]]:
        """The log lines of the handlers of a sequence. They appear when an invocation has ended."""
        logs = self._client("logs")
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        pages = [
            page
            for group in groups
            if f"/{mark}" in group
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        ]
        lines = [line for page in pages for event in page["events"] for line in _lines(event["message"])]
        return [line for line in lines if line["timestamp"] >= f"{since:%Y-%m-%dT%H:%M:%SZ}"]

    def tick(self, mark: str, event: dict[str, Any]) -> dict[str, Any]:
        """Invoke the one function of a sequence with an event; the reply."""
        functions = self._client("lambda")
        (name,) = (
            each["FunctionName"]
            for each in functions.list_functions()["Functions"]
            if each["FunctionName"].startswith(mark)
        )
        reply: dict[str, Any] = functions.invoke(FunctionName=name, Payload=json.dumps(event))
        return reply

    def stored_records(self, mark: str) -> list[str]:
        """The records in the tables of a sequence."""
        dynamodb = self._client("dynamodb")
        return [
            item["Record"]["S"]
            for table in dynamodb.list_tables()["TableNames"]
            if table.startswith(mark)
            for page in dynamodb.get_paginator("scan").paginate(TableName=table)
            for item in page["Items"]
        ]

    def schedules(self, mark: str) -> list[str]:
        """The schedules that tick for a sequence."""
        scheduler = self._client("scheduler")
        listed = [
            (schedule["GroupName"], schedule["Name"])
            for page in scheduler.get_paginator("list_schedules").paginate()
            for schedule in page["Schedules"]
        ]
        inputs = {}
        for group, name in listed:
            try:
                inputs[name] = scheduler.get_schedule(GroupName=group, Name=name)["Target"]["Input"]
            except scheduler.exceptions.ResourceNotFoundException:  # it has just been deleted
                continue
        return [name for name, text in inputs.items() if "RecordKey" in text and f":stack/{mark}" in text]

    def leftovers(self, mark: str) -> list[str]:
        """What there is of a sequence besides its stacks."""
        return [name for name in self._names() if name.startswith(mark)]

    def _names(self) -> Iterator[str]:
        """List the names of all tables, functions, roles, schedule groups and datasets."""
        yield from self._client("dynamodb").list_tables()["TableNames"]
        yield from (each["FunctionName"] for each in self._client("lambda").list_functions()["Functions"])
        yield from (each["RoleName"] for each in self._client("iam").list_roles()["Roles"])
        groups = self._client("scheduler").list_schedule_groups()["ScheduleGroups"]
        yield from (each["Name"] for each in groups)
        yield from self.dataset_arns("").values()


def wait_until(is_so: Callable[[], bool], seconds: float = 120.0) -> bool:
    """Wait until something is so; whether it is."""
    ends = time.monotonic() + seconds
    while not (so := is_so()) and time.monotonic() < ends:
        time.sleep(LOOK_AGAIN)
    return so


def _wait_until(is_so: Callable[[], bool]) -> None:
    if not wait_until(is_so):
        raise TimeoutError("The embedded AWS takes too long.")


def _lines(message: str) -> Iterator[dict[str, Any]]:
    """Parse the lines of a log that the handler has written as JSON."""
    for line in message.splitlines():
        try:
            parsed = json.loads(line)
        except ValueError:
            continue
        if isinstance(parsed, dict) and "level" in parsed:
            yield parsed


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _may_read(principal: dict[str, str] | None) -> str:
    """Return a policy that lets the principal read the data; without one, the policy of a role."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    }
    return _policy({**statement, "Principal": principal} if principal else statement)
