# SPDX-License-Identifier: Apache-2.0
"""The location of an import's data in S3, and the rules for buckets, keys and prefixes."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import._cdk import (
    Environment,
    cached_by_identity,
    differ,
    environment_of,
    is_token,
    stack_of,
)
from cdk_personalize_import._limits import string_limit
from cdk_personalize_import._validation import Problems, check_pattern


@dataclass(frozen=True)
class DataLocation:
    """The location of an import's data in S3.

    Attributes:
        bucket: The bucket.
        key: A key; or a prefix, which ends in "/" or is empty.
        readable: A prefix of the key that Personalize may read. It stays the same when the data changes. If
            omitted, Personalize may read the key.
        identity: A hash of the data, if synth knows it.
        staging: The property `Staging` of the import, if the handler copies the data there: see `_staging`.
    """

    bucket: s3.IBucket
    key: str
    readable: str | None = None
    identity: str | None = None
    staging: Mapping[str, Any] | None = None

    @property
    def bucket_arn(self) -> str:
        """The ARN of the bucket."""
        return _arn_of(self.bucket)

    @functools.cached_property
    def objects_arn(self) -> str:
        """The pattern of the ARNs of the objects."""
        return self.bucket.arn_for_objects(self.keys)

    @property
    def encryption_key(self) -> kms.IKey | None:
        """The KMS key of the bucket, if the app knows one."""
        return encryption_key_of(self.bucket)

    @property
    def url(self) -> str:
        """The URL of the location, as the API expects it."""
        return f"s3://{name_of(self.bucket)}/{self.key}"

    @property
    def keys(self) -> str:
        """The IAM pattern of the data's keys. A token counts as a prefix, because it may be one."""
        key = self.key if self.readable is None else self.readable
        is_prefix = key == "" or key.endswith("/") or is_token(key)
        return _literal(key) + ("*" if is_prefix else "")


@cached_by_identity
def name_of(bucket: s3.IBucket) -> str:
    """Return the name of a bucket, which may be a token."""
    return bucket.bucket_name


@cached_by_identity
def _arn_of(bucket: s3.IBucket) -> str:
    return bucket.bucket_arn


@cached_by_identity
def encryption_key_of(bucket: s3.IBucket) -> kms.IKey | None:
    """Return the KMS key of a bucket, if the app knows one; of an alias, its target key."""
    key = bucket.encryption_key
    try:
        # A policy that names an alias allows nothing.
        return cast(kms.IAlias, key).alias_target_key
    except AttributeError:  # not an alias
        return key
    except RuntimeError:  # an alias whose target key the app does not know
        return key


@cached_by_identity
def has_aws_managed_key(bucket: s3.IBucket) -> bool:
    """Whether a bucket of the app is encrypted with `aws/s3`, the key that AWS manages."""
    made = bucket.node.default_child
    encryption = stack_of(bucket).resolve(made.bucket_encryption) if isinstance(made, s3.CfnBucket) else None
    rules = encryption.get("serverSideEncryptionConfiguration") if isinstance(encryption, dict) else None
    return isinstance(rules, list) and any(_names_aws_managed_key(rule) for rule in rules)


def _names_aws_managed_key(rule: object) -> bool:
    match rule:
        case {"serverSideEncryptionByDefault": {"sseAlgorithm": "aws:kms" | "aws:kms:dsse", **more}}:
            return more.get("kmsMasterKeyId", _AWS_MANAGED_KEY) == _AWS_MANAGED_KEY
    return False


_AWS_MANAGED_KEY = "alias/aws/s3"
_WILDCARD = "[*?$]"
_NOT_IN_POLICIES = "[^\t\n\r -\u00ff]"


def _literal(key: str) -> str:
    """Escape the characters of a key that are wildcards or variables in IAM.

    IAM accepts no characters beyond U+00FF, so that a wildcard stands for them. See the pattern of
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    """
    if is_token(key):
        return key
    return re.sub(f"{_NOT_IN_POLICIES}+", "*", re.sub(_WILDCARD, r"${\g<0>}", key))


_SHORTEST_BUCKET_NAME = 3
_NOT_THE_WHOLE_BUCKET = (
    "Pass a prefix such as 'training/': the function may write and delete under it, so it must not be the "
    "whole bucket."
)


def check_own_account(problems: Problems, bucket: s3.IBucket, job: Construct) -> None:
    """Check that a staging bucket belongs to the account of the stack, in which the function runs."""
    if isinstance(bucket, type) or not callable(getattr(bucket, "arn_for_objects", None)):
        return
    ours, theirs = environment_of(stack_of(job)).account, environment_of(bucket).account
    if differ(ours, theirs):
        rule = f"bucket of DataSource.from_asset must be of the stack's account {ours}, got one of {theirs}"
        problems.add(rule, f"Pass a bucket of {ours}, or omit it.")


