# SPDX-License-Identifier: Apache-2.0
"""Warnings that tell what the app cannot allow by itself, with the statements, ready to be pasted.

Each has an id, by which `Annotations.of(scope).acknowledge_warning(id)` silences it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

import jsii
from aws_cdk import Annotations, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IValidation

from cdk_personalize_import.plain_json import plain


def warn_of_bucket(scope: Construct, bucket: s3.IBucket, statements: Sequence[iam.PolicyStatement]) -> None:
    """Tell what the policy of a bucket lacks."""
    unknown_key = (
        "If the bucket is encrypted with a key of AWS KMS, refer to it with "
        "Bucket.from_bucket_attributes(encryption_key=...), so that the role may use the key. "
    )
    _warn(
        scope,
        "bucketPolicyNotAdded",
        f"The policy of bucket {_name(scope, bucket.bucket_name)} cannot be changed from here, because this "
        "app only refers to the bucket. Unless its policy holds these statements already, the import will "
        "fail with 'Insufficient privileges for accessing data in S3'. "
        f"{'' if bucket.encryption_key else unknown_key}Add them where the bucket is made: ",
        statements,
    )


def warn_of_key(scope: Construct, key: kms.IKey, statements: Sequence[iam.PolicyStatement]) -> None:
    """Tell what the policy of a bucket's key lacks."""
    _warn(
        scope,
        "keyPolicyNotAdded",
        f"The policy of key {_name(scope, key.key_arn)} cannot be changed from here, because this app only "
        "refers to the key. Unless its policy holds these statements already, Personalize cannot decrypt "
        "the data, and the import will fail. Add them where the key is made: ",
        statements,
    )


def warn_of_role(scope: Construct, role: iam.IRole, statements: Sequence[iam.PolicyStatement]) -> None:
    """Tell what the policies of a role lack."""
    _warn(
        scope,
        "rolePolicyNotAdded",
        f"The policies of role {_name(scope, role.role_arn)} cannot be changed from here. Unless they hold "
        "these statements already, Personalize cannot read the data in this role, and the import will "
        "fail. Add them where the role is made: ",
        statements,
    )


def _warn(scope: Construct, warning: str, message: str, statements: Sequence[iam.PolicyStatement]) -> None:
    scope.node.add_validation(
        cast(IValidation, _Warning(scope, f"cdk-personalize-import:{warning}", message, statements))
    )


@jsii.implements(IValidation)
class _Warning:
    """A warning that is written after all aspects, which may change the role that a statement means."""

    def __init__(
        self, scope: Construct, warning: str, message: str, statements: Sequence[iam.PolicyStatement]
    ) -> None:
        self._scope = scope
        self._id = warning
        self._message = message
        self._statements = statements

    def validate(self) -> list[str]:
        """Add the warning, and find no fault. Called by the CDK."""
        stack = Stack.of(self._scope)
        resolved = stack.resolve([statement.to_statement_json() for statement in self._statements])
        printed = json.dumps(plain(resolved, stack), indent=2)
        Annotations.of(self._scope).add_warning_v2(self._id, f"{self._message}{printed}")
        return []


def _name(scope: Construct, value: str) -> str:
    stack = Stack.of(scope)
    return str(plain(stack.resolve(value), stack))
