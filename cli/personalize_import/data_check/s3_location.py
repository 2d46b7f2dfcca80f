# SPDX-License-Identifier: Apache-2.0
"""Data in Amazon S3, read in ranges while the ones before are checked, without a copy on disk."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from personalize_import.data_check.errors import CannotCheckError, is_refused, needs
from personalize_import.data_check.sources import Source
from personalize_import.data_rules.file_rules import FOLDER_DEEPER, FOLDER_HIDDEN
from personalize_import.data_rules.finding import Finding

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"
RANGE_BYTES = 4 * 1024**2
_ATTEMPTS = 3
"""At one range. botocore retries requests, but not a reply that breaks off."""

_NEEDED = {"ListObjectsV2": "s3:ListBucket", "GetObject": "s3:GetObject"}


@dataclass(frozen=True)
class _Object:
    key: str
    size: int
    etag: str


@dataclass
class S3Location:
    """An object, or a folder of which the objects of the first level are read.

    Attributes:
        name: `s3://BUCKET/KEY`; a folder ends in `/`, which is added to `s3://BUCKET`.
        client: The client of Amazon S3.
        jobs: How many ranges are read at the same time.
        range_bytes: The bytes of a range.
    """

    name: str
    client: S3Client
    jobs: int = 2
    range_bytes: int = RANGE_BYTES
    _objects: list[_Object] = field(default_factory=list)
    _folders: list[str] = field(default_factory=list)
    _is_listed: bool = False

    def __post_init__(self) -> None:
        self._bucket, slash, self._prefix = self.name.removeprefix(SCHEME).partition("/")
        if not slash:
            self.name += "/"
        self._executor = ThreadPoolExecutor(self.jobs)
        self._ahead: dict[str, Future[bytes]] = {}

    def sources(self) -> Sequence[Source]:
        """The objects.

        Raises:
            CannotCheckError: There is none, or it may not be read.
        """
        self._list()
        files = [each for each in self._objects if not self._is_hidden(each)]
        return [
            Source(self._url(each), lambda each=each, at=at: self._open(each, files[at + 1 :]), each.size)  # type: ignore[misc]
            for at, each in enumerate(files)
        ]

    def findings(self) -> Iterator[Finding]:
        """Objects and folders that are imported by mistake, or are not imported."""
        self._list()
        for folder in self._folders:
            yield Finding(FOLDER_DEEPER, f"{SCHEME}{self._bucket}/{folder}")
        for each in self._objects:
            if self._is_hidden(each):
                yield Finding(FOLDER_HIDDEN, self._url(each))

    @property
    def folder(self) -> str:
        """The URL of the folder: of an object, that which it is in."""
        return f"{SCHEME}{self._bucket}/{self._prefix[: self._prefix.rfind('/') + 1]}"

    def bytes_below(self) -> int:
        """The bytes of all objects in the folder and in those below it.

        Raises:
            CannotCheckError: They may not be listed.
        """
        prefix = self.folder.removeprefix(f"{SCHEME}{self._bucket}/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        try:
            return sum(each["Size"] for page in pages for each in page.get("Contents", ()))
        except (BotoCoreError, ClientError) as problem:
            raise CannotCheckError(_explained(self.name, problem)) from problem

    def _list(self) -> None:
        if self._is_listed:
            return
        is_folder = not self._prefix or self._prefix.endswith("/")
        try:
            for page in self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix, Delimiter="/"
            ):
                self._folders += [folder["Prefix"] for folder in page.get("CommonPrefixes", ())]
                for each in page.get("Contents", ()):
                    key = each["Key"]
                    # The console makes an empty object of the folder's name.
                    if (key != self._prefix) if is_folder else (key == self._prefix):
                        self._objects.append(_Object(key, each["Size"], each["ETag"]))
        except (BotoCoreError, ClientError) as problem:
            raise CannotCheckError(_explained(self.name, problem)) from problem
        if not is_folder:
            if not self._objects:
                is_folder_without_slash = f"{self._prefix}/" in self._folders
                fix = "A folder must end in /." if is_folder_without_slash else "Correct the URL."
                raise CannotCheckError(f"{self.name}: There is no such object. {fix}")
            self._folders = []
        self._is_listed = True

    def _is_hidden(self, each: _Object) -> bool:
        return each.key.rpartition("/")[2].startswith(".")

    def _url(self, each: _Object) -> str:
        return f"{SCHEME}{self._bucket}/{each.key}"

    def _open(self, each: _Object, others: Sequence[_Object]) -> BinaryIO:
        first = self._ahead.pop(each.key, None) or self._start(each, 0)
        # The beginning of the next objects: many small ones would otherwise be read one after the other.
        for other in others[: self.jobs]:
            if other.key not in self._ahead:
                self._ahead[other.key] = self._start(other, 0)
        return io.BufferedReader(_Ranges(self, each, first), self.range_bytes)

    def _start(self, each: _Object, position: int) -> Future[bytes]:
        return self._executor.submit(self._read, each, position)

    def _read(self, each: _Object, position: int) -> bytes:
        """Read one range.

        Raises:
            CannotCheckError: It cannot be read, or the object has changed.
        """
        if position >= each.size:
            return b""
        end = min(position + self.range_bytes, each.size)
        problem: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                reply = self.client.get_object(
                    Bucket=self._bucket, Key=each.key, Range=f"bytes={position}-{end - 1}", IfMatch=each.etag
                )
                data = reply["Body"].read()
            except ClientError as refused:
                raise CannotCheckError(_explained(self._url(each), refused)) from refused
            except (BotoCoreError, OSError) as broken:
                problem = broken
                continue
            if len(data) == end - position:
                return data
            problem = OSError("the reply was incomplete")
        raise CannotCheckError(_explained(self._url(each), problem)) from problem


class _Ranges(io.RawIOBase):
    """An object as a stream, of which some ranges are read ahead."""

    def __init__(self, location: S3Location, each: _Object, first: Future[bytes]) -> None:
        self._location = location
        self._object = each
        self._running = deque([first])
        self._position = location.range_bytes
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while len(self._running) <= self._location.jobs and self._position < self._object.size:
            self._running.append(self._location._start(self._object, self._position))
            self._position += self._location.range_bytes
        if not self._rest:
            if not self._running:
                return 0
            self._rest = memoryview(self._running.popleft().result())
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        for each in self._running:
            each.cancel()
        self._running.clear()
        super().close()


def _explained(name: str, problem: Exception | None) -> str:
    """What went wrong, in one line, and what permission is needed if one is missing."""
    if isinstance(problem, ClientError):
        code = problem.response.get("Error", {}).get("Code", "")
        if is_refused(code):
            return f"{name}: {needs(_NEEDED.get(problem.operation_name, problem.operation_name))}"
        if code in {"PreconditionFailed", "412"}:
            return f"{name}: The object has changed since the check began. Check it again."
        if code in {"NoSuchBucket", "404"}:
            return f"{name}: There is no such bucket. Correct the URL."
    return f"{name}: {str(problem).rstrip('.')}."
