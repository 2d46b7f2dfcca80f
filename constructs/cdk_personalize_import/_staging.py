# SPDX-License-Identifier: Apache-2.0
"""Data of this machine: an asset for each file, and the location to which the handler copies them.

The CDK CLI uploads each file to its bucket of assets without zipping it. The handler copies the files within
Amazon S3 to `BUCKET/PREFIX/LOGICAL-ID/HASH/`, imports that folder, and removes the copies when the job has
ended. The property `Staging` of the import's resource lists the files:

    {"Bucket": ..., "Prefix": "PREFIX/LOGICAL-ID/HASH/", "Files": [{"Bucket": ..., "Key": ..., "Name": ...}]}

`Bucket` and `Key` of a file are those of its asset; `Name` is the name of the copy. HASH and names depend
only on the contents of the files. New contents have a new location and are imported again; a new name or time
of a file changes nothing.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import cast

import jsii
from aws_cdk import CfnElement, IStableStringProducer, Lazy, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct, IValidation

from cdk_personalize_import._cdk import is_token, stack_of, unique_name_of
from cdk_personalize_import._data_location import DataLocation, name_of
from cdk_personalize_import._import_handler import ImportHandler
from cdk_personalize_import._limits import string_limit
from cdk_personalize_import._validation import Problems
from personalize_import.data_rules.file_rules import size_rule

LARGEST_FILE = 5 * 1024**3
"""Bytes of one file. S3 accepts it in one call, and the handler copies it within one invocation.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
"""

LARGEST_TOTAL = 20 * 1024**3
"""Bytes of all files of one import. Copying them takes a few minutes."""

MOST_FILES = 200
"""Files of one import. Each adds some 200 bytes to the template, to the request and to the record."""

_CSV = ".csv"

_EXTENSION = re.compile(r"\.[A-Za-z0-9]+")

_LONGEST_SHOWN = 200
"""Characters of a path in an error."""

_HASH_LENGTH = 20
"""Hex digits, 80 bits. It identifies versions of one import's data, and a location has 256 characters."""

_LONGEST_BUCKET_NAME = 63


@dataclass(frozen=True)
class LocalData:
    """A file, or the files of the first level of a folder.

    Attributes:
        path: The file or the folder.
        pattern: A pattern for the names of a folder's files, such as `*.csv`. None selects all files.
    """

    path: Path
    pattern: str | None

    @functools.cached_property
    def files(self) -> Sequence[Path]:
        """The files, sorted by name, without hidden files.

        A hidden file, such as that of a file manager, would fail the import, because it has no header.
        """
        if not self.path.is_dir():
            return [self.path]
        return sorted(entry for entry in self._entries() if entry.is_file())

    def _entries(self) -> Iterator[Path]:
        """Yield what is in the folder and has a name to import."""
        for entry in self.path.iterdir():
            if not entry.name.startswith(".") and fnmatchcase(entry.name, self.pattern or "*"):
                yield entry

    @functools.cached_property
    def contents(self) -> Sequence[tuple[str, Path]]:
        """The SHA-256 of each file and the file, sorted by hash."""
        return sorted((_hash_of(file), file) for file in self.files)

    @property
    def hash(self) -> str:
        """A hash of the contents, which does not depend on the names."""
        hashes = "\n".join(content_hash for content_hash, _ in self.contents)
        return hashlib.sha256(hashes.encode()).hexdigest()[:_HASH_LENGTH]

    def check(self, problems: Problems, import_mode: str | None) -> bool:
        """Check the files, and return whether there is no problem.

        Args:
            problems: Receives the problems.
            import_mode: The mode whose limit of bytes is checked. None checks none.
        """
        if not _exists(self.path):
            fix = f"Create it, or correct the path: relative paths start from {Path.cwd()}."
            problems.add(f"data_source must be a file or a folder, got {_shortened(str(self.path))!r}", fix)
            return False
        before = len(problems.messages)
        if self.pattern is not None and not self.path.is_dir():
            rule = f"pattern of DataSource.from_asset must be for a folder, got {self.pattern!r} for a file"
            problems.add(rule, "Omit it, or pass the folder.")
        self._check_names(problems)
        self._check_sizes(problems, import_mode)
        return len(problems.messages) == before

    def _check_names(self, problems: Problems) -> None:
        broken = sorted(
            entry.name
            for entry in (self._entries() if self.path.is_dir() else ())
            if not (entry.is_file() or entry.is_dir())
        )
        if broken:
            problems.add(
                f"data_source must hold files that exist, got {broken[0]!r} in {str(self.path)!r}, a link "
                "to nothing or no file",
                "Fetch the file, such as with 'git lfs pull', or remove the entry.",
            )
        if secret := [file.name for file in self.files if not os.access(file, os.R_OK)]:
            problems.add(
                f"data_source must hold files that can be read, got {secret[0]!r} in {str(self.path)!r}",
                "Allow your user to read the file.",
            )
        names = [file.name for file in self.files]
        if odd := [name for name in (str(self.path.absolute()), *names) if not _is_text(name)]:
            problems.add(f"data_source must have names in UTF-8, got {odd[-1]!r}", "Rename it.")
        stray = [name for name in names if not name.lower().endswith(_CSV)]
        if self.path.is_dir() and self.pattern is None and stray:
            more = f" and {len(stray) - 1} more" if len(stray) > 1 else ""
            problems.add(
                f"data_source must hold CSV files only, got {stray[0]!r}{more} in {str(self.path)!r}",
                "Personalize imports every file of a folder. Pass a pattern of the names to import, such as "
                "pattern='*.csv', or move the other files.",
            )
        elif bare := [name for name in names if not Path(name).suffix]:
            problems.add(
                f"data_source must have files with an extension, got {bare[0]!r}",
                f"Rename it, such as to '{bare[0]}.csv': the function may read assets by their extension "
                "only.",
            )
        elif unusual := [name for name in names if not _EXTENSION.fullmatch(Path(name).suffix)]:
            problems.add(
                "data_source must have files whose extensions consist of letters and digits, got "
                f"{unusual[0]!r}",
                "Rename it: the extension is in the policy of the function.",
            )

    def _check_sizes(self, problems: Problems, import_mode: str | None) -> None:
        sizes = {file: file.stat().st_size for file in self.files}
        total, largest = sum(sizes.values()), max(sizes.values(), default=0)
        fix = "Upload the data with 'aws s3 sync' and use DataSource.from_bucket."
        if total == 0:
            names = f" with names like {self.pattern!r}" if self.pattern else ""
            problems.add(
                f"data_source must hold data, got nothing in {str(self.path)!r}{names}",
                "Add data. Files in subfolders, and files whose names begin with a dot, are not imported.",
            )
        elif len(sizes) > MOST_FILES:
            rule = f"data_source must hold at most {MOST_FILES} files, got {len(sizes)} in {str(self.path)!r}"
            problems.add(
                rule, "Join files. Or upload the data with 'aws s3 sync' and use DataSource.from_bucket."
            )
        elif largest > LARGEST_FILE:
            file = next(file for file, size in sizes.items() if size == largest)
            problems.add(
                f"data_source must have files of at most {LARGEST_FILE} bytes, got {largest} in "
                f"{file.name!r}",
                fix,
            )
        elif total > LARGEST_TOTAL:
            problems.add(f"data_source must hold at most {LARGEST_TOTAL} bytes, got {total}", fix)
        elif import_mode and (broken := size_rule(total, import_mode)):
            problems.add(f"{self.path}: {broken.sentence} Got {total:,} bytes", broken.fix)


