# SPDX-License-Identifier: Apache-2.0
"""Lets Personalize read the data wherever the app can, and tells what it cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from aws_cdk import Names
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct, IDependable

from cdk_personalize_import import missing_access
from cdk_personalize_import.access import bucket_statements, key_statements, role_statements
from cdk_personalize_import.bucket_access import BucketAccess
from cdk_personalize_import.data_location import DataLocation
from cdk_personalize_import.environments import stack_of
from cdk_personalize_import.readers import Readers

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
        missing_access.warn_of_role(scope, role, statements)


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


def let_bucket_be_read(location: DataLocation, readers: Readers) -> Iterator[IDependable]:
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
        missing_access.warn_of_bucket(readers.scope, location.bucket, missing)


def let_key_be_used(location: DataLocation, readers: Readers) -> Iterator[IDependable]:
    """Let the readers in by the policy of the bucket's key, if it has one; yield what to wait for."""
    key = location.encryption_key
    if key is None:
        return
    missing = []
    for statement in key_statements(location, readers.of_key()):
        if not key.add_to_resource_policy(statement, True).statement_added:
            missing.append(statement)
    if missing:
        missing_access.warn_of_key(readers.scope, key, missing)
    else:
        yield key
