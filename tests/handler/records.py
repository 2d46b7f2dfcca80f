# SPDX-License-Identifier: Apache-2.0
"""Requests and records of one resource, and a table that keeps records."""

from typing import Any

from dataset_import.event import Request
from dataset_import.record import Record
from dataset_import.table import Table
from dataset_import.takeover import take_over
from tests.fakes.clients import Client
from tests.fakes.dynamodb import DynamoDB
from tests.fakes.kernel import Kernel
from tests.fakes.personalize import JOB_ARN

NOW = 1_795_000_100.0
EVENT = {"ResponseURL": "https://cloudformation.test/?X-Amz-Signature=5ec7e7", "RequestId": "r"}
SUCCESS = {"Status": "SUCCESS", "PhysicalResourceId": JOB_ARN + "job-1"}
FAILED = {"Status": "FAILED", "PhysicalResourceId": JOB_ARN + "job-1"}


def request(name: str, request_type: str = "Create", issued: float = NOW, **more: Any) -> Request:
    """A request of this type, with two hours until CloudFormation gives it up."""
    return Request(id=name, type=request_type, issued=issued, expires=issued + 7200, **more)


def update(name: str, old: str, new: str, issued: float = NOW) -> Request:
    """An Update from one state of the properties to another."""
    return request(name, "Update", issued, physical_id="id", properties=new, old_properties=old)


def record(by: Request, **more: Any) -> Record:
    """The record of a request."""
    given = {"key": "key", "version": 3, "event": EVENT, "deadline": NOW + 3480, **more}
    return Record(request=by, **given)


def taken(known: Record | None, by: Request) -> Record | None:
    """What a record becomes when a request arrives."""
    return take_over(known, by, EVENT, key="key", deadline=NOW + 3480, now=NOW)


def new(**more: Any) -> Record:
    """A record that was never written."""
    return record(request("r1"), version=0, **more)


class Recorded:
    """A table over the fake of DynamoDB, whose calls are recorded."""

    def __init__(self) -> None:
        self.dynamodb = DynamoDB(Kernel())
        self.dynamodb.make_table("shop")
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.broken: Exception | None = None
        self.table = Table(lambda: Client("dynamodb", self._call), "shop")  # type: ignore[arg-type, return-value, unused-ignore]

    def _call(self, operation: str, params: dict[str, Any]) -> Any:
        self.calls.append((operation, params))
        if self.broken:
            raise self.broken
        return self.dynamodb.call(operation, params)
