# SPDX-License-Identifier: Apache-2.0
"""Corrects the resources that ministack uses to authorise requests, and names in refusals."""

import json
from typing import Any
from urllib.parse import unquote

from ministack.core import iam_actions

from . import athena, personalize_service


def apply() -> None:
    """Authorise requests to several services for the right resource, and name it in refusals."""
    _name_resources()
    _name_them_in_refusals()


def _name_resources() -> None:
    original = iam_actions.extract_resource_arn

    def extract_resource_arn(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any],
        region: str, account: str,
    ) -> str:  # fmt: skip
        if service == personalize_service.NAME:
            operation = headers.get("x-amz-target", "").removeprefix(personalize_service.TARGET)
            return personalize_service.resource_arns(operation, _json(body))[0]
        if service == "scheduler" and path.startswith("/schedules/"):
            # ministack assumes the default group for every schedule.
            group = _json(body).get("GroupName") or (query.get("groupName") or ["default"])[0]
            return f"arn:aws:scheduler:{region}:{account}:schedule/{group}/{unquote(path.split('/')[2])}"
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if service == "glue" and operation == "DeleteDatabase":  # ministack takes its name for a table's
            return f"arn:aws:glue:{region}:{account}:database/{_json(body).get('Name')}"
        if service == "athena" and operation in athena.OF_A_WORKGROUP:
            return f"arn:aws:athena:{region}:{account}:workgroup/{athena.workgroup(_json(body))}"
        return str(original(service, method, path, headers, body, query, region, account))

    iam_actions.extract_resource_arn = extract_resource_arn


def _name_them_in_refusals() -> None:
    original = iam_actions.access_denied_response

    def access_denied_response(
        service: str, action: str, principal_arn: str, request_id: str, **more: Any
    ) -> Any:
        if service in {personalize_service.NAME, "scheduler"} and not more.get("error_code"):
            more["message"] = iam_actions.identity_denial_message(
                action, principal_arn, more.get("resource_arn", "*"), more.get("explicit_deny", False)
            )
        return original(service, action, principal_arn, request_id, **more)

    iam_actions.access_denied_response = access_denied_response


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
