# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import abc
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from aws_cdk import Stage
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import.data_check import DataCheck
from cdk_personalize_import.data_location import DataLocation
from cdk_personalize_import.import_mode import ImportMode
from cdk_personalize_import.job_name import default_stem
from cdk_personalize_import.tokens import is_token
from cdk_personalize_import.uploaded_data import LARGEST_UPLOAD, UploadedData, data_files, uploaded_key
from cdk_personalize_import.validation import Problems, check_location

_UNKNOWN_BUCKET = "..."
"""Stands for a name that is known at deploy only; as long as the shortest one, so that no key is wronged."""


class DataSource(abc.ABC):
    """Where the data of an import comes from; one source may serve several imports.

    The data is CSV in UTF-8 with a header line. Of a folder, Personalize reads the files of the first level
    only, and each needs the same header. See
    https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html
    """

    @staticmethod
    def from_bucket(bucket: s3.IBucket, key_or_prefix: str) -> DataSource:
        """Data that lies in a bucket already.

        A change of the data is not noticed: change the import's `revision` to import it again.

        Args:
            bucket: The bucket, in the region of the dataset. If the app only refers to it, its policy cannot
                be changed from here, and a warning at synth says what it must hold.
            key_or_prefix: The key of a file; or, ending in `/`, the prefix of the files of a folder. The
                empty string is the whole bucket. `s3://BUCKET/` and this have 256 characters at most
                (https://docs.aws.amazon.com/personalize/latest/dg/API_DataSource.html).
        """
        return _DataInBucket(bucket, key_or_prefix)

    @staticmethod
    def from_asset(
        path: str | os.PathLike[str],
        *,
        bucket: s3.IBucket | None = None,
        prefix: str | None = None,
        schema: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        domain: str | None = None,
        check: bool = True,
    ) -> DataSource:
        """Data on this machine, copied into a bucket when the stack is deployed.

        A change of the data imports it again, by itself: the hash of the files is part of the import's
        revision. The copy is made by a `BucketDeployment`, whose function handles up to 4 GiB; upload larger
        data with the AWS CLI and use `from_bucket`.

        Args:
            path: A file, or a folder, of which the files of the first level are copied, except for those
                whose names begin with a dot. A relative path starts from the working directory.
            bucket: The bucket to copy into. Left out, the data gets one of its own, which is emptied and
                deleted with the stack.
            prefix: The prefix that the copy gets, ending in `/`. It belongs to the copy: whatever else lies
                under it is removed. Left out, it is `data/` in a bucket of its own, and
                `personalize/` and the path of the import that first uses the data in one that is given.
            schema: The Avro schema of the dataset: its file, its JSON text, or what that holds. With it the
                data is checked when the app is synthesised: what would fail the import is an error, with file
                and line, what may not is a warning. That reads all of it, some two million records a
                second, and needs the extra `cli` of this library. Left out, the data is not looked at.
            domain: The domain of the dataset group, `ECOMMERCE` or `VIDEO_ON_DEMAND`, which requires fields
                of its own. Left out, the group is a custom one.
            check: False turns the check off, although there is a schema.
        """
        data_check = DataCheck(Path(path), schema, domain) if check and schema is not None else None
        return _DataOnThisMachine(Path(path), bucket, prefix, data_check)

    @abc.abstractmethod
    def check(self, job: Construct, problems: Problems, import_mode: object) -> None:
        """Note what is wrong with the source. Called by the import that uses it, before `bind`."""

    @abc.abstractmethod
    def bind(self, job: Construct) -> DataLocation:
        """Make what the import needs to find the data, and say where it lies."""


def check_data_source(problems: Problems, value: object, job: Construct, import_mode: object) -> None:
    """A data source, with nothing wrong in it."""
    if isinstance(value, DataSource):
        value.check(job, problems, import_mode)
    else:
        fix = "Make one with DataSource.from_bucket or DataSource.from_asset."
        problems.add(f"data_source must be a DataSource, got {value!r}", fix)


