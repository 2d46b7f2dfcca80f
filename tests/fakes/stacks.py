# SPDX-License-Identifier: Apache-2.0
"""A stack of imports, as CloudFormation remembers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.account import Account
    from tests.fakes.deployments import Deployment
    from tests.fakes.wait_conditions import WaitCondition

Properties = dict[str, Any]
Template = dict[str, Properties]
Content = tuple[object, ...]


def content_of(properties: Mapping[str, Any]) -> Content:
    """What an import of these properties puts into a dataset."""
    source = properties.get("DataSource")
    location = source.get("DataLocation") if isinstance(source, dict) else None
    return (
        properties.get("DatasetArn"),
        files_of(properties) or location,
        properties.get("ImportMode"),
        properties.get("PublishAttributionMetricsToS3"),
        properties.get("Revision"),
    )


def files_of(properties: Mapping[str, Any]) -> str:
    """The hash of staged files, wherever their copies lie; empty if the data is not staged."""
    prefix: str = properties.get("Staging", {}).get("Prefix", "")
    return prefix.rstrip("/").rpartition("/")[2]


@dataclass
class Resource:
    """An import. `failed` is set where its Create failed and was not rolled back."""

    properties: Properties
    physical_id: str
    failed: bool = False


@dataclass(eq=False)
class Stack:
    """One stack, root or nested.

    Attributes:
        service_token: The ARN of its function.
        resources: The imports by their logical ids.
        waits: The wait conditions of each import: that of the template, and a new one during a deployment.
        stuck: The ids of Deletes and of rollbacks' Updates that failed.
        replays: Whether a failed request is sent again, with the same RequestId.
        is_made: Whether the stack exists, with its function, schedule group and table.
    """

    account: Account
    name: str
    parent: Stack | None = None
    id: str = ""
    service_token: str = ""
    status: str = ""
    created: float = 0.0
    is_made: bool = False
    replays: bool = False
    resources: dict[str, Resource] = field(default_factory=dict)
    waits: dict[str, list[WaitCondition]] = field(default_factory=dict)
    stuck: list[str] = field(default_factory=list)

    @property
    def root(self) -> Stack:
        """The root stack; the stack itself where it is not nested."""
        return self.parent.root if self.parent else self

    @property
    def template(self) -> Template:
        """The properties of each import, as they are deployed."""
        return {name: resource.properties for name, resource in self.resources.items()}

    def deploy(self, wanted: Template, **options: Any) -> bool:
        """Deploy this stack alone; see `Deployment` for the options."""
        from tests.fakes.deployments import Deployment

        return Deployment(self.account, {self: wanted}, **options).run()

    def delete(self, deployment: Deployment | None = None) -> None:
        """Delete the imports, then the stack with its function, schedule group and table."""
        self.status = "DELETE_IN_PROGRESS"
        for logical_id, resource in reversed(list(self.resources.items())):
            self.delete_resource(logical_id, resource, deployment)
            self.resources.pop(logical_id, None)
        self.account.drop(self, "DELETE_COMPLETE")

    def delete_resource(
        self, logical_id: str, resource: Resource, deployment: Deployment | None = None
    ) -> None:
        """Delete one import, as part of a deployment if there is one, and wait for the answer."""
        cloudformation = self.account.cloudformation
        request = cloudformation.send(
            "Delete", self.id, logical_id, resource.properties, PhysicalResourceId=resource.physical_id
        )
        if deployment:
            deployment.requests.append(request)
        cloudformation.wait(request)
        if not request.succeeded:
            self.stuck.append(request.id)