def check_bucket(problems: Problems, method: str, bucket: s3.IBucket, job: Construct) -> str | None:
    """Check that a value is a bucket in the region of the stack, and return its name if synth knows it."""
    argument = f"bucket of DataSource.{method}"
    # A method of IBucket alone: raw resources, references and attributes of a bucket have a name too.
    if not isinstance(bucket, type) and callable(getattr(bucket, "arn_for_objects", None)):
        name = name_of(bucket)
        check_region(problems, argument, bucket, environment_of(stack_of(job)))
        return None if is_token(name) else name
    fix = "Create one with s3.Bucket.from_bucket_name, or with s3.Bucket.from_cfn_bucket of a CfnBucket."
    problems.add(f"{argument} must be an s3.IBucket, got {bucket!r}", fix)
    return None


def check_key(problems: Problems, key: object) -> bool:
    """Return whether a value can be a key or a prefix, and note a problem if it cannot."""
    if not isinstance(key, str):
        rule = f"key_or_prefix must be a string, got {key!r}"
        problems.add(rule, "Pass a key, or a prefix that ends in '/'.")
        return False
    stripped = key.lstrip("/")
    fix = f"Use {stripped!r}." if stripped else "To import the whole bucket, use ''."
    return _begins_as_key(problems, "key_or_prefix", key, fix)


def check_staging_prefix(problems: Problems, prefix: object) -> bool:
    """Return whether a value can be the prefix of copies, and note a problem if it cannot."""
    if not isinstance(prefix, str):
        problems.add(f"prefix must be a string, got {prefix!r}", "Pass a prefix that ends in '/'.")
        return False
    stripped = prefix.strip("/")
    fix = f"Use {stripped + '/'!r}." if stripped else _NOT_THE_WHOLE_BUCKET
    if not prefix:
        problems.add("prefix must not be empty, got ''", fix)
    elif not _begins_as_key(problems, "prefix", prefix, fix):
        return False
    elif not is_token(prefix) and not prefix.endswith("/"):
        problems.add(f"prefix must end in '/', got {prefix!r}", fix)
    elif not is_token(prefix) and re.search(rf"{_WILDCARD}|{_NOT_IN_POLICIES}|[\t\n\r]", prefix):
        problems.add(
            "prefix must not contain '*', '?', '$', line breaks, tabs or characters beyond U+00FF, got "
            f"{prefix!r}",
            "Choose another prefix: it is in a policy that lets the function write and delete under it.",
        )
    else:
        return True
    return False


def _begins_as_key(problems: Problems, name: str, key: str, fix: str) -> bool:
    if "://" in key and not is_token(key):
        fix = "Pass the key alone; the bucket is an argument of its own."
        problems.add(f"{name} must be a key or a prefix without its bucket, got {key!r}", fix)
    elif key.startswith("/"):
        problems.add(f"{name} must not begin with '/', got {key!r}", fix)
    else:
        return True
    return False


def check_region(problems: Problems, name: str, bucket: s3.IBucket, here: Environment) -> None:
    """Check that a bucket is in the region of the stack, which is that of the dataset."""
    ours, theirs = here.region, environment_of(bucket).region
    if differ(ours, theirs):
        problems.add(
            f"{name} must be of the stack's region {ours}, got one of {theirs}",
            f"Use a bucket of {ours}. If this one is in {ours}, create it with "
            f"s3.Bucket.from_bucket_attributes(region={ours!r}).",
        )


def check_location(problems: Problems, bucket_name: str | None, key: str) -> None:
    """Check the length and the pattern of a location.

    Args:
        problems: Receives the problems.
        bucket_name: The bucket's name. None if synth does not know it; the shortest name is assumed then, so
            that no key is refused that may fit.
        key: The key or the prefix.
    """
    if is_token(key):
        return
    limit = string_limit("dataSource", "dataLocation")
    url = f"s3://{bucket_name or 'BUCKET'}/{key}"
    length = len(url) if bucket_name else len("s3:///") + _SHORTEST_BUCKET_NAME + len(key)
    if length > limit.maximum:
        got = f"{length}: {url!r}" if bucket_name else f"at least {length} with the key {key!r}"
        rule = f"data_source must have a location s3://BUCKET/KEY of at most {limit.maximum} characters"
        problems.add(f"{rule}, got {got}", "Use a shorter key.")
    check_pattern(problems, "data_source", url, limit, "Use a key without line breaks.")
