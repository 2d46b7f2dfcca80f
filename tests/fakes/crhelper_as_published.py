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
    """Amazon EventBridge and the function's permissions, as crhelper polls with them.

    `broken` has the error of each method that fails.
    """

    def __init__(self) -> None:
        self.rules: dict[str, str] = {}
        self.permissions: set[str] = set()
        self.broken: dict[str, Exception] = {}

    def _begin(self, operation: str) -> None:
        if operation in self.broken:
            raise self.broken[operation]

    def put_rule(self, **params: Any) -> dict[str, str]:
        self._begin("put_rule")
        self.rules[params["Name"]] = ""
        return {"RuleArn": f"arn:aws:events:us-east-1:123456789012:rule/{params['Name']}"}

    def put_targets(self, **params: Any) -> None:
        self._begin("put_targets")
        self.rules[params["Rule"]] = params["Targets"][0]["Input"]

    def remove_targets(self, **params: Any) -> None:
        self._begin("remove_targets")
        if params["Rule"] not in self.rules:
            raise error("ResourceNotFoundException")

    def delete_rule(self, **params: Any) -> None:
        self._begin("delete_rule")
        self.rules.pop(params["Name"])

    def add_permission(self, **params: Any) -> None:
        self._begin("add_permission")
        self.permissions.add(params["StatementId"])

    def remove_permission(self, **params: Any) -> None:
        self._begin("remove_permission")
        self.permissions.discard(params["StatementId"])


class CrhelperAsPublished(CfnResource):
    """The published class. Only its answers are kept rather than sent, and its clients replaced."""

    _timeout: Callable[[], None]
    _wait_for_cwlogs: Callable[..., None]
    _context: Any

    def __init__(self, events: Events, *, client: Exception | None = None) -> None:
        made = patch("crhelper.resource_helper.boto3.client", side_effect=client, return_value=events)
        with made:
            super().__init__(log_level="INFO", boto_level="ERROR")
        self.answers: list[dict[str, Any]] = []

    def _set_timeout(self) -> None:
        """Start no thread; a test calls _timeout when the time is over."""

    def _send(self, status: str | None = None, reason: str = "", send_response: object = None) -> None:
        def keep(_: str, body: dict[str, Any], __: object) -> None:
            self.answers.append(json.loads(json.dumps(body)))

        super()._send(status, reason, keep)  # type: ignore[misc]  # its stubs leave it out


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
        self.starting: BaseException | None = None
        self.resource.create(self._start)
        self.resource.poll_create(self._look)
        self.resource.delete(lambda *_: None)

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The answers to CloudFormation."""
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
        """Run the function once. There is too little time for crhelper to hold a Delete back."""
        context = SimpleNamespace(
            function_name="handler", aws_request_id="1", get_remaining_time_in_millis=lambda: 10_000
        )
        self.resource(json.loads(json.dumps(event)), context)

    def tick(self) -> None:
        """Let every rule fire once."""
        for target in list(self.events.rules.values()):
            self.invoke(json.loads(target))

    def _start(self, event: dict[str, Any], _: Any) -> None:
        if self.starting:
            raise self.starting
        self.jobs.append(f"{ARN}-{len(self.jobs) + 1}")

    def _look(self, event: dict[str, Any], _: Any) -> str | None:
        return self.jobs[-1] if self.status == "ACTIVE" else None
