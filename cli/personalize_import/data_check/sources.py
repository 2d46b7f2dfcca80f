# SPDX-License-Identifier: Apache-2.0
"""Where the data of an import is: files that are read one after the other."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from personalize_import.data_check.errors import CannotCheckError
from personalize_import.data_rules.file_rules import FOLDER_DEEPER, FOLDER_EMPTY, FOLDER_HIDDEN, size_rule
from personalize_import.data_rules.finding import Finding


@dataclass(frozen=True)
class Source:
    """One file.

    Attributes:
        name: Its name in findings.
        open: Opens it for reading.
        size: Its bytes; 0 if that is not known.
    """

    name: str
    open: Callable[[], BinaryIO]
    size: int = 0


class Location(Protocol):
    """A place with the data of one import."""

    @property
    def name(self) -> str:
        """Its name in findings."""

    def sources(self) -> Sequence[Source]:
        """The files that an import reads, in the order of their names."""

    def findings(self) -> Iterator[Finding]:
        """Everything that is wrong with which files there are."""


@dataclass(frozen=True)
class LocalPath:
    """A file or a folder on this machine, of which the files of the first level are read."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def sources(self) -> Sequence[Source]:
        """The file, or the files of the folder.

        Raises:
            CannotCheckError: Something in the folder is no file, so that a part of the data would be missing.
        """
        if not self.path.is_dir():
            return [_local(self.path)]
        entries = [each for each in sorted(self.path.iterdir()) if not each.name.startswith(".")]
        files = [entry for entry in entries if not entry.is_dir()]
        for file in files:
            if not file.is_file():
                raise CannotCheckError(
                    f"{file}: it is neither a file nor a folder, or a link to nothing. Remove it."
                )
        return [_local(file) for file in files]

    def findings(self) -> Iterator[Finding]:
        """Files and folders that are imported by mistake, or are not imported."""
        if not self.path.is_dir():
            return
        for entry in sorted(self.path.iterdir()):
            if entry.is_dir() and not entry.name.startswith(".") and any(entry.iterdir()):
                yield Finding(FOLDER_DEEPER, f"{entry}/")
            elif entry.is_file() and entry.name.startswith("."):
                yield Finding(FOLDER_HIDDEN, str(entry))


@dataclass(frozen=True)
class StandardInput:
    """The standard input, read as one file."""

    stream: BinaryIO = field(default_factory=lambda: sys.stdin.buffer)
    name: str = "-"

    def sources(self) -> Sequence[Source]:
        """The one file."""
        return [Source(self.name, lambda: io.BufferedReader(_Unclosed(self.stream)))]

    def findings(self) -> Iterator[Finding]:
        """None, as there is one file."""
        return iter(())


class _Unclosed(io.RawIOBase):
    """A stream that stays open when its reader is closed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def check_files(location: Location, sources: Sequence[Source]) -> Iterator[Finding]:
    """Everything that is wrong with which files there are."""
    if not sources:
        yield Finding(FOLDER_EMPTY, location.name)
    yield from location.findings()


def check_size(location: Location, size: int, import_mode: str) -> Iterator[Finding]:
    """Whether the files together have too many bytes."""
    rule = size_rule(size, import_mode)
    if rule:
        yield Finding(rule, location.name, value=f"{size:,} bytes")


def _local(path: Path) -> Source:
    return Source(str(path), lambda: path.open("rb"), path.stat().st_size)
