# SPDX-License-Identifier: Apache-2.0
"""The table of a stack: one item a record, consistent reads and conditional writes.

DynamoDB documents both:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dataset_import.errors import PollingError, service_errors
from dataset_import.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

_SERVICE = "DynamoDB"


class ConflictError(Exception):
    """Another invocation has written the record since it was read. Read and decide again."""


class Table:
    """The records of a stack.

    Args:
        client: Makes the boto3 client, on first use.
        name: The name of the table.
    """

    def __init__(self, client: Callable[[], DynamoDBClient], name: str) -> None:
        self._client = client
        self._name = name

    def read(self, key: str) -> Record | None:
        """Return the record of a key; None where there is none.

        Raises:
            PollingError: DynamoDB did not answer as expected.
        """
        with service_errors(_SERVICE, PollingError):
            reply = self._client().get_item(
                TableName=self._name, Key={"Key": {"S": key}}, ConsistentRead=True
            )
            item = reply.get("Item")
            if item is None:
                return None
            return replace(Record.from_json(item["Record"]["S"]), version=int(item["Version"]["N"]))

    def write(self, record: Record) -> Record:
        """Store a record if the stored version is still the one that it was read as.

        Returns:
            The record with its new version.

        Raises:
            ConflictError: The stored version is another one.
            PollingError: DynamoDB did not answer as expected. The write may have been done.
        """
        written = replace(record, version=record.version + 1)
        item: dict[str, Any] = {
            "Key": {"S": record.key},
            "Version": {"N": str(written.version)},
            "Record": {"S": written.to_json()},
        }
        if record.expires_at:
            item["ExpiresAt"] = {"N": str(record.expires_at)}
        condition: dict[str, Any] = {
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": "Key"},
        }
        if record.version:
            condition = {
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "Version"},
                "ExpressionAttributeValues": {":version": {"N": str(record.version)}},
            }
        with service_errors(_SERVICE, PollingError):
            try:
                self._client().put_item(TableName=self._name, Item=item, **condition)
                return written
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
        raise ConflictError
