# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import cast

import jsii
from aws_cdk import Annotations, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct, IValidation

from cdk_personalize_import.access import bucket_statements
from cdk_personalize_import.data_location import DataLocation
from cdk_personalize_import.find_child import find_child
from cdk_personalize_import.plain_json import plain
from cdk_personalize_import.readers import Reader
from cdk_personalize_import.statements import grow

_ID = "PersonalizeImports"

LARGEST_POLICY = 20 * 1024
"""Bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html"""

_SHORTEST_NAME, _LONGEST_NAME = 3, 63


class BucketAccess(Construct):
    """What the policy of a bucket lets Personalize read, of all imports of all stacks; no resource by itself.

    There is one statement for all locations rather than one for each, because a bucket's policy is small.
    """

    @classmethod
    def of(cls, bucket: s3.IBucket) -> BucketAccess:
        """Return the one of the bucket."""
        return find_child(bucket, _ID, cls) or cls(_construct_of(bucket), _ID, bucket=bucket)

    def __init__(self, scope: Construct, construct_id: str, *, bucket: s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        self._bucket = bucket
        self._statements: dict[str, iam.PolicyStatement] = {}
        self._results: dict[str, iam.AddToResourcePolicyResult] = {}
        self._keys: dict[str, set[str]] = {}
        self.node.add_validation(_SizeValidation(bucket))

    def allow(self, reader: Reader, location: DataLocation) -> iam.AddToResourcePolicyResult:
        """Let a principal read a location too; return whether the policy could be changed."""
        name = self._name(reader)
        keys = self._keys.setdefault(name, set())
        if location.keys not in keys:
            keys.add(location.keys)
            statement = self._statements.get(name)
            if statement is None or not grow(statement, location.objects_arn):
                (statement,) = bucket_statements(location, [reader])
                self._statements[name] = statement
                self._results[name] = self._bucket.add_to_resource_policy(statement)
        return self._results[name]

    def _name(self, reader: Reader) -> str:
        """Tell readers apart as the bucket's own stack will see them: by their conditions.

        Only the service may have none. A role's name it, and the service's name the account and region.
        """
        if not reader.conditions:
            return ""
        return json.dumps(Stack.of(self._bucket).resolve(reader.conditions), sort_keys=True)


def _construct_of(bucket: s3.IBucket) -> Construct:
    """Return the bucket itself, of which `jsii.unsafe_cast` may have made a mere interface."""
    return bucket if isinstance(bucket, Construct) else cast(Construct, bucket.node.scopes[-1])


@jsii.implements(IValidation)
class _SizeValidation:
    """The check of a bucket's policy, which is complete only when the app is synthesised."""

    def __init__(self, bucket: s3.IBucket) -> None:
        self._bucket = bucket

    def validate(self) -> list[str]:
        """Return that the policy is too large, if it is however short the bucket's name will be."""
        if self._bucket.policy is None:
            return []
        if self._size(_SHORTEST_NAME) > LARGEST_POLICY:
            return [
                f"the policy of the bucket must have at most {LARGEST_POLICY} bytes, got "
                f"{self._size(_SHORTEST_NAME)} or more. Import folders rather than files, or let "
                "the imports share a prefix that ends in '/'."
            ]
        if self._size(_LONGEST_NAME) > LARGEST_POLICY:
            Annotations.of(self._bucket).add_warning_v2(
                "cdk-personalize-import:bucketPolicyLarge",
                f"The policy of the bucket may have {LARGEST_POLICY} bytes, and will have up to "
                f"{self._size(_LONGEST_NAME)} if CloudFormation gives the bucket a long name. "
                "Import folders rather than files, or give the bucket a short name.",
            )
        return []

    def _size(self, length_of_name: int) -> int:
        """Count the bytes of the policy, with a bucket's name of that length where it is not known yet."""
        stack = Stack.of(self._bucket)
        arn = "arn:aws:s3:::" + "n" * length_of_name
        known = {json.dumps(stack.resolve(self._bucket.bucket_arn)): arn}
        policy = self._bucket.policy
        document = plain(stack.resolve(policy.document if policy else {}), stack, known)
        return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
