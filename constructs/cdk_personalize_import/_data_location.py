# SPDX-License-Identifier: Apache-2.0
"""Where in S3 the data of an import lies, and the rules for buckets, keys and prefixes."""

from __future__ import annotations

import functools
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
    """Where in S3 the data of an import lies, once it is there."""

    bucket: s3.IBucket
    key: str
    """A key; or, if it ends in "/" or is empty, the prefix of the keys."""

    readable: str | None = None
    """A prefix of the key that Personalize may read, which new data does not change. If omitted, the key."""

    identity: str | None = None
    """A hash of the data, if it is known at synth."""

    staging: Mapping[str, Any] | None = None
    """The property `Staging` of the import, if the handler brings the data there: see `_staging`."""

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
        """The key that the bucket is encrypted with, if one is known."""
        return encryption_key_of(self.bucket)

    @property
    def url(self) -> str:
        """The location as the API wants it."""
        return f"s3://{name_of(self.bucket)}/{self.key}"

    @property
    def keys(self) -> str:
        """The keys of the data, as a pattern of IAM.

        A key that is a token may turn out to be a prefix.
        """
        key = self.key if self.readable is None else self.readable
        is_prefix = key == "" or key.endswith("/") or is_token(key)
        return _literal(key) + ("*" if is_prefix else "")


@cached_by_identity
def name_of(bucket: s3.IBucket) -> str:
    """Return the name of a bucket."""
    return bucket.bucket_name


@cached_by_identity
def _arn_of(bucket: s3.IBucket) -> str:
    return bucket.bucket_arn


@cached_by_identity
def encryption_key_of(bucket: s3.IBucket) -> kms.IKey | None:
    """Return the key that a bucket is encrypted with, if one is known."""
    key = bucket.encryption_key
    try:
        # The policies are about keys; on an alias they would allow nothing.
        return cast(kms.IAlias, key).alias_target_key
    except AttributeError:  # no alias
        return key
    except RuntimeError:  # one of which only the name is known
        return key


def _literal(key: str) -> str:
    """Escape what is a wildcard or a variable to IAM, but may be part of a key."""
    if is_token(key):
        return key
    return "".join(f"${{{character}}}" if character in "*?$" else character for character in key)


_SHORTEST_BUCKET_NAME = 3
_NOT_THE_WHOLE_BUCKET = (
    "Name a prefix such as 'training/': the function may write and delete under it, so it cannot be the "
    "whole bucket."
)


def check_own_account(problems: Problems, bucket: s3.IBucket, job: Construct) -> None:
    """Check that a bucket to copy into is of the account of the stack, as the function is."""
    if isinstance(bucket, type) or not callable(getattr(bucket, "arn_for_objects", None)):
        return
    ours, theirs = environment_of(stack_of(job)).account, environment_of(bucket).account
    if differ(ours, theirs):
        rule = f"bucket of DataSource.from_asset must be of the stack's account {ours}, got one of {theirs}"
        problems.add(rule, f"Pass a bucket of {ours}, or leave it out.")


def bucket_name_of(problems: Problems, method: str, bucket: s3.IBucket, job: Construct) -> str | None:
    """The name of a bucket that the import can use, if it is known."""
    argument = f"bucket of DataSource.{method}"
    # What only IBucket has: a bucket's name is in its attributes too, its reference, its raw resource.
    if not isinstance(bucket, type) and callable(getattr(bucket, "arn_for_objects", None)):
        name = name_of(bucket)
        check_region(problems, argument, bucket, environment_of(stack_of(job)))
        return None if is_token(name) else name
    fix = "Make one with s3.Bucket.from_bucket_name, or of a CfnBucket with s3.Bucket.from_cfn_bucket."
    problems.add(f"{argument} must be an s3.IBucket, got {bucket!r}", fix)
    return None


def is_key(problems: Problems, key: object) -> bool:
    """Whether it is a key or a prefix, as far as can be seen: where it is a token, that is not far."""
    if not isinstance(key, str):
        rule = f"key_or_prefix must be a string, got {key!r}"
        problems.add(rule, "Pass a key, or a prefix that ends in '/'.")
        return False
    right = key.lstrip("/")
    fix = f"Use {right!r}." if right else "Use '' only if you mean the whole bucket."
    return _begins_as_key(problems, "key_or_prefix", key, fix)


def is_prefix(problems: Problems, prefix: object) -> bool:
    """Whether it is a prefix for copies, as far as can be seen."""
    if not isinstance(prefix, str):
        problems.add(f"prefix must be a string, got {prefix!r}", "Pass a prefix that ends in '/'.")
        return False
    right = prefix.strip("/")
    fix = f"Use {right + '/'!r}." if right else _NOT_THE_WHOLE_BUCKET
    if not prefix:
        problems.add("prefix must not be empty, got ''", fix)
    elif not _begins_as_key(problems, "prefix", prefix, fix):
        return False
    elif not is_token(prefix) and not prefix.endswith("/"):
        problems.add(f"prefix must end in '/', got {prefix!r}", fix)
    else:
        return True
    return False


def _begins_as_key(problems: Problems, name: str, key: str, fix: str) -> bool:
    if "://" in key and not is_token(key):
        without = "Leave out what names the bucket: the bucket is an argument of its own."
        problems.add(f"{name} must be a key or a prefix without its bucket, got {key!r}", without)
    elif key.startswith("/"):
        problems.add(f"{name} must not begin with '/', got {key!r}", fix)
    else:
        return True
    return False


def check_region(problems: Problems, name: str, bucket: s3.IBucket, here: Environment) -> None:
    """A bucket in the region of the stack, and so in that of the dataset."""
    ours, theirs = here.region, environment_of(bucket).region
    if differ(ours, theirs):
        problems.add(
            f"{name} must be of the stack's region {ours}, got one of {theirs}",
            f"Copy the data into a bucket of {ours}; if this one is there, say so with "
            f"s3.Bucket.from_bucket_attributes(region={ours!r}).",
        )


def check_location(problems: Problems, bucket_name: str | None, key: str) -> None:
    """A location as the API takes it.

    Args:
        problems: What is wrong.
        bucket_name: The bucket's name, if it is known: else it counts as the shortest one, so that no key is
            wronged.
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
