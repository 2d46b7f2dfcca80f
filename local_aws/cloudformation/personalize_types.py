# SPDX-License-Identifier: Apache-2.0
"""The resource types of AWS::Personalize. A resource is complete when it is ACTIVE."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.services.cloudformation import provisioners, stacks

from ..personalize import ServiceError
from ..personalize_service import Services

PREFIX = "AWS::Personalize::"
TAGS = "Tags"
LOOK_AGAIN = 0.1
"""Seconds between two checks whether a resource is ACTIVE or deleted."""

HANDLER_CODES = {
    "ResourceAlreadyExistsException": "AlreadyExists",
    "ResourceNotFoundException": "NotFound",
    "ResourceInUseException": "ResourceConflict",
    "LimitExceededException": "ServiceLimitExceeded",
}


@dataclass(frozen=True)
class ResourceType:
    """A resource type: its operations, its properties with their names in the API, and its attribute.

    Every property, including Tags, is create-only: a change replaces the resource. `beyond` are the
    properties of CloudFormation that are missing here.
    """

    name: str
    properties: dict[str, str]
    required: frozenset[str]
    arn: str
    lasting: bool = True
    beyond: frozenset[str] = frozenset()

    @property
    def attribute(self) -> str:
        """The name of the ARN's attribute, such as SchemaArn."""
        return self.arn[0].upper() + self.arn[1:]


TYPES = (
    ResourceType(
        "Schema", {"Name": "name", "Schema": "schema", "Domain": "domain"}, frozenset({"Name", "Schema"}),
        "schemaArn", lasting=False,
    ),
    ResourceType(
        "DatasetGroup",
        {"Name": "name", "RoleArn": "roleArn", "KmsKeyArn": "kmsKeyArn", "Domain": "domain"},
        frozenset({"Name"}),
        "datasetGroupArn",
    ),
    ResourceType(
        "Dataset",
        {
            "Name": "name",
            "SchemaArn": "schemaArn",
            "DatasetGroupArn": "datasetGroupArn",
            "DatasetType": "datasetType",
        },
        frozenset({"Name", "SchemaArn", "DatasetGroupArn", "DatasetType"}),
        "datasetArn",
        beyond=frozenset({"DatasetImportJob"}),
    ),
    ResourceType(
        "Solution",
        {
            "Name": "name",
            "DatasetGroupArn": "datasetGroupArn",
            "EventType": "eventType",
            "PerformAutoML": "performAutoML",
            "PerformHPO": "performHPO",
            "RecipeArn": "recipeArn",
        },
        frozenset({"Name", "DatasetGroupArn"}),
        "solutionArn",
        beyond=frozenset({"SolutionConfig"}),
    ),
    ResourceType(
        "Recommender",
        {"Name": "name", "DatasetGroupArn": "datasetGroupArn", "RecipeArn": "recipeArn"},
        frozenset({"Name", "DatasetGroupArn", "RecipeArn"}),
        "recommenderArn",
        beyond=frozenset({"RecommenderConfig"}),
    ),
)  # fmt: skip


class Handlers:
    """Create and Delete of one resource type."""

    def __init__(self, kind: ResourceType, services: Services) -> None:
        self._kind = kind
        self._services = services

    def create(self, logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        """Create the resource and wait until it is ACTIVE. Its ARN is its physical id and its attribute."""
        params = self._params(props)
        tags = _tags(props)
        # CreateSchema has no parameter for tags.
        at_once = {"tags": tags} if tags and self._kind.lasting else {}
        arn = self._call(f"Create{self._kind.name}", params | at_once)[self._kind.arn]
        if tags and not at_once:
            self._call("TagResource", {"resourceArn": arn, "tags": tags})
        if self._kind.lasting:
            self._wait(arn, lambda status: status == "ACTIVE")
        return arn, {self._kind.attribute: arn}

    def delete(self, arn: str, props: dict[str, Any]) -> None:
        """Delete the resource and wait until it is deleted. A missing resource counts as deleted."""
        try:
            self._call(f"Delete{self._kind.name}", {self._kind.arn: arn})
            if self._kind.lasting:
                self._wait(arn, lambda status: status is None)
        except _HandlerError as error:
            if error.code != "NotFound":
                raise

    def _params(self, props: dict[str, Any]) -> dict[str, Any]:
        for name in sorted(self._kind.beyond & set(props)):
            raise ValueError(
                f"The embedded AWS does not know the property {name} of {PREFIX}{self._kind.name}."
            )
        unknown = sorted(set(props) - set(self._kind.properties) - {TAGS})
        missing = sorted(self._kind.required - set(props))
        if unknown or missing:
            problems = [f"#: extraneous key [{name}] is not permitted" for name in unknown]
            problems += [f"#: required key [{name}] not found" for name in missing]
            raise ValueError(
                f"Properties validation failed for resource with message: [{', '.join(problems)}]"
            )
        return {name: props[key] for key, name in self._kind.properties.items() if props.get(key) is not None}

    def _wait(self, arn: str, done: Callable[[str | None], bool]) -> None:
        while not done(self._status(arn)):
            time.sleep(LOOK_AGAIN)

    def _status(self, arn: str) -> str | None:
        member = self._kind.arn.removesuffix("Arn")
        try:
            return str(self._call(f"Describe{self._kind.name}", {self._kind.arn: arn})[member]["status"])
        except _HandlerError as error:
            if error.code == "NotFound":
                return None
            raise

    def _call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._services.here().handle(operation, params)
        except ServiceError as error:
            raise _HandlerError(error) from error


class _HandlerError(RuntimeError):
    """A failure with the message of a resource handler of CloudFormation."""

    def __init__(self, error: ServiceError) -> None:
        self.code = HANDLER_CODES.get(error.code, "InvalidRequest")
        super().__init__(
            f'Resource handler returned message: "{error.message} (Service: Personalize, '
            f'Status Code: {error.status}, Request ID: {uuid.uuid4()})" '
            f"(RequestToken: {uuid.uuid4()}, HandlerErrorCode: {self.code})"
        )


def _tags(props: dict[str, Any]) -> list[dict[str, Any]]:
    """Return tags in the form of the API."""
    return [{"tagKey": tag.get("Key"), "tagValue": tag.get("Value")} for tag in props.get(TAGS) or []]


def register(services: Services) -> None:
    """Add the types. They are provisioned on worker threads, because they wait."""
    for kind in TYPES:
        handlers = Handlers(kind, services)
        provisioners._RESOURCE_HANDLERS[PREFIX + kind.name] = {
            "create": handlers.create,
            "delete": handlers.delete,
        }
        provisioners._REPLACING_PROPERTIES[PREFIX + kind.name] = frozenset({*kind.properties, TAGS})
    on_worker_thread = stacks._runs_on_worker_thread

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type.startswith(PREFIX) or bool(on_worker_thread(resource_type))

    stacks._runs_on_worker_thread = runs_on_worker_thread
