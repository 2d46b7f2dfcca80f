# SPDX-License-Identifier: Apache-2.0
"""Imports with default properties, and readers of their template."""

from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource

DATASET_ARN = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/INTERACTIONS"
OTHER_DATASET = "arn:aws:personalize:eu-west-1:111122223333:dataset/shop/ITEMS"
IMPORT = "Custom::PersonalizeDatasetImportJob"
FUNCTION = "AWS::Lambda::Function"
TABLE = "AWS::DynamoDB::Table"
STAGING = "PersonalizeImportHandlerStagingAA739DA5"
ASSETS = {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}
HANDLER_POLICY = "PersonalizeImportHandlerRoleDefaultPolicyEFAE7F14"


class Imports:
    """Makes imports in a stack."""

    def __init__(self, stack: cdk.Stack, bucket: s3.IBucket) -> None:
        self.stack = stack
        self.bucket = bucket

    def add(
        self, construct_id: str = "Import", *, scope: Construct | None = None, **properties: Any
    ) -> DatasetImportJob:
        """Add an import of a folder in the bucket, with other properties if they are given."""
        defaults: dict[str, Any] = {
            "dataset_arn": DATASET_ARN,
            "data_source": DataSource.from_bucket(self.bucket, "interactions/"),
        }
        if properties.get("dataset") is not None and "dataset_arn" not in properties:
            del defaults["dataset_arn"]
        return DatasetImportJob(scope or self.stack, construct_id, **{**defaults, **properties})

    def template(self) -> Template:
        """Synthesise the stack."""
        return Template.from_stack(self.stack)

    def properties(self) -> dict[str, Any]:
        """Synthesise the stack and return the properties of its only import."""
        (resource,) = of_type(self.template(), IMPORT).values()
        properties: dict[str, Any] = resource["Properties"]
        return properties


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """Pick the resources of a type, by logical id."""
    return {name: dict(resource) for name, resource in template.find_resources(kind).items()}


def statements(template: Template, logical_id: str) -> list[dict[str, Any]]:
    """Return the statements of a policy."""
    policy = template.to_json()["Resources"][logical_id]["Properties"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def arn(service: str, resource: str, *, region: bool = True) -> dict[str, Any]:
    """Return an ARN of the stack's own environment, as CloudFormation joins it."""
    place: list[Any] = [{"Ref": "AWS::Region"}, ":"] if region else []
    separator = ":" if region else "::"
    parts = [
        "arn:",
        {"Ref": "AWS::Partition"},
        f":{service}{separator}",
        *place,
        {"Ref": "AWS::AccountId"},
        f":{resource}",
    ]
    return {"Fn::Join": ["", parts]}


def circle(template: Template) -> list[str]:
    """Return logical ids of which each needs the next and the last the first; none if there are none."""
    resources = template.to_json()["Resources"]
    needs = {name: set(_references(resource)) & set(resources) for name, resource in resources.items()}
    while free := [name for name, needed in needs.items() if not needed & set(needs)]:
        for name in free:
            del needs[name]
    return sorted(needs)


def _references(value: Any) -> Iterator[str]:
    """Find the logical ids that a part of a template needs."""
    if isinstance(value, list):
        for member in value:
            yield from _references(member)
    elif isinstance(value, dict):
        for key, member in value.items():
            if key == "Ref":
                yield member
            elif key == "Fn::GetAtt":
                yield member[0]
            elif key == "DependsOn":
                yield from [member] if isinstance(member, str) else member
            else:
                yield from _references(member)


def allowed(template: Template, kind: str, document: str) -> list[dict[str, Any]]:
    """Return the statements of a stack's only policy of a kind."""
    (resource,) = of_type(template, kind).values()
    found: list[dict[str, Any]] = resource["Properties"][document]["Statement"]
    return found
