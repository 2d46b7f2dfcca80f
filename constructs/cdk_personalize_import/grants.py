# SPDX-License-Identifier: Apache-2.0
"""Lets Personalize read the data wherever the app can, and tells what it cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable

from cdk_personalize_import import missing_access
from cdk_personalize_import.access import bucket_statements, key_statements, role_statements
from cdk_personalize_import.bucket_access import BucketAccess
from cdk_personalize_import.data_location import DataLocation
from cdk_personalize_import.readers import Readers


def let_role_read(scope: Construct, role: iam.IRole, location: DataLocation) -> Iterator[IDependable]:
    """Let a given role read the location, where its policy is ours to change; yield what to wait for."""
    for statement in role_statements(scope, location):
        result = role.add_to_principal_policy(statement)
        if result.policy_dependable is not None:
            yield result.policy_dependable
    # A role that cannot be changed says that the statement has been added, but gets no policy.
    if not any(isinstance(child, iam.Policy) for child in role.node.find_all()):
        missing_access.warn_of_role(scope, role, role_statements(scope, location))


def let_bucket_be_read(location: DataLocation, readers: Readers) -> Iterator[IDependable]:
    """Let the readers in by the bucket's policy; yield what to wait for."""
    missing = []
    for reader in readers.of_bucket(location.bucket):
        result = BucketAccess.of(location.bucket).allow(reader, location)
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
