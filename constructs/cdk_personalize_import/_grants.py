# SPDX-License-Identifier: Apache-2.0
"""Grants Personalize access to the data where the app can change a policy, and warns where it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

import jsii
from aws_cdk import Annotations, Names, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct, IDependable, IValidation

from cdk_personalize_import._access import (
    ReadPrincipal,
    ReadPrincipals,
    bucket_statements,
    key_statements,
    role_statements,
    staging_key_statement,
)
from cdk_personalize_import._access_warnings import (
    to_plain_json,
    warn_of_aws_managed_key,
    warn_of_bucket,
    warn_of_key,
    warn_of_role,
    warn_of_staging_key,
)
from cdk_personalize_import._cdk import find_child, stack_of
from cdk_personalize_import._data_location import DataLocation, has_aws_managed_key


def try_add_resource(statement: iam.PolicyStatement, resource: str) -> bool:
    """Add a resource to a statement, and return whether that was possible.

    A statement is frozen when its policy is resolved, for example by a synthesis in a test.
    """
    try:
        statement.add_resources(resource)
    except RuntimeError:
        # Read only after an error, because each read is a call of Node.js.
        if not statement.frozen:
            raise
        return False
    return True


_ID = "PersonalizeImports"

LARGEST_POLICY = 20 * 1024
"""Bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html"""

_SHORTEST_NAME, _LONGEST_NAME = 3, 63


class BucketAccess(Construct):
    """The statements in a bucket's policy for all imports of all stacks. It creates no resource.

    All locations share one statement for each principal, because the size of a bucket's policy is limited.
    """

    @classmethod
    def of(cls, bucket: s3.IBucket) -> BucketAccess:
        """Return the access of a bucket, and create it on first use."""
        return find_child(bucket, _ID, cls) or cls(_construct_of(bucket), _ID, bucket=bucket)

    def __init__(self, scope: Construct, construct_id: str, *, bucket: s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        self._bucket = bucket
        self._statements: dict[str, iam.PolicyStatement] = {}
        self._results: dict[str, iam.AddToResourcePolicyResult] = {}
        self._keys: dict[str, set[str]] = {}
        self.node.add_validation(_SizeValidation(bucket))

    def allow(self, reader: ReadPrincipal, location: DataLocation) -> iam.AddToResourcePolicyResult:
        """Allow a principal to read a location, and return whether the policy could be changed."""
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
        """Identify a role by its pattern, and the service by its conditions, which may be empty.

        A pattern is not resolved here, because an aspect may still change the path and the name of a role.
        """
        if reader.role_pattern is not None:
            return Token.as_string(reader.role_pattern)
        if not reader.conditions:
            return ""
        return json.dumps(Stack.of(self._bucket).resolve(reader.conditions), sort_keys=True)


def _construct_of(bucket: s3.IBucket) -> Construct:
    """Return the construct of a bucket that may be an interface proxy made by `jsii.unsafe_cast`."""
    return bucket if isinstance(bucket, Construct) else cast(Construct, bucket.node.scopes[-1])


@jsii.implements(IValidation)
class _SizeValidation:
    """Checks the size of a bucket's policy at synth, when the policy is complete."""

    def __init__(self, bucket: s3.IBucket) -> None:
        self._bucket = bucket

    def validate(self) -> list[str]:
        """Return an error if the policy is too large with the shortest name that the bucket can get."""
        if self._bucket.policy is None:
            return []
        if self._size(_SHORTEST_NAME) > LARGEST_POLICY:
            return [
                f"the policy of the bucket must have at most {LARGEST_POLICY} bytes, got "
                f"{self._size(_SHORTEST_NAME)} or more. Import folders instead of files, or use one "
                "prefix for several imports."
            ]
        if self._size(_LONGEST_NAME) > LARGEST_POLICY:
            Annotations.of(self._bucket).add_warning_v2(
                "cdk-personalize-import:bucketPolicyLarge",
                f"The policy of the bucket may have {LARGEST_POLICY} bytes, and has up to "
                f"{self._size(_LONGEST_NAME)} if CloudFormation generates a long name for the bucket. "
                "Import folders instead of files, or set a short bucket_name.",
            )
        return []

    def _size(self, length_of_name: int) -> int:
        """Return the bytes of the policy, with a name of this length if synth does not know the name."""
        stack = Stack.of(self._bucket)
        arn = "arn:aws:s3:::" + "n" * length_of_name
        known = {json.dumps(stack.resolve(self._bucket.bucket_arn)): arn}
        policy = self._bucket.policy
        document = to_plain_json(stack.resolve(policy.document if policy else {}), stack, known)
        return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


