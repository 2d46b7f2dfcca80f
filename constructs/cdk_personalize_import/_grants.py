# SPDX-License-Identifier: Apache-2.0
"""Lets Personalize read the data wherever the app can change a policy, and warns of the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

import jsii
from aws_cdk import Annotations, Names, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct, IDependable, IValidation

from cdk_personalize_import._access import (
    ReadPrincipal,
    ReadPrincipals,
    bucket_statements,
    key_statements,
    role_statements,
)
from cdk_personalize_import._access_warnings import to_plain_json, warn_of_bucket, warn_of_key, warn_of_role
from cdk_personalize_import._cdk import find_child, stack_of
from cdk_personalize_import._data_location import DataLocation


def try_add_resource(statement: iam.PolicyStatement, resource: str) -> bool:
    """Add a resource to a statement; tell whether that was still possible.

    Whatever resolves a policy, a synthesis for one, freezes the statements that it has so far.
    """
    try:
        statement.add_resources(resource)
    except RuntimeError:
        # Asked afterwards, since it is rare, and each question is a call of Node.js.
        if not statement.frozen:
            raise
        return False
    return True


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

    def allow(self, reader: ReadPrincipal, location: DataLocation) -> iam.AddToResourcePolicyResult:
        """Let a principal read a location too; return whether the policy could be changed."""
        name = self._name(reader)
        keys = self._keys.setdefault(name, set())
        if location.keys not in keys:
            keys.add(location.keys)
            statement = self._statements.get(name)
            if statement is None or not try_add_resource(statement, location.objects_arn):
                (statement,) = bucket_statements(location, [reader])
                self._statements[name] = statement
                self._results[name] = self._bucket.add_to_resource_policy(statement)
        return self._results[name]

    def _name(self, reader: ReadPrincipal) -> str:
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
        document = to_plain_json(stack.resolve(policy.document if policy else {}), stack, known)
        return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


_POLICY_ID = "RolePolicy"

_LONGEST_POLICY_NAME = 128
"""See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""


def let_role_read(scope: Construct, role: iam.IRole, location: DataLocation) -> Iterator[IDependable]:
    """Let a given role read the location, where its policy is ours to change; yield what to wait for."""
    statements = role_statements(scope, location)
    if _belongs_here(scope, role):
        holder: IConstruct = scope
        yield from _attach_policy(scope, role, statements)
    else:
        holder = role
        yield from _add_to_policy(role, statements)
    # A role that cannot be changed says that the statement has been added, but gets no policy.
    if not any(isinstance(child, iam.Policy) for child in holder.node.find_all()):
        warn_of_role(scope, role, statements)


def _belongs_here(scope: Construct, role: iam.IRole) -> bool:
    """Whether the stack of the import has to hold the policy of a role, because that is of another stack.

    The CDK puts what is added to a role into the role's stack, which is deployed before the import's. That
    stack would wait for the data, which may be of a stack that comes after it; and it would forget the old
    location before the import's stack is updated, so that a rollback could not read it.
    """
    return stack_of(role) is not stack_of(scope)


def _attach_policy(
    scope: Construct, role: iam.IRole, statements: list[iam.PolicyStatement]
) -> Iterator[IDependable]:
    # With a name of the whole path: by the CDK's own, of the logical id, policies of two stacks would be one.
    name = Names.unique_resource_name(scope, max_length=_LONGEST_POLICY_NAME)
    policy = iam.Policy(scope, _POLICY_ID, policy_name=name, statements=statements)
    role.attach_inline_policy(policy)
    if stack_of(scope).resolve(cast(iam.CfnPolicy, policy.node.default_child).roles):
        yield policy
    else:
        scope.node.try_remove_child(_POLICY_ID)


def _add_to_policy(role: iam.IRole, statements: list[iam.PolicyStatement]) -> Iterator[IDependable]:
    for statement in statements:
        result = role.add_to_principal_policy(statement)
        if result.policy_dependable is not None:
            yield result.policy_dependable


def let_bucket_be_read(location: DataLocation, readers: ReadPrincipals) -> Iterator[IDependable]:
    """Let the readers in by the bucket's policy; yield what to wait for.

    The policy of a bucket in another stack names the whole bucket, and only the role's own policy names the
    location. The other stack is updated first: if its policy named the location, the old location could not
    be read any more when the stack of the import is rolled back.
    """
    same_stack = stack_of(location.bucket) is stack_of(readers.scope)
    named = location if same_stack else DataLocation(location.bucket, "")
    missing = []
    for reader in readers.of_bucket(location.bucket):
        result = BucketAccess.of(location.bucket).allow(reader, named)
        if not result.statement_added:
            missing += bucket_statements(location, [reader])
        elif result.policy_dependable is not None:
            yield result.policy_dependable
    if missing:
        warn_of_bucket(readers.scope, location.bucket, missing)


def let_key_be_used(location: DataLocation, readers: ReadPrincipals) -> Iterator[IDependable]:
    """Let the readers in by the policy of the bucket's key, if it has one; yield what to wait for."""
    key = location.encryption_key
    if key is None:
        return
    missing = []
    for statement in key_statements(location, readers.of_key()):
        if not key.add_to_resource_policy(statement, True).statement_added:
            missing.append(statement)
    if missing:
        warn_of_key(readers.scope, key, missing)
    else:
        yield key
