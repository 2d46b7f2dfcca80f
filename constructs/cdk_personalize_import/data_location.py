# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_personalize_import.asked_once import asked_once
from cdk_personalize_import.tokens import is_token


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


@asked_once
def name_of(bucket: s3.IBucket) -> str:
    """Return the name of a bucket."""
    return bucket.bucket_name


@asked_once
def _arn_of(bucket: s3.IBucket) -> str:
    return bucket.bucket_arn


@asked_once
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
