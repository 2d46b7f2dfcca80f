# SPDX-License-Identifier: Apache-2.0
"""Files of the users' assets, and where the copies of an import lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.personalize import BAD_HEADER, BAD_ROW, GOOD
from tests.fakes.stacks import files_of

if TYPE_CHECKING:
    from tests.fakes.stacks import Properties

ASSETS = "assets"
"""The bucket of the assets."""

FILES: dict[str, tuple[bytes | None, ...]] = {
    "a0": (GOOD,),
    "b1": (GOOD, GOOD),
    "c2": (GOOD, BAD_ROW),
    "d3": (BAD_HEADER,),
    "e4": (GOOD, None),
}
"""The files by the hash of their contents. None is an asset that somebody has deleted."""

USABLE = ("a0", "b1")

CHOICES = ["a0", "b1"] * 6 + ["c2", "d3"] * 2 + ["e4"]

PLACES = (("{}-copies", ""), ("given", "personalize/{}/"), ("given", "data/{}/"))
"""The bucket and the prefix for the copies of a stack: its own bucket, or a given one."""


def assets() -> dict[tuple[str, str], bytes]:
    """The objects in the bucket of the assets."""
    return {
        (ASSETS, f"{files}-{number}.csv"): content
        for files, contents in FILES.items()
        for number, content in enumerate(contents)
        if content is not None
    }


def unplaced(files: str) -> Properties:
    """The properties of staged files that have no place yet."""
    return {"DataSource": {}, "Staging": {"Prefix": f"{files}/"}}


def placed(properties: Properties, stack: str, logical_id: str, place: tuple[str, str]) -> Properties:
    """The properties of staged files as synth makes them for an import; none if nothing is staged."""
    files = files_of(properties)
    if not files:
        return {}
    bucket, prefix = (each.format(stack) for each in place)
    folder = f"{prefix}{logical_id}/{files}/"
    return {
        "DataSource": {"DataLocation": f"s3://{bucket}/{folder}"},
        "Staging": {
            "Bucket": bucket,
            "Prefix": folder,
            "Files": [
                {"Bucket": ASSETS, "Key": f"{files}-{number}.csv", "Name": f"part-{number + 1:04}.csv"}
                for number in range(len(FILES[files]))
            ],
        },
    }
