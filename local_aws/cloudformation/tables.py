# SPDX-License-Identifier: Apache-2.0
"""Encryption, TTL, recovery, replacement and deletion protection of a stack's DynamoDB table.

A new key or local index replaces the table. ministack ignores the properties, creates the new table under
the old name, and deletes a protected table.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

TABLE = "AWS::DynamoDB::Table"
SSE, TTL, RECOVERY = "SSESpecification", "TimeToLiveSpecification", "PointInTimeRecoverySpecification"
REPLACING = ("KeySchema", "LocalSecondaryIndexes")


def apply() -> None:
    """Extend the handlers of the type."""
    provisioners._REPLACING_PROPERTIES[TABLE] += REPLACING
    handlers = provisioners._RESOURCE_HANDLERS[TABLE]
    create, update = handlers["create"], handlers["update"]

    def create_table(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        name, attributes = create(logical_id, props, stack_name)
        _configure(name, {}, props)
        return name, attributes

    def update_table(
        name: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> Any:
        kept, attributes = update(name, _without_sse(old), _without_sse(new), stack_name, logical_id)
        _configure(kept, old if kept == name else {}, new)
        return kept, attributes

    handlers |= {"create": create_table, "update": update_table, "delete": _delete}


def _configure(name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Update the table from the old properties to the new ones."""
    if old.get(SSE) != new.get(SSE):
        given = dict(new.get(SSE) or {})
        sse = {"Enabled": given.pop("SSEEnabled", False), **given}
        _call(dynamodb._update_table, {"TableName": name, SSE: sse})
    if old.get(TTL) != new.get(TTL):
        ttl = new.get(TTL) or {**old[TTL], "Enabled": False}
        _call(dynamodb._update_ttl, {"TableName": name, TTL: ttl})
    if old.get(RECOVERY) != new.get(RECOVERY):
        recovery = new.get(RECOVERY) or {"PointInTimeRecoveryEnabled": False}
        _call(dynamodb._update_continuous_backups, {"TableName": name, RECOVERY: recovery})


def _delete(name: str, props: dict[str, Any]) -> None:
    if name in dynamodb._tables:
        _call(dynamodb._delete_table, {"TableName": name})


def _call(operation: Callable[[dict[str, Any]], Any], request: dict[str, Any]) -> None:
    status, _, body = operation(request)
    if status >= 400:
        raise RuntimeError(json.loads(body).get("message", body))


def _without_sse(props: dict[str, Any]) -> dict[str, Any]:
    """Return the properties without encryption, which ministack's update passes in a wrong form."""
    return {name: value for name, value in props.items() if name != SSE}
