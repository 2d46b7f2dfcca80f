# SPDX-License-Identifier: Apache-2.0
"""What Amazon Personalize must be allowed to do with the data, by its role and by the bucket.

Both are needed: https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aws_cdk import Annotations, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable

from cdk_personalize_import.data_location import DataLocation

PERSONALIZE = "personalize.amazonaws.com"


def read_statements(location: DataLocation, *principals: iam.IPrincipal) -> list[iam.PolicyStatement]:
    """Allow to read the location and to list what lies there, and nothing else of the bucket."""
    return [
        iam.PolicyStatement(
            actions=["s3:GetObject"],
            principals=list(principals) or None,
            resources=[location.bucket.arn_for_objects(location.keys)],
        ),
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            principals=list(principals) or None,
            resources=[location.bucket.bucket_arn],
            # The whole bucket needs no condition, which would also refuse a list without any prefix.
            conditions={"StringLike": {"s3:prefix": location.keys}} if location.key else None,
        ),
    ]


def let_role_read(role: iam.IRole, location: DataLocation) -> Iterator[IDependable]:
    """Let a role read the location, where the role's policy is ours to change; yield what to wait for."""
    for statement in read_statements(location):
        result = role.add_to_principal_policy(statement)
        if result.policy_dependable is not None:
            yield result.policy_dependable


def let_personalize_read(scope: Construct, location: DataLocation) -> Iterator[IDependable]:
    """Let Personalize read the location by the bucket's policy; yield what to wait for.

    The policy of a bucket that the app only refers to cannot be changed: a warning then tells what it lacks.
    """
    missing = []
    for statement in read_statements(location, iam.ServicePrincipal(PERSONALIZE)):
        result = location.bucket.add_to_resource_policy(statement)
        if not result.statement_added:
            missing.append(statement)
        elif result.policy_dependable is not None:
            yield result.policy_dependable
    if missing:
        _warn_of_missing(scope, location, missing)


def _warn_of_missing(scope: Construct, location: DataLocation, statements: list[iam.PolicyStatement]) -> None:
    stack = Stack.of(scope)
    bucket = _readable(stack.resolve(location.bucket.bucket_name))
    printed = _readable(stack.resolve([statement.to_statement_json() for statement in statements]))
    Annotations.of(scope).add_warning_v2(
        "cdk-personalize-import:bucketPolicyNotAdded",
        f"The policy of bucket {bucket} cannot be changed from here, because this app only refers to the "
        "bucket. Unless its policy holds these statements already, the import will fail with 'Insufficient "
        f"privileges for accessing data in S3'; add them where the bucket is made: {json.dumps(printed)}",
    )


def _readable(value: Any) -> Any:
    """Write CloudFormation's joins and references as one string, as `Fn::Sub` does."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return separator.join(str(_readable(part)) for part in parts)
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case Mapping():
            return {key: _readable(member) for key, member in value.items()}
        case list():
            return [_readable(member) for member in value]
    return value
