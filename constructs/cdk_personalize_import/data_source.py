# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import abc
import enum
import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Annotations, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import._cdk import is_token
from cdk_personalize_import._data_check import DataCheck, check_schema_type, check_severities
from cdk_personalize_import._data_location import (
    DataLocation,
    check_bucket,
    check_key,
    check_location,
    check_own_account,
    check_staging_prefix,
)
from cdk_personalize_import._staging import LocalData, stage
from cdk_personalize_import._validation import Problems, check_flag


class ImportMode(enum.Enum):
    """How an import changes the data that the dataset already holds.

    See https://docs.aws.amazon.com/personalize/latest/dg/API_CreateDatasetImportJob.html and, for the limits,
    https://docs.aws.amazon.com/personalize/latest/dg/limits.html
    """

    FULL = "FULL"
    """Replaces the bulk data of the dataset. At most 100 GB. The first import into a dataset must be FULL."""

    INCREMENTAL = "INCREMENTAL"
    """Adds records and updates those with the same id. At most 1 GB."""


class DataSource(abc.ABC):
    """The data of an import. Several imports may use one source.

    The data is CSV in UTF-8 with a header line. If the source is a folder, Personalize reads the files of its
    first level, and each needs the same header. See
    https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html
    """

    @staticmethod
    def from_bucket(bucket: s3.IBucket, key_or_prefix: str) -> DataSource:
        """Data in a bucket.

        If the data is overwritten, a deployment does not import it again: use another key, or change the
        import's `revision`.

        Args:
            bucket: The bucket, in the region of the dataset. If the app only refers to it, the app cannot
                change its policy, and a warning at synth prints the statements that the policy needs.
            key_or_prefix: The key of a file, or a prefix that ends in `/`, for the files of a folder. The
                empty string means the whole bucket. The URL `s3://BUCKET/KEY` may have 256 characters
                (https://docs.aws.amazon.com/personalize/latest/dg/API_DataSource.html).

        All errors, of the arguments too, are raised by the import that uses the source.
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
        severities: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> DataSource:
        """Data on this machine, staged in a bucket when the stack is deployed.

        The location contains a hash of the contents, so new contents are imported again. A new name or time
        of a file changes nothing. The CDK CLI uploads each file as an asset. The function that performs the
        imports copies the asset within Amazon S3 to a location that Personalize may read, and removes the
        copy when the job has ended. Limits: 5 GiB a file, 20 GiB together, 200 files. For more, upload the
        data with the AWS CLI and use `from_bucket`.

        If several imports use one source, they share the assets, and each has its own copies.

        Args:
            path: A file or a folder. The files of the folder's first level are imported, except those whose
                names begin with a dot. A relative path starts from the working directory.
            pattern: A pattern for the names of the folder's files, such as `*.csv`, with the wildcards of
                `fnmatch`. If omitted, all files are imported, and a name that does not end in `.csv` is an
                error.
            bucket: The staging bucket, in the account and region of the stack. If omitted, the imports of the
                stack share one that is deleted with the stack.
            prefix: The prefix of the copies, ending in `/`. If omitted, it is `personalize/` in a bucket that
                is passed, and empty in the stack's own. In a bucket that is passed, a name of the stack
                follows, because other stacks may use it too. The function may write and delete under both,
                and deletes only its own copies.
            schema: The Avro schema of the dataset: the path of its file, its JSON text, or the parsed JSON.
                The data is then checked at synth. A broken rule is an error or a warning with file and line:
                see the severities in docs/data-rules.md. The check reads all data, some two million records a
                second, and needs the extra `cli` of this library. If omitted, the data is not checked.
            domain: The domain of the dataset group, `ECOMMERCE` or `VIDEO_ON_DEMAND`, for the check: a domain
                requires fields of its own. Without a schema it is an error. If omitted, the check expects a
                custom dataset group.
            severities: The severities of rules of the check: `error`, `warning` or `off`, by the id of the
                rule, such as `{"metadata-missing": "warning"}`. If omitted, each rule has its own.
            check: Whether the data is checked: against the schema, and without one for the most bytes of an
                INCREMENTAL import.

        All errors, of the arguments too, are raised by the import that uses the source.
        """
        return _DataOnThisMachine(path, pattern, bucket, prefix, schema, domain, severities, check)

    @abc.abstractmethod
    def check(
        self, job: Construct, problems: Problems, import_mode: object, dataset_type: str | None
    ) -> None:
        """Check the source for an import. The import calls it before `bind`.

        It creates no construct. Values that are tokens pass, except where synth needs them, as a path.

        Args:
            job: The import.
            problems: Every problem is added here. The import raises them together with its own as one
                `InvalidPropertiesError`.
            import_mode: The mode of the import. It may be a wrong value, which the import reports.
            dataset_type: The type of the dataset, such as `INTERACTIONS`; None if synth does not know it.
        """

    @abc.abstractmethod
    def bind(self, job: Construct) -> DataLocation:
        """Create the constructs that the source needs, and return the location of its data in S3.

        The import calls it once, and only if no check has found a problem. `from_bucket` creates nothing.
        `from_asset` creates an asset for each file, the staging bucket if the stack has none yet, and the
        permissions of the function. It may be called for several imports; the locations are different.

        Args:
            job: The import, in which the assets are created.
        """


def check_import_mode(problems: Problems, value: object) -> None:
    """Check that a value is a member of ImportMode."""
    if not isinstance(value, ImportMode):
        members = ", ".join(f"ImportMode.{mode.name}" for mode in ImportMode)
        problems.add(f"import_mode must be one of {members}, got {value!r}", "Pass the member, not its name.")


def check_data_source(
    problems: Problems, value: object, job: Construct, import_mode: object, dataset_type: str | None
) -> None:
    """Check that a value is a data source, and check the source itself."""
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
        """Check the bucket and the key."""
        name = check_bucket(problems, "from_bucket", self._bucket, job)
        if check_key(problems, self._key):
            check_location(problems, name, self._key)

    def bind(self, job: Construct) -> DataLocation:
        """Return the location. A key that looks like a folder is a warning."""
        if _looks_like_folder(self._key):
            Annotations.of(job).add_warning_v2(
                "cdk-personalize-import:keyLooksLikeFolder",
                f"key_or_prefix {self._key!r} has no extension and no '/' at its end, so Personalize reads "
                f"one file with this key. For a folder, use {self._key + '/'!r}. For a file, acknowledge "
                "this warning.",
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
        severities: Mapping[str, str] | None,
        check: bool,
    ) -> None:
        self._path = path
        self._pattern = pattern
        self._bucket = bucket
        self._prefix = prefix
        self._schema = schema
        self._domain = domain
        self._severities = severities
        self._is_checked = check

    def check(
        self, job: Construct, problems: Problems, import_mode: object, dataset_type: str | None
    ) -> None:
        """Check the arguments, and the data if there is a schema."""
        has_pattern = check_name_pattern(problems, self._pattern)
        has_path = check_path(problems, self._path) and has_pattern
        has_schema = check_schema(problems, self._schema)
        has_severities = check_severities(problems, self._severities)
        check_flag(problems, "check of DataSource.from_asset", self._is_checked)
        if has_schema:
            check_schema_type(problems, self._schema, dataset_type)
        # `cdk list` and `cdk destroy` need no data, which may be large or gone.
        mode = "INCREMENTAL" if import_mode is ImportMode.INCREMENTAL else "FULL"
        # With a schema, the check of the data includes their size.
        mode_of_size = mode if self._schema is None and self._is_checked else None
        has_data = has_path and Stack.of(job).bundling_required and self._data.check(problems, mode_of_size)
        if has_data and has_schema and has_severities and self._data_check:
            self._data_check.check(job, problems, mode)
        for name, value in (("domain", self._domain), ("severities", self._severities)):
            if self._schema is None and value is not None:
                rule = f"{name} of DataSource.from_asset has no effect without a schema, got {value!r}"
                problems.add(rule, f"Pass the schema of the dataset too, or omit the {name}.")
        if self._bucket is not None:
            check_bucket(problems, "from_asset", self._bucket, job)
            check_own_account(problems, self._bucket, job)
        if self._prefix is not None:
            check_staging_prefix(problems, self._prefix)

    @functools.cached_property
    def _data(self) -> LocalData:
        return LocalData(Path(self._path), self._pattern)

    @functools.cached_property
    def _data_check(self) -> DataCheck | None:
        if self._schema is None or not self._is_checked:
            return None
        return DataCheck(self._data, self._schema, self._domain, self._severities or {})

    def bind(self, job: Construct) -> DataLocation:
        """Create the assets, and return the location of their copies."""
        return stage(job, self._data, self._bucket, self._prefix)


def check_path(problems: Problems, path: object) -> bool:
    """Return whether a value is a path, and note a problem if it is not.

    An empty text is refused, because it would mean the working directory.
    """
    if not _is_text_or_path(path):
        rule = f"path of DataSource.from_asset must be a string or a pathlib.Path, got {path!r}"
        problems.add(rule, "Pass the path of a file or of a folder.")
        return False
    if not str(path).strip():
        rule = f"path of DataSource.from_asset must not be empty, got {path!r}"
        problems.add(rule, "Pass the path of a file or of a folder; '.' is the working directory.")
        return False
    if is_token(str(path)):
        rule = f"path of DataSource.from_asset must be known at synth, got the token {str(path)!r}"
        problems.add(rule, "Pass a path: the files are read at synth, before parameters have values.")
        return False
    return True


def check_name_pattern(problems: Problems, pattern: object) -> bool:
    """Return whether a value is None or a pattern of names, and note a problem if it is not."""
    if pattern is None or (isinstance(pattern, str) and pattern and "/" not in pattern):
        return True
    rule = f"pattern of DataSource.from_asset must be a pattern of file names, got {pattern!r}"
    problems.add(rule, "Pass a pattern such as '*.csv', or omit it.")
    return False


def check_schema(problems: Problems, schema: object) -> bool:
    """Return whether a value is None or of a type that a schema has, and note a problem if it is not."""
    if schema is None or isinstance(schema, Mapping) or (_is_text_or_path(schema) and schema != ""):
        return True
    rule = f"schema of DataSource.from_asset must be a path, a JSON text or a mapping, got {schema!r}"
    problems.add(rule, "Pass the path of the schema, its JSON text or the parsed JSON, or omit it.")
    return False


def _is_text_or_path(value: object) -> bool:
    return isinstance(value, str | os.PathLike) and isinstance(os.fspath(value), str)