class _DataInBucket(DataSource):
    def __init__(self, bucket: s3.IBucket, key_or_prefix: str) -> None:
        self._bucket = bucket
        self._key = key_or_prefix

    def check(self, job: Construct, problems: Problems, import_mode: object) -> None:
        name = _name_of(problems, "from_bucket", self._bucket)
        if _is_key(problems, "key_or_prefix", self._key):
            check_location(problems, f"s3://{name}/{self._key}")

    def bind(self, job: Construct) -> DataLocation:
        return DataLocation(self._bucket, self._key)


class _DataOnThisMachine(DataSource):
    def __init__(
        self, path: Path, bucket: s3.IBucket | None, prefix: str | None, data_check: DataCheck | None
    ) -> None:
        self._path = path
        self._bucket = bucket
        self._prefix = prefix
        self._data_check = data_check
        self._stage: Stage | None = None
        self._location: DataLocation | None = None

    def check(self, job: Construct, problems: Problems, import_mode: object) -> None:
        if self._check_files(problems) and self._data_check:
            mode = "INCREMENTAL" if import_mode is ImportMode.INCREMENTAL else "FULL"
            self._data_check.check(job, problems, mode)
        name = _name_of(problems, "from_asset", self._bucket) if self._bucket else _UNKNOWN_BUCKET
        prefix = self._prefix_for(job)
        if _is_key(problems, "prefix", prefix):
            if not is_token(prefix) and not prefix.endswith("/"):
                fix = f"Use {prefix + '/'!r}."
                problems.add(f"prefix must end in '/', got {prefix!r}", fix)
            check_location(problems, f"s3://{name}/{uploaded_key(self._path, prefix)}")

    def _check_files(self, problems: Problems) -> bool:
        if not self._path.exists():
            fix = f"Create it, or correct the path: relative paths start from {Path.cwd()}."
            problems.add(f"data_source must be a file or a folder, got {str(self._path)!r}", fix)
            return False
        size = data_files(self._path).size
        if size == 0:
            fix = "Put the data there; files whose names begin with a dot do not count."
            problems.add(f"data_source must hold data, got nothing in {str(self._path)!r}", fix)
        elif size > LARGEST_UPLOAD:
            fix = "Upload it with 'aws s3 sync' and use DataSource.from_bucket."
            problems.add(f"data_source must hold at most {LARGEST_UPLOAD} bytes, got {size}", fix)
        return 0 < size <= LARGEST_UPLOAD

    def bind(self, job: Construct) -> DataLocation:
        """Copy the data once in an app, however many imports use it."""
        stage = Stage.of(job)
        if self._location is None or self._stage is not stage:
            self._stage = stage
            self._location = self._upload(job).location
        return self._location

    def _upload(self, job: Construct) -> UploadedData:
        # Beside the import rather than in it: all BucketDeployments of a stack share one function, which has
        # to know every bucket, so an import that depends on another would come to depend on itself.
        beside = cast(Construct, job.node.scope)
        return UploadedData(
            beside,
            f"{job.node.id}Upload",
            path=self._path,
            bucket=self._bucket,
            prefix=self._prefix_for(job),
        )

    def _prefix_for(self, job: Construct) -> str:
        if self._prefix is not None:
            return self._prefix
        return "data/" if self._bucket is None else f"personalize/{default_stem(job.node.path)}/"


def _name_of(problems: Problems, method: str, bucket: object) -> str:
    """The bucket's name, as far as it is known."""
    name = getattr(bucket, "bucket_name", None)
    if isinstance(name, str):
        return _UNKNOWN_BUCKET if is_token(name) else name
    fix = "Make one of a name with s3.Bucket.from_bucket_name."
    problems.add(f"bucket of DataSource.{method} must be an s3.IBucket, got {bucket!r}", fix)
    return _UNKNOWN_BUCKET


def _is_key(problems: Problems, name: str, key: object) -> bool:
    """Whether it is one, as far as can be seen: where the key is a token, that is not far."""
    if not isinstance(key, str):
        problems.add(f"{name} must be a string, got {key!r}", "Pass a key, or a prefix that ends in '/'.")
    elif "://" in key and not is_token(key):
        fix = "Leave out what names the bucket: the bucket is an argument of its own."
        problems.add(f"{name} must be a key or a prefix without its bucket, got {key!r}", fix)
    elif key.startswith("/"):
        problems.add(f"{name} must not begin with '/', got {key!r}", f"Use {key.lstrip('/')!r}.")
    else:
        return True
    return False
