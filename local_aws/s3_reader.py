# SPDX-License-Identifier: Apache-2.0
"""Reads objects from ministack's S3, as a service inside AWS does."""

from collections.abc import Sequence

from ministack.services import s3


class S3Reader:
    """The objects of the account of the current request."""

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        """The keys of the bucket that begin with the prefix, in order."""
        record = s3._buckets.get(bucket)
        return sorted(key for key in record["objects"] if key.startswith(prefix)) if record else []

    def read(self, bucket: str, key: str) -> bytes:
        """The object's content."""
        return bytes(s3._get_object_data(bucket, key) or b"")
