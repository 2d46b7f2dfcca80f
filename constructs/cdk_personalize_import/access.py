# SPDX-License-Identifier: Apache-2.0
"""What must be allowed so that Amazon Personalize can read the data: by its role, the bucket and its key.

The actions are those of the documents, and the resources just the location; docs/access.md tells why each is
there. See https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html and
https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-key-access.html
"""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_personalize_import.data_location import DataLocation
from cdk_personalize_import.environments import environment_of, stack_of
from cdk_personalize_import.readers import Reader, is_of_another_account
from cdk_personalize_import.tokens import is_token

READ_ACTIONS = ["s3:GetObject", "s3:ListBucket"]
"""ListBucket has no condition on the prefix, because no document says how Personalize lists."""

KEY_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant", "kms:ListGrants"]
"""Reading takes Decrypt. The documents want the others too, and do not say what for."""

ROLE_KEY_ACTIONS = [action for action in KEY_ACTIONS if action != "kms:CreateGrant"]
"""What the role needs, because the key's policy names no role but leaves it to the role's account.

The documents want CreateGrant in the key's policy only. Where that names the role, they want nothing here.
"""

_ALIAS = "alias/"


def role_statements(scope: Construct, location: DataLocation) -> list[iam.PolicyStatement]:
    """Return what the policy of the role of an import must hold."""
    statements = [iam.PolicyStatement(actions=READ_ACTIONS, resources=read_resources(location))]
    key = location.encryption_key
    if key is not None:
        statements.append(_use_of(key, stack_of(scope)))
    return statements


def bucket_statements(location: DataLocation, readers: Iterable[Reader]) -> list[iam.PolicyStatement]:
    """Return what the policy of the bucket must hold at least."""
    return [reader.allowed(READ_ACTIONS, read_resources(location)) for reader in readers]


def key_statements(location: DataLocation, readers: Iterable[Reader]) -> list[iam.PolicyStatement]:
    """Return what the policy of the bucket's key must hold; nothing if no key is known."""
    if location.encryption_key is None:
        return []
    # In the policy of a key, "*" is that key.
    return [reader.allowed(KEY_ACTIONS, ["*"]) for reader in readers]


def read_resources(location: DataLocation) -> list[str]:
    """Return the bucket, which is listed, and the pattern of the objects, which are got."""
    return [location.bucket_arn, location.objects_arn]


def _use_of(key: kms.IKey, stack: Stack) -> iam.PolicyStatement:
    """Return what lets a role of the stack use the key.

    Where the key's ARN is not known it is all keys of the key's account: those of an alias, where that is
    what is known, for IAM takes the ARN of an alias for no key; all, where the app makes the key in another
    account, since a key has no name by which to know it there. Its own policy decides all the same.
    """
    arn = key.key_arn
    alias = _alias_name(key, arn)
    if alias is None and not (is_token(arn) and is_of_another_account(key, stack)):
        return iam.PolicyStatement(actions=ROLE_KEY_ACTIONS, resources=[arn])
    account, region = environment_of(key)
    return iam.PolicyStatement(
        actions=ROLE_KEY_ACTIONS,
        resources=[f"arn:{stack.partition}:kms:{region}:{account}:key/*"],
        conditions=None if alias is None else {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
    )


def _alias_name(key: kms.IKey, arn: str) -> str | None:
    """Return the name by which the key is known, if it is that of an alias."""
    name = getattr(key, "alias_name", None)
    if isinstance(name, str):
        return name
    _, found, name = arn.partition(f":{_ALIAS}")
    return f"{_ALIAS}{name}" if found else None
