# SPDX-License-Identifier: Apache-2.0
"""Objects are read in ranges, all of them and nothing else; what goes wrong is one line."""

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from personalize_import.data_check import CannotCheckError, check
from personalize_import.data_check.s3_location import RANGE_BYTES, S3Location
from tests.data_check.data import HEADER, SCHEMA, interactions, places, rules

BUCKET = "data"
CSV = "".join([HEADER, *interactions()]).encode()


class Body(io.BytesIO):
    """The body of a reply, which may break off."""

    def __init__(self, data: bytes, breaks: bool) -> None:
        super().__init__(data[: len(data) // 2] if breaks else data)
        self._breaks = breaks

    def read(self, size: int | None = -1, /) -> bytes:
        """All of it, or the error of a connection that breaks off."""
        if self._breaks:
            raise ConnectionResetError("connection reset")
        return super().read(size)


class Bucket:
    """A bucket of Amazon S3, as its client shows it."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.refused: dict[str, str] = {}
        self.breaking = 0
        self.ranges: list[tuple[str, int]] = []

    def get_paginator(self, operation: str) -> "Bucket":
        """Pages of one operation."""
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str) -> Iterator[dict[str, Any]]:
        """Pages with one object each."""
        self._refuse("ListObjectsV2")
        keys = sorted(key for key in self.objects if key.startswith(Prefix))
        folders = {
            Prefix + key[len(Prefix) :].split("/")[0] + "/" for key in keys if "/" in key[len(Prefix) :]
        }
        yield {"CommonPrefixes": [{"Prefix": folder} for folder in sorted(folders)]}
        for key in keys:
            if "/" not in key[len(Prefix) :]:
                yield {"Contents": [{"Key": key, "Size": len(self.objects[key]), "ETag": self._etag(key)}]}

    def get_object(self, *, Bucket: str, Key: str, Range: str, IfMatch: str) -> dict[str, Any]:
        """One range of an object."""
        self._refuse("GetObject")
        if self._etag(Key) != IfMatch:
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "GetObject")
        first, _, last = Range.removeprefix("bytes=").partition("-")
        self.ranges.append((Key, int(first)))
        self.breaking -= 1
        return {"Body": Body(self.objects[Key][int(first) : int(last) + 1], self.breaking >= 0)}

    def _etag(self, key: str) -> str:
        return hashlib.md5(self.objects[key]).hexdigest()

    def _refuse(self, operation: str) -> None:
        if operation in self.refused:
            raise ClientError({"Error": {"Code": self.refused[operation]}}, operation)


def location(bucket: Bucket, key: str) -> S3Location:
    """A location in the bucket."""
    client: Any = bucket
    return S3Location(f"s3://{BUCKET}/{key}", client)


def test_an_object_of_several_ranges_is_read_once_and_whole() -> None:
    """Each range once, and what is found is what is found in a file."""
    lines = interactions(400_000)
    lines[300_000] = "u1,i1,x\n"
    bucket = Bucket({"a.csv": "".join([HEADER, *lines]).encode()})

    report = check(location(bucket, "a.csv"), SCHEMA)

    assert len(bucket.objects["a.csv"]) > 2 * RANGE_BYTES
    assert places(report) == [("value-type", 300_002)]
    assert report.records == 400_000
    assert sorted(bucket.ranges) == [
        ("a.csv", start) for start in range(0, len(bucket.objects["a.csv"]), RANGE_BYTES)
    ]


def test_a_folder_is_its_first_level() -> None:
    """Deeper and hidden objects are reported, and the folder's own object is no file."""
    bucket = Bucket(
        {
            "in/": b"",
            "in/a.csv": "".join([HEADER, *interactions(1500)[:700]]).encode(),
            "in/b.csv": "".join([HEADER, *interactions(1500)[700:]]).encode(),
            "in/.crc": b"x",
            "in/old/c.csv": b"x",
            "inside.csv": b"x",
        }
    )

    report = check(location(bucket, "in/"), SCHEMA)

    assert (report.files, report.records) == (2, 1500)
    assert rules(report) == {"folder-deeper", "folder-hidden"}


@pytest.mark.parametrize("url", ["s3://data", "s3://data/"])
def test_a_bucket_is_a_folder(url: str) -> None:
    """With a slash at the end or without."""
    client: Any = Bucket({"a.csv": CSV, "b.csv": CSV})
    read = S3Location(url, client)

    assert (read.name, read.folder) == ("s3://data/", "s3://data/")
    assert [source.name for source in read.sources()] == ["s3://data/a.csv", "s3://data/b.csv"]


def test_many_small_objects_are_each_read_once() -> None:
    """Those that are read ahead are not read again."""
    names = [f"in/{number:03}.csv" for number in range(50)]
    bucket = Bucket({name: CSV for name in names})

    report = check(location(bucket, "in/"), SCHEMA)

    assert report.records == 50_000
    assert sorted(bucket.ranges) == [(name, 0) for name in names]


def test_an_empty_folder_has_nothing_to_import() -> None:
    """As on disk."""
    assert rules(check(location(Bucket({}), "in/"), SCHEMA)) == {"folder-empty"}


def test_a_reply_that_breaks_off_is_read_again() -> None:
    """Twice; after that the check ends."""
    bucket = Bucket({"a.csv": CSV})
    bucket.breaking = 2

    assert places(check(location(bucket, "a.csv"), SCHEMA)) == []

    bucket.breaking = 3
    with pytest.raises(CannotCheckError, match=r"s3://data/a\.csv: connection reset\.$"):
        check(location(bucket, "a.csv"), SCHEMA)


@pytest.mark.parametrize(
    ("operation", "code", "message"),
    [
        (
            "ListObjectsV2",
            "AccessDenied",
            "s3://data/a.csv: Access denied. The credentials need s3:ListBucket.",
        ),
        ("GetObject", "AccessDenied", "s3://data/a.csv: Access denied. The credentials need s3:GetObject."),
        ("ListObjectsV2", "NoSuchBucket", "s3://data/a.csv: There is no such bucket. Correct the URL."),
    ],
)
def test_what_is_refused_is_one_line_with_the_permission(operation: str, code: str, message: str) -> None:
    """The user knows what to add."""
    bucket = Bucket({"a.csv": CSV})
    bucket.refused[operation] = code

    with pytest.raises(CannotCheckError) as refused:
        check(location(bucket, "a.csv"), SCHEMA)

    assert str(refused.value) == message


def test_missing_credentials_are_one_line() -> None:
    """As botocore says it."""
    bucket = Bucket({})
    bucket.get_paginator = lambda operation: (_ for _ in ()).throw(NoCredentialsError())  # type: ignore[method-assign]

    with pytest.raises(CannotCheckError, match=r"s3://data/a\.csv: Unable to locate credentials\.$"):
        check(location(bucket, "a.csv"), SCHEMA)


def test_a_folder_without_its_slash_is_told_to_have_one() -> None:
    """`s3://BUCKET/in` is the name of an object, for Personalize too."""
    with pytest.raises(CannotCheckError) as refused:
        check(location(Bucket({"in/a.csv": CSV}), "in"), SCHEMA)

    assert str(refused.value) == "s3://data/in: There is no such object. A folder must end in /."


def test_an_object_that_changes_is_not_mixed_with_the_old_one() -> None:
    """Its later ranges would be of another file."""
    bucket = Bucket({"in/a.csv": CSV, "in/b.csv": CSV})
    found = location(bucket, "in/")
    sources = found.sources()
    bucket.objects["in/b.csv"] = CSV.replace(b"u1,", b"u2,")

    with (
        pytest.raises(CannotCheckError, match="has changed since the check began"),
        sources[1].open() as file,
    ):
        file.read()
