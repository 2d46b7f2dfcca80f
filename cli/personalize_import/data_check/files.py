# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from personalize_import.data_rules.file_rules import FOLDER_DEEPER, FOLDER_EMPTY, FOLDER_HIDDEN, size_rule
from personalize_import.data_rules.finding import Finding


def data_files(path: Path) -> list[Path]:
    """The file, or the files of a folder that an import reads, in the order of their names."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))


def check_files(path: Path, files: list[Path], import_mode: str) -> Iterator[Finding]:
    """Everything that is wrong with which files there are, and how large they are."""
    if not files:
        yield Finding(FOLDER_EMPTY, str(path))
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            if entry.is_dir() and not entry.name.startswith(".") and any(entry.iterdir()):
                yield Finding(FOLDER_DEEPER, f"{entry}/")
            elif entry.is_file() and entry.name.startswith("."):
                yield Finding(FOLDER_HIDDEN, str(entry))
    size = sum(file.stat().st_size for file in files)
    rule = size_rule(size, import_mode)
    if rule:
        yield Finding(rule, str(path), value=f"{size:,} bytes")