def stage(job: Construct, data: LocalData, bucket: s3.IBucket | None, prefix: str | None) -> DataLocation:
    """Create the assets of an import's data, grant the handler access, and return the copies' location.

    Args:
        job: The import.
        data: The files.
        bucket: The staging bucket. None means that of the stack.
        prefix: The prefix of the copies, which ends in `/`. None means `personalize/` in a bucket that is
            passed, and no prefix in the stack's own.
    """
    handler = ImportHandler.of(job)
    target = bucket or handler.staging_bucket
    if prefix is None:
        prefix = "personalize/" if bucket else ""
    if bucket:
        # Other stacks may use the bucket too, and a logical id is unique in its stack only.
        prefix += f"{unique_name_of(stack_of(job))}/"
    own = f"{prefix}{_logical_id_of(job)}/"
    digest, files = "0" * _HASH_LENGTH, []
    # `cdk list` and `cdk destroy` need no assets, so they neither hash nor copy gigabytes.
    if Stack.of(job).bundling_required:
        digest = data.hash
        files = [_asset_of(job, number, *content) for number, content in enumerate(data.contents, start=1)]
        handler.grant_staging(files[0].bucket, {file.suffix for file in data.files}, target, prefix)
    location = DataLocation(
        target,
        f"{own}{digest}/",
        readable=own,
        identity=digest,
        staging={
            "Bucket": name_of(target),
            "Prefix": f"{own}{digest}/",
            "Files": [
                {
                    "Bucket": asset.s3_bucket_name,
                    "Key": asset.s3_object_key,
                    "Name": f"part-{number:04}{_CSV}",
                }
                for number, asset in enumerate(files, start=1)
            ],
        },
    )
    job.node.add_validation(cast(IValidation, _LengthValidation(job, location)))
    return location


def _asset_of(job: Construct, number: int, content_hash: str, file: Path) -> s3_assets.Asset:
    # The path is absolute, because Node.js has its own working directory. With the hash, the CDK does not
    # read the file a second time.
    return s3_assets.Asset(job, f"Data{number}", path=str(file.absolute()), asset_hash=content_hash)


def _hash_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _exists(path: Path) -> bool:
    """Whether a path exists. One that is too long, such as data instead of a path, does not."""
    try:
        return path.exists()
    except OSError:
        return False


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _is_text(name: str) -> bool:
    """Whether a file's name is valid UTF-8. Python represents other bytes as surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _logical_id_of(job: Construct) -> str:
    """Return the logical id of the import's resource as a token, because the resource is created later."""
    return Lazy.string(cast(IStableStringProducer, _LogicalId(job)))


@jsii.implements(IStableStringProducer)
class _LogicalId:
    def __init__(self, job: Construct) -> None:
        self._job = job

    def produce(self) -> str:
        """Return the logical id. The CDK calls it."""
        return cast(CfnElement, self._job.node.default_child).logical_id


@jsii.implements(IValidation)
class _LengthValidation:
    """Checks the length of the location at synth, when the logical id in it is known."""

    def __init__(self, job: Construct, location: DataLocation) -> None:
        self._job = job
        self._location = location

    def validate(self) -> list[str]:
        """Return an error if the location is too long. The CDK calls it, and adds the path."""
        longest = string_limit("dataSource", "dataLocation").maximum
        key, bucket = stack_of(self._job).resolve(self._location.key), name_of(self._location.bucket)
        if not isinstance(key, str):
            return []
        length = len("s3:///") + len(key) + (_LONGEST_BUCKET_NAME if is_token(bucket) else len(bucket))
        if length <= longest:
            return []
        return [
            f"data_source must have a location of at most {longest} characters, got up to {length} with the "
            f"key {key!r}. Shorten the prefix, or the ids of the import and of the constructs around it."
        ]
