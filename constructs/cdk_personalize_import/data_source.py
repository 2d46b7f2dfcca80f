# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import abc
import enum
import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Annotations
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import._cdk import is_token
from cdk_personalize_import._data_check import DataCheck, check_schema_type
from cdk_personalize_import._data_location import (
    DataLocation,
    bucket_name_of,
    check_location,
    check_own_account,
    is_key,
    is_prefix,
)
from cdk_personalize_import._staging import LocalData, stage
from cdk_personalize_import._validation import Problems, check_flag


class ImportMode(enum.Enum):
    """Whether the data of an import replaces or extends the data that the dataset holds.

    See https://docs.aws.amazon.com/personalize/latest/dg/API_CreateDatasetImportJob.html
    """

    FULL = "FULL"
    """Replaces the bulk data of the dataset, up to 100 GB. The first import of a dataset must be this one."""

    INCREMENTAL = "INCREMENTAL"
    """Adds records, up to 1 GB, and updates those with the same id."""


class DataSource(abc.ABC):
    """The data of an import; one source may serve several imports.

    The data is CSV in UTF-8 with a header line. Of a folder, Personalize reads the files of the first level
    only, and each needs the same header. See
    https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html
    """

    @staticmethod
    def from_bucket(bucket: s3.IBucket, key_or_prefix: str) -> DataSource:
        """Data that lies in a bucket already.

        Overwriting the data imports nothing: use another key, or change the import's `revision`.

        Args:
            bucket: The bucket, in the region of the dataset. If the app only refers to it, its policy cannot
                be changed, and a warning at synth prints what it must hold.
            key_or_prefix: The key of a file; or, ending in `/`, the prefix of the files of a folder. The
                empty string is the whole bucket. The whole URL `s3://BUCKET/KEY` may have 256 characters
                (https://docs.aws.amazon.com/personalize/latest/dg/API_DataSource.html).
        """
        return _DataInBucket(bucket, key_or_prefix)

    @staticmethod
    def from_asset(
        path: str | os.PathLike[str],
        *,
        pattern: str | None = None,
        bucket: s3.IBucket | None = None,
        prefix: str | None = None,
        schema: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        domain: str | None = None,
        check: bool = True,
    ) -> DataSource:
        """Data on this machine, copied into a bucket when the stack is deployed.

        New contents are imported again, by themselves: a hash of them is part of the location. Other names
        or times of the files change nothing. The CDK CLI uploads each file as an asset. The function that
        performs the imports copies it within Amazon S3 to where Personalize may read it, and removes the copy
        when the job has ended. For more than 5 GiB in a file, 20 GiB together or 200 files, upload the data
        with the AWS CLI and use `from_bucket`.

        A source may serve several imports: each has copies of its own, of the same assets.

        Args:
            path: A file, or a folder, of which the files of the first level are imported, except for those
                whose names begin with a dot. A relative path starts from the working directory.
            pattern: What the names of the folder's files are like, such as `*.csv`, with the wildcards of
                `fnmatch`. If omitted, all of them are imported, and a name other than `*.csv` is an error.
            bucket: The bucket to copy into, of the account and region of the stack. If omitted, the stack has
                one for all its imports, which is deleted with the stack.
            prefix: The prefix of the copies, ending in `/`. The function may write and delete under it, and
                deletes its own copies only. If omitted, it is `personalize/` and the name of the stack in a
                bucket that is given, and there is none in the stack's own.
            schema: The Avro schema of the dataset: its file, its JSON text, or what that holds. With it the
                data is checked when the app is synthesised: what would fail the import is an error, with file
                and line, what may not is a warning. That reads all of it, some two million records a
                second, and needs the extra `cli` of this library. Left out, the data is not looked at.
            domain: The domain of the dataset group, `ECOMMERCE` or `VIDEO_ON_DEMAND`, which requires fields
                of its own. It is for the check, so it is refused without a schema. Left out, the group is a
                custom one.
            check: False turns the check off, although there is a schema.
        """
        return _DataOnThisMachine(path, pattern, bucket, prefix, schema, domain, check)

    @abc.abstractmethod
    def check(
        self, job: Construct, problems: Problems, import_mode: object, dataset_type: str | None
    ) -> None:
        """Note what is wrong with the source. Called by the import, before `bind`."""

    @abc.abstractmethod
    def bind(self, job: Construct) -> DataLocation:
        """Make what brings the data there, and return its location. Called by the import."""


def check_import_mode(problems: Problems, value: object) -> None:
    """A member of ImportMode."""
    if not isinstance(value, ImportMode):
        members = ", ".join(f"ImportMode.{mode.name}" for mode in ImportMode)
        problems.add(f"import_mode must be one of {members}, got {value!r}", "Pass the member, not its name.")