_POLICY_ID = "RolePolicy"

_LONGEST_POLICY_NAME = 128
"""See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""

_LONGEST_REGION = 24
"""Characters that are left for the name of the region."""


def grant_role_read(scope: Construct, role: iam.IRole, location: DataLocation) -> Iterator[IDependable]:
    """Grant a role of the user read access to the location, and yield what the import depends on."""
    statements = role_statements(scope, location)
    if _is_of_another_stack(scope, role) or not isinstance(role, iam.Role):
        holder: IConstruct = scope
        yield from _attach_policy(scope, role, statements)
    else:
        holder = role
        yield from _add_to_policy(role, statements)
    # A role that cannot be changed reports the statement as added, but has no policy.
    if not any(isinstance(child, iam.Policy) for child in holder.node.find_all()):
        warn_of_role(scope, role, statements)


def _is_of_another_stack(scope: Construct, role: iam.IRole) -> bool:
    """Whether a role is in another stack than the import, whose stack must then contain the policy.

    The CDK adds statements to a policy in the role's stack, which is deployed before the import's. That stack
    would depend on the data, which may be in a later stack. Its update would also replace the old location
    before the import's stack is updated, so that a rollback could not read the old data.
    """
    return stack_of(role) is not stack_of(scope)


def _attach_policy(
    scope: Construct, role: iam.IRole, statements: list[iam.PolicyStatement]
) -> Iterator[IDependable]:
    # The name contains the path and the region. The CDK's default is the logical id, which two stacks may
    # share: with one role that both import, each would overwrite and delete the policy of the other.
    path = Names.unique_resource_name(scope, max_length=_LONGEST_POLICY_NAME - _LONGEST_REGION)
    name = f"{path}-{stack_of(scope).region}"
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


def grant_bucket_read(location: DataLocation, readers: ReadPrincipals) -> Iterator[IDependable]:
    """Add the principals to the bucket's policy, and yield what the import depends on.

    The policy of a bucket in another stack names the whole bucket, and only the role's own policy names the
    location. The other stack is updated first. If its policy named the location, a rollback of the import's
    stack could not read the old location.
    """
    is_same_stack = stack_of(location.bucket) is stack_of(readers.scope)
    named = location if is_same_stack else DataLocation(location.bucket, "")
    missing = []
    for reader in readers.of_bucket(location.bucket):
        result = BucketAccess.of(location.bucket).allow(reader, named)
        if not result.statement_added:
            missing += bucket_statements(location, [reader])
        elif result.policy_dependable is not None:
            yield result.policy_dependable
    if missing:
        warn_of_bucket(readers.scope, location.bucket, missing)


def grant_key_use(location: DataLocation, readers: ReadPrincipals) -> Iterator[IDependable]:
    """Add the principals to the policy of the bucket's key, if any, and yield what the import depends on."""
    key = location.encryption_key
    if key is None:
        if has_aws_managed_key(location.bucket):
            warn_of_aws_managed_key(readers.scope, location.bucket)
        return
    missing = []
    for statement in key_statements(location, readers.of_key()):
        if not key.add_to_resource_policy(statement, True).statement_added:
            missing.append(statement)
    if missing:
        warn_of_key(readers.scope, key, missing)
        if location.staging is not None:
            warn_of_staging_key(readers.scope, key, [staging_key_statement(stack_of(readers.scope))])
    else:
        yield key
