# SPDX-License-Identifier: Apache-2.0
"""Adds the model to ministack as a service with the protocol JSON 1.1, one for each account and region."""

import json
import threading
import time
import uuid
from datetime import datetime
from typing import Any

from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.concurrency import run_offloop
from ministack.core.responses import get_account_id, get_region

from .access import access_key_of_request, caller_arn
from .personalize import AccessChecker, ObjectReader, Personalize, ServiceError, Timing

NAME = "personalize"
TARGET = "AmazonPersonalize."
_ARNS = (
    "datasetImportJobArn",
    "datasetArn",
    "datasetGroupArn",
    "schemaArn",
    "solutionArn",
    "recommenderArn",
    "resourceArn",
)
"""The parameters that name resources of the service."""

_Response = tuple[int, dict[str, str], bytes]


class Services:
    """Personalize in every account and region that is used.

    Args:
        access: Checks permissions.
        objects: Reads the data.
        timing: The durations of the service.
    """

    def __init__(self, access: AccessChecker, objects: ObjectReader, timing: Timing) -> None:
        self.timing = timing
        self._access, self._objects = access, objects
        self._models: dict[tuple[str, str], Personalize] = {}
        self._lock = threading.Lock()

    def here(self) -> Personalize:
        """The service of the account and region of the current request."""
        where = get_account_id(), get_region()
        with self._lock:
            if where not in self._models:
                self._models[where] = Personalize(
                    clock=time.time,
                    access=self._access,
                    objects=self._objects,
                    account=where[0],
                    region=where[1],
                    timing=self.timing,
                )
            return self._models[where]

    def all(self) -> list[Personalize]:
        """All of them."""
        with self._lock:
            return list(self._models.values())


def register(ministack_app: Any, services: Services) -> None:
    """Route requests for Personalize to the model, with the permission checks of all services."""

    async def handler(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> _Response:
        return await run_offloop(_answer, services, headers, body)  # type: ignore[no-any-return]

    router.SERVICE_PATTERNS[NAME] = {"target_prefixes": [TARGET], "credential_scope": NAME}
    ministack_app.SERVICE_HANDLERS[NAME] = handler
    iam_actions.SERVICE_TO_IAM_NAMESPACE[NAME] = NAME


def resource_arns(operation: str, params: dict[str, Any]) -> list[str]:
    """The ARNs on which a call is authorised, as the Service Authorization Reference has them."""
    named = [str(params[name]) for name in _ARNS if params.get(name) and not operation.startswith("List")]
    prefix = f"arn:aws:personalize:{get_region()}:{get_account_id()}"
    created = {
        "CreateDatasetImportJob": f"{prefix}:dataset-import-job/{params.get('jobName')}",
        "CreateDatasetGroup": f"{prefix}:dataset-group/{params.get('name')}",
        "CreateSchema": f"{prefix}:schema/{params.get('name')}",
        "CreateSolution": f"{prefix}:solution/{params.get('name')}",
        "CreateRecommender": f"{prefix}:recommender/{params.get('name')}",
    }
    if operation == "CreateDataset":
        group = str(params.get("datasetGroupArn", "")).rsplit("/", 1)[-1]
        named.append(f"{prefix}:dataset/{group}/{str(params.get('datasetType')).upper()}")
    if operation in created:
        named.append(created[operation])
    if operation == "ListTagsForResource":
        named.append(str(params.get("resourceArn")))
    return named or ["*"]


def _answer(services: Services, headers: dict[str, str], body: bytes) -> _Response:
    operation = headers.get("x-amz-target", "").removeprefix(TARGET)
    try:
        params = json.loads(body or b"{}")
        if not isinstance(params, dict):
            raise ValueError("not an object")
    except ValueError as problem:
        return _response(400, {"__type": "SerializationException", "message": str(problem)})
    access_key = router.extract_access_key_id(headers)
    denied = _denied(access_key, operation, params, headers)
    if denied:
        return denied
    token = access_key_of_request.set(access_key)
    try:
        return _response(200, services.here().handle(operation, params, caller_arn(access_key)))
    except ServiceError as error:
        return _response(error.status, {"__type": error.code, "message": error.message})
    finally:
        access_key_of_request.reset(token)


def _denied(
    access_key: str, operation: str, params: dict[str, Any], headers: dict[str, str]
) -> _Response | None:
    """Return the refusal if the caller's policies allow the call on its first resource but not on all."""
    needed = [(f"personalize:{operation}", arn) for arn in resource_arns(operation, params)[1:]]
    if params.get("tags") and operation.startswith("Create"):
        needed.append(("personalize:TagResource", resource_arns(operation, params)[-1]))
    for action, arn in needed:
        refused = iam_evaluator.enforce(access_key, action, NAME, get_region(), resource_arn=arn)
        if refused is not None:
            answer: _Response = iam_actions.access_denied_response(
                NAME, action, refused.principal_arn, str(uuid.uuid4()), headers=headers, resource_arn=arn,
                explicit_deny=refused.decision == "Deny",
            )  # fmt: skip
            return answer
    return None


def _response(status: int, answer: dict[str, Any]) -> _Response:
    body = json.dumps(answer, default=_seconds).encode()
    return status, {"Content-Type": "application/x-amz-json-1.1"}, body


def _seconds(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} cannot be sent")