def check_data_source(
    problems: Problems, value: object, job: Construct, import_mode: object, dataset_type: str | None
) -> None:
    """Check that a value is a data source, and what is wrong with it."""
    if isinstance(value, DataSource):
        value.check(job, problems, import_mode, dataset_type)
    else:
        fix = "Make one with DataSource.from_bucket or DataSource.from_asset."
        problems.add(f"data_source must be a DataSource, got {value!r}", fix)


class _DataInBucket(DataSource):
    def __init__(self, bucket: s3.IBucket, key_or_prefix: str) -> None:
        self._bucket = bucket
        self._key = key_or_prefix

    def check(
        self, job: Construct, problems: Problems, import_mode: object, dataset_type: str | None
    ) -> None:
        name = bucket_name_of(problems, "from_bucket", self._bucket, job)
        if is_key(problems, self._key):
            check_location(problems, name, self._key)

    def bind(self, job: Construct) -> DataLocation:
        if _looks_like_folder(self._key):
            Annotations.of(job).add_warning_v2(
                "cdk-personalize-import:keyLooksLikeFolder",
                f"key_or_prefix {self._key!r} has no extension and no '/' at its end, so Personalize takes "
                f"it for the key of one file. If it is a folder, use {self._key + '/'!r}; if it is a file, "
                "acknowledge this warning.",
            )
        return DataLocation(self._bucket, self._key)


def _looks_like_folder(key: str) -> bool:
    name = key.rpartition("/")[2]
    return name != "" and "." not in name and not is_token(key)


class _DataOnThisMachine(DataSource):
    def __init__(
        self,
        path: str | os.PathLike[str],
        pattern: str | None,
        bucket: s3.IBucket | None,
        prefix: str | None,
        schema: str | os.PathLike[str] | Mapping[str, Any] | None,
        domain: str | None,
        check: bool,
    ) -> None:
        self._path = path
        self._pattern = pattern
        self._bucket = bucket
        self._prefix = prefix
        self._schema = schema
        self._domain = domain
        self._is_checked = check

    def check(
        self, job: Construct, problems: Problems, import_mode: object, dataset_type: str | None
    ) -> None:
        has_path = is_path(problems, self._path)
        has_path = is_pattern(problems, self._pattern) and has_path
        has_schema = is_schema(problems, self._schema)
        check_flag(problems, "check of DataSource.from_asset", self._is_checked)
        if has_schema:
            check_schema_type(problems, self._schema, dataset_type)
        if has_path and self._data.check(problems) and has_schema and self._data_check:
            mode = "INCREMENTAL" if import_mode is ImportMode.INCREMENTAL else "FULL"
            self._data_check.check(job, problems, mode)
        if self._schema is None and self._domain is not None:
            rule = f"domain of DataSource.from_asset has no effect without a schema, got {self._domain!r}"
            fix = "Pass the dataset's schema too, so that the data is checked, or leave the domain out."
            problems.add(rule, fix)
        if self._bucket is not None:
            bucket_name_of(problems, "from_asset", self._bucket, job)
            check_own_account(problems, self._bucket, job)
        if self._prefix is not None:
            is_prefix(problems, self._prefix)

    @functools.cached_property
    def _data(self) -> LocalData:
        return LocalData(Path(self._path), self._pattern)

    @functools.cached_property
    def _data_check(self) -> DataCheck | None:
        if self._schema is None or not self._is_checked:
            return None
        return DataCheck(self._data, self._schema, self._domain)

    def bind(self, job: Construct) -> DataLocation:
        return stage(job, self._data, self._bucket, self._prefix)


def is_path(problems: Problems, path: object) -> bool:
    """Whether it can be a path; the empty text would be the working directory."""
    if not _is_text_or_path(path):
        rule = f"path of DataSource.from_asset must be a string or a pathlib.Path, got {path!r}"
        problems.add(rule, "Pass the path of a file or of a folder.")
        return False
    if not str(path).strip():
        rule = f"path of DataSource.from_asset must not be empty, got {path!r}"
        problems.add(rule, "Pass the path of a file or of a folder; '.' is the working directory.")
        return False
    return True


def is_pattern(problems: Problems, pattern: object) -> bool:
    """Whether it is a pattern of names, if there is one."""
    if pattern is None or (isinstance(pattern, str) and pattern and "/" not in pattern):
        return True
    rule = f"pattern of DataSource.from_asset must be a pattern of file names, got {pattern!r}"
    problems.add(rule, "Pass e.g. '*.csv', or leave it out.")
    return False


def is_schema(problems: Problems, schema: object) -> bool:
    """Whether it can be a schema, if there is one; what it holds is for the check."""
    if schema is None or isinstance(schema, Mapping) or (_is_text_or_path(schema) and schema != ""):
        return True
    rule = f"schema of DataSource.from_asset must be a path, a JSON text or a mapping, got {schema!r}"
    problems.add(rule, "Pass the schema's file, its text, or what that holds; or leave it out.")
    return False


def _is_text_or_path(value: object) -> bool:
    return isinstance(value, str | os.PathLike) and isinstance(os.fspath(value), str)
