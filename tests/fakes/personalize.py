# SPDX-License-Identifier: Apache-2.0
"""Amazon Personalize as callers see it: the model of `local_aws`, with data and replies that lag behind."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_aws.personalize import Personalize as Model
from local_aws.personalize import Read, ReadRefused, ServiceError, Timing
from local_aws.personalize.state import Dataset
from tests.fakes.faults import error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local_aws.personalize.state import ImportJob
    from tests.fakes.kernel import Kernel

SCHEMA = {
    "type": "record",
    "name": "Items",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [{"name": "ITEM_ID", "type": "string"}, {"name": "GENRE", "type": "string"}],
    "version": "1.0",
}
GOOD = b"ITEM_ID,GENRE\ni1,drama\ni2,comedy\n"
BAD_ROW = b"ITEM_ID,GENRE\ni1,drama\ni2,\n"
BAD_HEADER = b"ITEM_ID\ni1\n"
HANDLER = "arn:aws:sts::123456789012:assumed-role/handler-of-"
SOMEBODYS_ROLE = "arn:aws:iam::123456789012:role/somebody"
JOB_ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/"
"""The beginning of the ARN of every import job, before its name."""


@dataclass
class Personalize:
    """Personalize of one account and region.

    Attributes:
        bucket: The objects that jobs read, by key. A location is a key.
        objects: The objects of other buckets, by bucket and key. A location is a key or a folder.
        access: Why every read is refused; None where it is not.
        refused_until: Until when reading a key is refused, as before a policy has propagated.
        describe_lag: Seconds for which a new job cannot be described yet.
        list_lag: Seconds for which a new job is not listed yet, at most until it ends: real imports take
            minutes, and the list is behind by seconds.
        unlisted: Names of jobs that are never listed.
    """

    kernel: Kernel
    timing: Timing = field(default_factory=Timing)
    bucket: dict[str, bytes] = field(default_factory=lambda: {"items.csv": GOOD})
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    access: ReadRefused | None = None
    refused_until: dict[str, float] = field(default_factory=dict)
    describe_lag: float = 0.0
    list_lag: float = 0.0
    unlisted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.model = Model(clock=self.kernel.time, access=self, objects=self, timing=self.timing)
        self._schema = self.do("CreateSchema", {"name": "items", "schema": json.dumps(SCHEMA)})["schemaArn"]

    # What the model asks of its surroundings.

    def may_pass_role(self, caller: str, role_arn: str) -> bool:
        return not caller.startswith(HANDLER) or may_pass(caller.removeprefix(HANDLER), role_arn)

    def read_refused(self, read: Read) -> ReadRefused | None:
        return ReadRefused.POLICY if self.kernel.now < self.refused_until.get(read.prefix, 0) else self.access

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        if prefix in self.bucket:
            return [prefix]
        return [key for known, key in self.objects if known == bucket and key.startswith(prefix)]

    def read(self, bucket: str, key: str) -> bytes:
        return self.objects[bucket, key] if (bucket, key) in self.objects else self.bucket[key]

    # What callers do.

    @property
    def jobs(self) -> dict[str, ImportJob]:
        """Every import job by its ARN, the oldest first."""
        return self.model.state.jobs

    @property
    def datasets(self) -> dict[str, Dataset]:
        """Every dataset by its ARN."""
        return self.model.state.datasets

    def do(self, operation: str, params: dict[str, Any], caller: str | None = None) -> dict[str, Any]:
        """Call the model, with errors as boto3 raises them."""
        try:
            return self.model.handle(operation, params, caller)
        except ServiceError as said:
            raise error(said.code, said.message, said.status) from said

    def call(self, operation: str, params: dict[str, Any], stack_name: str = "") -> dict[str, Any]:
        """Call as the handler of a stack does, with replies that lag behind."""
        if operation == "DescribeDatasetImportJob" and self.describe_lag:
            job = self.jobs.get(params["datasetImportJobArn"])
            if job and self.kernel.now < job.created + self.describe_lag:
                raise error("ResourceNotFoundException", f"Resource Arn {job.arn} does not exist.")
        reply = self.do(operation, params, HANDLER + stack_name)
        if operation == "ListDatasetImportJobs" and (self.list_lag or self.unlisted):
            listed = [job for job in reply["datasetImportJobs"] if self._is_listed(job)]
            return {**reply, "datasetImportJobs": listed}
        return reply

    def _is_listed(self, summary: dict[str, Any]) -> bool:
        is_recent = summary["creationDateTime"].timestamp() > self.kernel.now - self.list_lag
        has_ended = not self.jobs[summary["datasetImportJobArn"]].unfinished(self.kernel.now)
        return (has_ended or not is_recent) and summary["jobName"] not in self.unlisted

    def make_dataset(self, group: str) -> str:
        """Make a dataset in a group of its own. It is ACTIVE at once."""
        arn = f"arn:aws:personalize:us-east-1:123456789012:dataset/{group}/ITEMS"
        now = self.kernel.now
        self.datasets[arn] = Dataset(
            f"{group}-items", arn, now, now, schema_arn=self._schema, dataset_type="Items"
        )
        return arn

    def delete_dataset(self, arn: str) -> None:
        """Delete a dataset. It is gone at once, and its import jobs stay."""
        del self.datasets[arn]

    def remake_dataset(self, arn: str) -> None:
        """Delete a dataset and make another one of the same name, at once."""
        self.datasets.pop(arn, None)
        self.make_dataset(arn.split("/")[1])

    def is_importing(self, arn: str) -> bool:
        """Whether an import into a dataset is pending or running."""
        return any(job.dataset_arn == arn and job.unfinished(self.kernel.now) for job in self.jobs.values())

    def start_foreign_job(self, dataset_arn: str, name: str, mode: str = "FULL") -> None:
        """Start a job as somebody else would."""
        self.do(
            "CreateDatasetImportJob",
            {
                "jobName": name,
                "datasetArn": dataset_arn,
                "dataSource": {"dataLocation": "s3://data/items.csv"},
                "roleArn": SOMEBODYS_ROLE,
                "importMode": mode,
            },
        )


def may_pass(stack_name: str, role_arn: str) -> bool:
    """Whether the handler of a stack may pass a role: a role of its stack, or one that was given to it.

    A role whose name is `STACK-for-...` belongs to that stack.
    """
    owner, is_owned, _ = role_arn.rpartition("/")[2].partition("-for-")
    return role_arn != SOMEBODYS_ROLE and (not is_owned or owner == stack_name)
