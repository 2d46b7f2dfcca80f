# SPDX-License-Identifier: Apache-2.0
"""DynamoDB: tables with a string key `Key`, conditional PutItem, GetItem, and TTL by `ExpiresAt`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from tests.fakes.clients import ConditionalCheckFailedException
from tests.fakes.faults import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.kernel import Kernel

LARGEST_ITEM = 400 * 1024
"""Bytes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

BEHIND = 2.0
"""Seconds for which an eventually consistent read may return what was there before a write."""

Item = dict[str, dict[str, str]]
TTL = "ExpiresAt"
_CONDITION_FAILED: Any = {
    "Error": {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"},
    "ResponseMetadata": {"HTTPStatusCode": 400},
}


@dataclass
class _Version:
    """An item, and the one before it, which an inconsistent read may return."""

    item: Item | None
    before: Item | None = None
    written: float = 0.0


class DynamoDB:
    """The tables of one account and region.

    Args:
        kernel: The clock.
        on_write: Is called with the table's name and the item after each write.

    Attributes:
        ttl_delay: Seconds from an item's expiry until it is deleted. AWS promises a few days at most, and
            reads return the item until then.
            https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
        read_units: Read request units that were used: one for each 4 KB of a consistent read.
        write_units: Write request units that were used: one for each KB.
            https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
    """

    def __init__(self, kernel: Kernel, on_write: Callable[[str, Item], object] = lambda *_: None) -> None:
        self._kernel = kernel
        self._on_write = on_write
        self._tables: dict[str, dict[str, _Version]] = {}
        self.ttl_delay = 600.0
        self.read_units = self.write_units = 0

    def make_table(self, name: str) -> None:
        """Make an empty table."""
        self._tables[name] = {}

    def drop_table(self, name: str) -> None:
        """Delete a table with its items."""
        self._tables.pop(name, None)

    def items(self, name: str | None = None) -> list[Item]:
        """Return the items of a table; of all tables if the name is left out."""
        tables = [self._tables[name]] if name else list(self._tables.values())
        return [version.item for table in tables for version in table.values() if version.item]

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Perform an operation as boto3 does, with errors as boto3 raises them."""
        table = self._tables.get(params["TableName"])
        if table is None:
            raise error("ResourceNotFoundException", "Requested resource not found")
        if operation == "GetItem":
            return self._get(table, params)
        assert operation == "PutItem", f"the handler has no permission for {operation}"
        return self._put(table, params)

    def _get(self, table: dict[str, _Version], params: dict[str, Any]) -> dict[str, Any]:
        version = table.get(params["Key"]["Key"]["S"])
        self.read_units += 1 if version is None else ceil(_size(version.item) / 4096)
        if version is None:
            return {}
        is_behind = not params.get("ConsistentRead") and self._kernel.now < version.written + BEHIND
        item = version.before if is_behind else version.item
        return {"Item": _copy(item)} if item else {}

    def _put(self, table: dict[str, _Version], params: dict[str, Any]) -> dict[str, Any]:
        item = _copy(params["Item"])
        key = item["Key"]["S"]
        current = table[key].item if key in table else None
        self.write_units += ceil(_size(item) / 1024)
        if not _holds(params, current):
            raise ConditionalCheckFailedException(_CONDITION_FAILED, "PutItem")
        if _size(item) > LARGEST_ITEM:
            raise error("ValidationException", "Item size has exceeded the maximum allowed size")
        table[key] = _Version(item, before=current, written=self._kernel.now)
        self._expire(table, key, item)
        self._on_write(params["TableName"], item)
        return {}

    def _expire(self, table: dict[str, _Version], key: str, item: Item) -> None:
        """Delete an item after its time to live, unless it has been overwritten."""
        if TTL not in item:
            return

        def delete() -> None:
            if key in table and table[key].item is item:
                del table[key]

        self._kernel.at(float(item[TTL]["N"]) + self.ttl_delay, delete)


def _size(item: Item | None) -> int:
    """Count the characters of an item, as its limit does."""
    return sum(len(name) + sum(map(len, value.values())) for name, value in (item or {}).items())


def _copy(item: Item) -> Item:
    return {name: dict(value) for name, value in item.items()}


def _holds(params: dict[str, Any], item: Item | None) -> bool:
    """Judge the condition of a write: `attribute_not_exists(#name)` or `#name = :value`."""
    condition = params.get("ConditionExpression")
    if condition is None:
        return True
    names, values = params.get("ExpressionAttributeNames", {}), params.get("ExpressionAttributeValues", {})
    if absent := re.fullmatch(r"attribute_not_exists\((#?\w+)\)", condition):
        return item is None or names.get(absent[1], absent[1]) not in item
    equal = re.fullmatch(r"(#?\w+) = (:\w+)", condition)
    assert equal, f"the fake does not know the condition {condition}"
    return item is not None and item.get(names.get(equal[1], equal[1])) == values[equal[2]]
