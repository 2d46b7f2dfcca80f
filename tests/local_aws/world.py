# SPDX-License-Identifier: Apache-2.0
"""The model of Personalize in a world of its own: a test moves the clock, puts objects, refuses access."""

import json
from collections.abc import Sequence
from typing import Any

from local_aws.personalize import Personalize, Read, ReadRefused, ServiceError

ROLE = "arn:aws:iam::123456789012:role/Reader"
INTERACTIONS = [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long")]
ITEMS = [("ITEM_ID", "string"), ("GENRE", ["null", "string"]), ("PRICE", "float")]


def schema(fields: Sequence[tuple[str, Any]]) -> str:
    """Return an Avro schema with the fields."""
    members = [{"name": name, "type": kind} for name, kind in fields]
    return json.dumps({"type": "record", "name": "Data", "namespace": "test", "fields": members})


def interactions(rows: int = 1000, header: str = "USER_ID,ITEM_ID,TIMESTAMP") -> str:
    """Return so many interactions as CSV."""
    return "\n".join([header, *(f"u{row % 30},i{row},{1_600_000_000 + row}" for row in range(rows))])


class World:
    """The service, with a clock, objects and access that a test controls."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.objects: dict[tuple[str, str], str] = {}
        self.reads = 0
        self.refused: ReadRefused | None = None
        self.passes_roles = True
        self.asked: list[Read] = []
        self.service = Personalize(clock=lambda: self.now, access=self, objects=self)

    # What the service asks of the world

    def may_pass_role(self, caller: str, role_arn: str) -> bool:
        """Return whether callers may pass roles."""
        return self.passes_roles

    def read_refused(self, read: Read) -> ReadRefused | None:
        """Return why reads are refused, or None."""
        self.asked.append(read)
        return self.refused

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Return the keys that the test has put."""
        return sorted(key for kept, key in self.objects if kept == bucket and key.startswith(prefix))

    def read(self, bucket: str, key: str) -> bytes:
        """Return the content that the test has put, and count the call."""
        self.reads += 1
        return self.objects[bucket, key].encode()

    # What a test does

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """Call the API."""
        return self.service.handle(operation, params)

    def error(self, operation: str, **params: Any) -> ServiceError:
        """Return the error that a call ends with."""
        try:
            self.service.handle(operation, params)
        except ServiceError as error:
            return error
        raise AssertionError(f"{operation} was answered with success")

    def dataset(self, kind: str = "Interactions", fields: Any = None, group: str = "group") -> str:
        """Make an ACTIVE dataset."""
        fields = fields or (INTERACTIONS if kind == "Interactions" else ITEMS)
        name = f"{group}-{kind}"
        schema_arn = self.call("CreateSchema", name=name, schema=schema(fields))["schemaArn"]
        group_arn = f"arn:aws:personalize:us-east-1:123456789012:dataset-group/{group}"
        if group_arn not in self.service.state.groups:
            self.call("CreateDatasetGroup", name=group)
            self.now += 60
        arn: str = self.call(
            "CreateDataset", name=name, schemaArn=schema_arn, datasetGroupArn=group_arn, datasetType=kind
        )["datasetArn"]
        self.now += 60
        return arn

    def put(self, content: str, key: str = "data.csv") -> str:
        """Put an object into the bucket `data` and return its location."""
        self.objects["data", key] = content
        return f"s3://data/{key}"

    def job(
        self, dataset_arn: str, name: str = "job", content: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Return the parameters of an import of the content."""
        location = self.put(interactions() if content is None else content)
        given = {"jobName": name, "datasetArn": dataset_arn, "roleArn": ROLE}
        return {**given, "dataSource": {"dataLocation": location}, **more}

    def imported(
        self, dataset_arn: str, name: str = "job", content: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Import the content, wait for the end, and return the job's description."""
        arn = self.call("CreateDatasetImportJob", **self.job(dataset_arn, name, content, **more))
        self.now += 1200
        return self.describe(arn["datasetImportJobArn"])

    def describe(self, job_arn: str) -> dict[str, Any]:
        """Describe a job."""
        described: dict[str, Any] = self.call("DescribeDatasetImportJob", datasetImportJobArn=job_arn)
        job: dict[str, Any] = described["datasetImportJob"]
        return job
