# SPDX-License-Identifier: Apache-2.0
"""Warnings that print the statements which the app cannot add to a policy. docs/access.md lists their ids."""

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
    """Warn that the app cannot add statements to the policy of a bucket."""
    unknown_key = (
        "If the bucket is encrypted with a KMS key, refer to the bucket with "
        "Bucket.from_bucket_attributes(encryption_key=...), so that the role may use the key. "
    )
    _warn(
        scope,
        "bucketPolicyNotAdded",
        f"The app cannot change the policy of bucket {_name(scope, bucket.bucket_name)}, because it only "
        "refers to the bucket. Without the statements below, the import fails with 'Insufficient privileges "
        f"for accessing data in S3'. {'' if bucket.encryption_key else unknown_key}Add the statements where "
        "the bucket is created, or acknowledge this warning if its policy has them: ",
        statements,
    )


def warn_of_key(scope: Construct, key: kms.IKey, statements: Sequence[iam.PolicyStatement]) -> None:
    """Warn that the app cannot add statements to the policy of a bucket's key."""
    _warn(
        scope,
        "keyPolicyNotAdded",
        f"The app cannot change the policy of key {_name(scope, key.key_arn)}, because it only refers to the "
        "key. Without the statements below, Personalize cannot decrypt the data, and the import fails. Add "
        "the statements where the key is created, or acknowledge this warning if its policy has them: ",
        statements,
    )


def warn_of_aws_managed_key(scope: Construct, bucket: s3.IBucket) -> None:
    """Warn that nobody can allow Personalize to use the key of a bucket."""
    Annotations.of(scope).add_warning_v2(
        "cdk-personalize-import:awsManagedKey",
        f"Bucket {_name(scope, bucket.bucket_name)} is encrypted with aws/s3, a key that AWS manages. Nobody "
        "can change its policy, and no document says that it allows Personalize, so the import may fail. Use "
        "s3.BucketEncryption.KMS or S3_MANAGED, or acknowledge this warning if imports from the bucket "
        "succeed.",
    )


def warn_of_staging_key(scope: Construct, key: kms.IKey, statements: Sequence[iam.PolicyStatement]) -> None:
    """Warn that the app cannot add statements for the handler to the policy of a staging bucket's key."""
    _warn(
        scope,
        "stagingKeyPolicyNotAdded",
        f"The app cannot change the policy of key {_name(scope, key.key_arn)}, because it only refers to the "
        "key. The function of the imports encrypts its copies of the files with the key. The policy of its "
        "role allows that, but only counts if the key's policy delegates to the account, as the default "
        "policy of a key does. Without the statement below, the import fails with AccessDenied. Add it "
        "where the key is created, or acknowledge this warning if the key's policy has it: ",
        statements,
    )


def warn_of_role(scope: Construct, role: iam.IRole, statements: Sequence[iam.PolicyStatement]) -> None:
    """Warn that the app cannot add statements to the policies of a role."""
    _warn(
        scope,
        "rolePolicyNotAdded",
        f"The app cannot change the policies of role {_name(scope, role.role_arn)}. Without the statements "
        "below, Personalize cannot read the data, and the import fails. Add the statements where the role is "
        "created, or acknowledge this warning if its policies have them: ",
        statements,
    )


def _warn(scope: Construct, warning: str, message: str, statements: Sequence[iam.PolicyStatement]) -> None:
    scope.node.add_validation(
        cast(IValidation, _Warning(scope, f"cdk-personalize-import:{warning}", message, statements))
    )


@jsii.implements(IValidation)
class _Warning:
    """A warning that is rendered after all aspects, because an aspect may change the path of a role."""

    def __init__(
        self, scope: Construct, warning: str, message: str, statements: Sequence[iam.PolicyStatement]
    ) -> None:
        self._scope = scope
        self._id = warning
        self._message = message
        self._statements = statements

    def validate(self) -> list[str]:
        """Add the warning, and return no errors. The CDK calls it."""
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
    """Replace the intrinsic functions of a resolved value by placeholders, for use outside of the stack.

    The placeholders are `ACCOUNT_ID`, `REGION`, `${LogicalId}` as in `Fn::Sub`, `${ExportName}`, and
    otherwise the function's name. A partition that synth does not know becomes `aws`.

    Args:
        value: The resolved value.
        stack: The stack in which it was resolved.
        known: Texts for intrinsic functions, by the JSON of the function.
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
            case {"Fn::Sub": str(template)} | {"Fn::Sub": [str(template), *_]}:
                return _PSEUDO_PARAMETER.sub(lambda found: str(text({"Ref": found[1]})), template)
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
