# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import abc
import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from aws_cdk import Annotations, Stage
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import.asked_once import asked_once
from cdk_personalize_import.data_check import DataCheck, check_schema_type
from cdk_personalize_import.data_location import DataLocation
from cdk_personalize_import.data_source_arguments import (
    bucket_name_of,
    is_key,
    is_path,
    is_prefix,
    is_schema,
    is_text,
)
from cdk_personalize_import.environments import Environment, environment_of, stack_of, stage_of
from cdk_personalize_import.import_mode import ImportMode
from cdk_personalize_import.job_name_prefix import default_prefix
from cdk_personalize_import.tokens import is_token
from cdk_personalize_import.uploaded_data import (
    LARGEST_UPLOAD,
    Copy,
    UploadedData,
    copies_in,
    data_files,
    uploaded_key,
)
from cdk_personalize_import.validation import Problems, check_flag, check_location


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

        The copy is a construct beside the import, which takes the id of the import followed by `Upload`.

        A source that serves several imports is copied once; or, where their stacks are of several accounts or
        regions, once in each. The copy is the first import's, and goes when that is removed, to be made anew
        for the next. A bucket that is given stays the one bucket.

        Args:
            path: A file, or a folder, of which the files of the first level are copied, except for those
                whose names begin with a dot. A relative path starts from the working directory.
            bucket: The bucket to copy into, in the region of the dataset. Left out, the data gets one of its
                own, which is emptied and deleted with the stack.
            prefix: The prefix that the copy gets, ending in `/`. It belongs to the copy: whatever else lies
                under it is removed, so two copies of which one lies under the prefix of the other are
                refused, within a stage: the same name may be another bucket in another stage. Left out, it is
                `data/` in a bucket of its own, and `personalize/` and the path of the import that first uses
                the data in one that is given.
            schema: The Avro schema of the dataset: its file, its JSON text, or what that holds. With it the
                data is checked when the app is synthesised: what would fail the import is an error, with file
                and line, what may not is a warning. That reads all of it, some two million records a
                second, and needs the extra `cli` of this library. Left out, the data is not looked at.
            domain: The domain of the dataset group, `ECOMMERCE` or `VIDEO_ON_DEMAND`, which requires fields
                of its own. It is for the check, so it is refused without a schema. Left out, the group is a
                custom one.
            check: False turns the check off, although there is a schema.
        """
        return _DataOnThisMachine(path, bucket, prefix, schema, domain, check)

    @abc.abstractmethod
    def check(
        self, job: Construct, problems: Problems, import_mode: object, dataset_type: str | None
    ) -> None:
        """Note what is wrong with the source. Called by the import that uses it, before `bind`."""

    @abc.abstractmethod
    def bind(self, job: Construct) -> DataLocation:
        """Make what the import needs to find the data, and say where it lies."""


def check_data_source(
    problems: Problems, value: object, job: Construct, import_mode: object, dataset_type: str | None
) -> None:
    """A data source, with nothing wrong in it."""
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


class _Copied(NamedTuple):
    """What has one copy in a stage: a source; for each environment, where copies have their own buckets."""

    source: DataSource
    environment: Environment | None


@asked_once
def _locations_in(stage: Stage) -> dict[_Copied, DataLocation]:
    """Return where the copies that a stage has so far lie, to be added to."""
    return {}


class _DataOnThisMachine(DataSource):
    def __init__(
        self,
        path: str | os.PathLike[str],
        bucket: s3.IBucket | None,
        prefix: str | None,
        schema: str | os.PathLike[str] | Mapping[str, Any] | None,
        domain: str | None,
        check: bool,
    ) -> None:
        self._given_path = path
        self._bucket = bucket
        self._prefix = prefix
        self._schema = schema
        self._domain = domain
        self._is_checked = check

    def check(
        self, job: Construct, problems: Problems, import_mode: object, dataset_type: str | None
    ) -> None:
        has_path = is_path(problems, self._given_path)
        has_schema = is_schema(problems, self._schema)
        check_flag(problems, "check of DataSource.from_asset", self._is_checked)
        if has_schema:
            check_schema_type(problems, self._schema, dataset_type)
        if has_path and self._check_files(problems) and has_schema and self._data_check:
            mode = "INCREMENTAL" if import_mode is ImportMode.INCREMENTAL else "FULL"
            self._data_check.check(job, problems, mode)
        if self._schema is None and self._domain is not None:
            rule = f"domain of DataSource.from_asset has no effect without a schema, got {self._domain!r}"
            fix = "Pass the dataset's schema too, so that the data is checked, or leave the domain out."
            problems.add(rule, fix)
        self._check_destination(job, problems, has_path)

    @functools.cached_property
    def _path(self) -> Path:
        return Path(self._given_path)

    @functools.cached_property
    def _data_check(self) -> DataCheck | None:
        if self._schema is None or not self._is_checked:
            return None
        return DataCheck(self._path, self._schema, self._domain)

    def _check_files(self, problems: Problems) -> bool:
        if not self._path.exists():
            fix = f"Create it, or correct the path: relative paths start from {Path.cwd()}."
            problems.add(f"data_source must be a file or a folder, got {str(self._path)!r}", fix)
            return False
        files = data_files(self._path)
        if odd := [name for name in (str(self._path.absolute()), *files.names) if not is_text(name)]:
            problems.add(f"data_source must have names in UTF-8, got {odd[-1]!r}", "Rename it.")
            return False
        size = files.size
        if size == 0:
            fix = (
                "Put the data there; files whose names begin with a dot do not count, nor do files in "
                "subfolders."
            )
            problems.add(f"data_source must hold data, got nothing in {str(self._path)!r}", fix)
        elif size > LARGEST_UPLOAD:
            fix = "Upload it with 'aws s3 sync' and use DataSource.from_bucket."
            problems.add(f"data_source must hold at most {LARGEST_UPLOAD} bytes, got {size}", fix)
        return 0 < size <= LARGEST_UPLOAD

    def _check_destination(self, job: Construct, problems: Problems, has_path: bool) -> None:
        name = None if self._bucket is None else bucket_name_of(problems, "from_asset", self._bucket, job)
        prefix = self._prefix_for(job)
        if not is_prefix(problems, prefix):
            return
        if has_path:
            check_location(problems, name, uploaded_key(self._path, prefix))
        copy = self._copy_for(job)
        stage = stage_of(job)
        if copy is None or self._copied_for(job) in _locations_in(stage):
            return
        for other in copies_in(stage):
            if copy.meets(other):
                problems.add(
                    f"prefix must be for one copy alone, got {prefix!r} where the data of {other.job} has "
                    f"{other.prefix!r} in the same bucket: each copy would remove the other",
                    "Give each a prefix of its own, or pass the one DataSource to both imports.",
                )

    def bind(self, job: Construct) -> DataLocation:
        """Copy the data once for each place, however many imports use it."""
        stage = stage_of(job)
        locations, copied = _locations_in(stage), self._copied_for(job)
        if copied not in locations:
            if copy := self._copy_for(job):
                copies_in(stage).append(copy)
            locations[copied] = self._upload(job).location
        return locations[copied]

    def _copied_for(self, job: Construct) -> _Copied:
        # A bucket that is made has no name, so another account or region cannot refer to it.
        return _Copied(self, environment_of(stack_of(job)) if self._bucket is None else None)

    def _copy_for(self, job: Construct) -> Copy | None:
        """The copy that it would be in a bucket that is given; in one of its own it meets no other."""
        name = getattr(self._bucket, "bucket_name", None)
        return Copy(name, self._prefix_for(job), job.node.path) if isinstance(name, str) else None

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
        return "data/" if self._bucket is None else f"personalize/{default_prefix(job.node.path)}/"
