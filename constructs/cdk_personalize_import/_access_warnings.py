# SPDX-License-Identifier: Apache-2.0
"""Warnings with the statements that the app cannot add by itself, ready to be pasted.

Each has an id, by which `Annotations.of(scope).acknowledge_warning(id)` silences it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import jsii
from aws_cdk import Annotations, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.region_info import RegionInfo
from constructs import Construct, IValidation

from cdk_personalize_import._cdk import is_token


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
        printed = json.dumps(to_plain_json(resolved, stack), indent=2)
        Annotations.of(self._scope).add_warning_v2(self._id, f"{self._message}{printed}")
        return []


def _name(scope: Construct, value: str) -> str:
    stack = Stack.of(scope)
    return str(to_plain_json(stack.resolve(value), stack))


_PLACES = {"AWS::AccountId": "ACCOUNT_ID", "AWS::Region": "REGION"}
_PSEUDO_PARAMETER = re.compile(r"\$\{(AWS::\w+)\}")


def to_plain_json(value: Any, stack: Stack, known: Mapping[str, str] | None = None) -> Any:
    """Write what has been resolved as plain JSON, as somebody outside of the stack needs it.

    What only the deployment knows is named: the account `ACCOUNT_ID`, the region `REGION`, anything else as
    `Fn::Sub` names it, `${LogicalId}`, with the export's name or the function's where there is no other. A
    partition that is not known is taken for `aws`.

    Args:
        value: What has been resolved.
        stack: The stack that it belongs to.
        known: What stands for intrinsic functions, by their JSON.
    """

    def text(part: Any) -> Any:
        if known and isinstance(part, dict) and json.dumps(part) in known:
            return known[json.dumps(part)]
        match part:
            case {"Fn::Join": [separator, list(parts)]}:
                return separator.join(str(text(member)) for member in parts)
            case {"Ref": "AWS::Partition"}:
                return _partition(stack)
            case {"Ref": name}:
                return _PLACES.get(name, f"${{{name}}}")
            case {"Fn::GetAtt": [name, attribute]}:
                return f"${{{name}.{attribute}}}"
            case {"Fn::ImportValue": name}:
                return f"${{{text(name)}}}"
            case {"Fn::Sub": str(words)} | {"Fn::Sub": [str(words), *_]}:
                return _PSEUDO_PARAMETER.sub(lambda found: str(text({"Ref": found[1]})), words)
            case Mapping() if next(iter(part), "").startswith("Fn::"):
                return f"${{{next(iter(part))}}}"
            case Mapping():
                return {key: text(member) for key, member in part.items()}
            case list():
                return [text(member) for member in part]
        return part

    return text(value)


def _partition(stack: Stack) -> str:
    known = None if is_token(stack.region) else RegionInfo.get(stack.region).partition
    return known or "aws"
