# SPDX-License-Identifier: Apache-2.0
"""The stem of a job's name: what of it is the user's to choose."""

from __future__ import annotations

import hashlib
import re

from cdk_personalize_import.limits import string_limit

SUFFIX_LENGTH = 18
"""What the import appends to tell one job from the next: "-", 12 hex digits, "-", up to 4 digits."""

_HASH_LENGTH = 8


def longest_stem() -> int:
    """Return how many characters of a job's name are left to the stem."""
    return string_limit("jobName").maximum - SUFFIX_LENGTH


def default_stem(path: str) -> str:
    """Return the stem for the construct at this path: the path itself, or its end and a hash of it all.

    The hash tells paths apart that are too long, or whose characters a name cannot have.
    """
    stem = re.sub(r"[^a-zA-Z0-9_]+", "-", path).strip("-_")
    if stem and len(stem) <= longest_stem() and path.isascii():
        return stem
    digest = hashlib.sha256(path.encode()).hexdigest()[:_HASH_LENGTH]
    tail = stem[-(longest_stem() - _HASH_LENGTH - 1) :].strip("-_")
    return f"{tail}-{digest}" if tail else digest
