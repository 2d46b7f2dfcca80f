# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.assumptions import MESSAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.meter import Function, Meter
    from tests.fakes.account import Account

ACTIVE = "ACTIVE"
CREATE_FAILED = "CREATE FAILED"


class Outside:
    """What the models of the peers reach: Personalize and CloudFormation, and the time that this takes."""

    def __init__(self, account: Account, meter: Meter) -> None:
        self.account = account
        self.kernel = account.kernel
        self.meter = meter

    def exchange(self, do: Callable[[], Any]) -> Any:
        """Send a message, have something done there, and get the reply."""
        self.kernel.sleep(MESSAGE)
        try:
            return do()
        finally:
            self.kernel.sleep(MESSAGE)

    def invoke(self, function: Function, do: Callable[[], Any]) -> Any:
        """Invoke a function and wait for what it answers."""

        def run() -> Any:
            with self.meter.invocation(function):
                return do()

        return self.exchange(run)

    def start_job(self, properties: dict[str, Any]) -> str:
        """Create the import job that a resource's properties describe, and return its ARN."""
        params = {
            "jobName": properties["JobNamePrefix"],
            "datasetArn": properties["DatasetArn"],
            "dataSource": {"dataLocation": properties["DataSource"]["DataLocation"]},
            "roleArn": properties["RoleArn"],
        }
        return str(self._call("CreateDatasetImportJob", params)["datasetImportJobArn"])

    def status(self, arn: str) -> str:
        """Describe the job, and return its status."""
        described = self._call("DescribeDatasetImportJob", {"datasetImportJobArn": arn})
        return str(described["datasetImportJob"]["status"])

    def answer(self, event: dict[str, Any], status: str, physical_id: str, reason: str = "") -> None:
        """Answer CloudFormation."""
        body = {
            "Status": status,
            "Reason": reason or status,
            "PhysicalResourceId": physical_id,
            "Data": {},
            **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
        }
        self.put(event["ResponseURL"], body)

    def put(self, url: str, body: dict[str, Any]) -> None:
        """Send a body to a response URL."""
        store = self.account.cloudformation.store
        self.exchange(lambda: store(url, json.dumps(body).encode()))

    def _call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.account.journal.count(operation)
        reply: dict[str, Any] = self.exchange(lambda: self.account.personalize.call(operation, params))
        return reply
