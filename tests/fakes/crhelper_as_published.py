# SPDX-License-Identifier: Apache-2.0
"""crhelper as published, with functions as its README has them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from crhelper import CfnResource

from tests.fakes.faults import error

if TYPE_CHECKING:
    from collections.abc import Callable

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-import-job/interactions"


class Events:
    """Amazon EventBridge and the function's permissions, as crhelper polls with them."""

    def __init__(self) -> None:
        self.rules: dict[str, str] = {}
        self.permissions: set[str] = set()
        self.broken: dict[str, Exception] = {}

    def _may_break(self, operation: str) -> None:
        if operation in self.broken:
            raise self.broken[operation]

    def put_rule(self, **params: Any) -> dict[str, str]:
        self._may_break("put_rule")
        if len(params["Name"]) > 64:
            raise error("ValidationException", "'name' must have length less than or equal to 64")
        self.rules[params["Name"]] = ""
        return {"RuleArn": f"arn:aws:events:us-east-1:123456789012:rule/{params['Name']}"}

    def put_targets(self, **params: Any) -> None:
        self._may_break("put_targets")
        target = params["Targets"][0]["Input"]
        if len(target) > 8192:
            raise error("ValidationException", "'input' must have length less than or equal to 8192")
        self.rules[params["Rule"]] = target

    def remove_targets(self, **params: Any) -> None:
        self._may_break("remove_targets")
        if params["Rule"] not in self.rules:
            raise error("ResourceNotFoundException")

    def delete_rule(self, **params: Any) -> None:
        self._may_break("delete_rule")
        self.rules.pop(params["Name"])

    def add_permission(self, **params: Any) -> None:
        self._may_break("add_permission")
        self.permissions.add(params["StatementId"])

    def remove_permission(self, **params: Any) -> None:
        self._may_break("remove_permission")
        if params["StatementId"] not in self.permissions:
            raise error("ResourceNotFoundException")
        self.permissions.remove(params["StatementId"])


class CrhelperAsPublished(CfnResource):
    """The published class; only its answers are caught, and its clients replaced."""

    _timeout: Callable[[], None]

    def __init__(self, events: Events, *, client: Exception | None = None) -> None:
        made = patch("crhelper.resource_helper.boto3.client", side_effect=client, return_value=events)
        with made:
            super().__init__(log_level="INFO", boto_level="ERROR")
        self.answers: list[dict[str, Any]] = []

    def _set_timeout(self) -> None:
        """Start no thread; a test calls _timeout where time is up."""

    def _send(self, status: str | None = None, reason: str = "", send_response: object = None) -> None:
        def catch(_: str, body: dict[str, Any], __: object) -> None:
            self.answers.append(json.loads(json.dumps(body)))

        super()._send(status, reason, catch)  # type: ignore[misc]  # its stubs leave it out


class Scenario:
    """A custom resource that starts an import job and polls for its end.

    Args:
        client: An error that crhelper's set-up meets.
    """

    def __init__(self, *, client: Exception | None = None) -> None:
        self.events = Events()
        self.resource = CrhelperAsPublished(self.events, client=client)
        self.jobs: list[str] = []
        self.status = "CREATE IN_PROGRESS"
        self.failure_reason = ""
        self.describe: list[BaseException] = []
        self.starting: BaseException | None = None
        self.resource.create(self._start)
        self.resource.update(self._start)
        self.resource.poll_create(self._look)
        self.resource.poll_update(self._look)
        self.resource.delete(lambda *_: None)

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What CloudFormation was told."""
        return self.resource.answers

    def event(self, request_type: str = "Create", **more: Any) -> dict[str, Any]:
        """A request of CloudFormation."""
        return {
            "RequestType": request_type,
            "RequestId": "request-1",
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/0b1e7d80",
            "LogicalResourceId": "Interactions",
            "ResponseURL": "https://cloudformation.test/?X-Amz-Signature=5ec7e7",
            "ResourceProperties": {},
            **more,
        }

    def invoke(self, event: dict[str, Any]) -> None:
        """Run the function once."""
        context = SimpleNamespace(
            function_name="handler", aws_request_id="1", get_remaining_time_in_millis=lambda: 90_000
        )
        self.resource(json.loads(json.dumps(event)), context)

    def ticks(self) -> list[dict[str, Any]]:
        """The events of the rules that poll."""
        return [json.loads(target) for target in self.events.rules.values() if target]

    def tick(self) -> None:
        """Let every rule fire once."""
        for event in self.ticks():
            self.invoke(event)

    def _start(self, event: dict[str, Any], _: Any) -> None:
        if self.starting:
            raise self.starting
        self.jobs.append(f"{ARN}-{len(self.jobs) + 1}")

    def _look(self, event: dict[str, Any], _: Any) -> str | None:
        if self.describe:
            raise self.describe.pop(0)
        if self.status == "CREATE FAILED":
            raise RuntimeError(self.failure_reason)
        return self.jobs[-1] if self.status == "ACTIVE" else None
