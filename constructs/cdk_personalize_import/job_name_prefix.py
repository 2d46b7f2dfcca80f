# SPDX-License-Identifier: Apache-2.0
"""The prefix of the names of an import's jobs."""

from __future__ import annotations

import hashlib
import re

from cdk_personalize_import.limits import string_limit

SUFFIX_LENGTH = 18
"""What the handler appends to make a name unique: "-", 12 hex digits, "-", up to 4 digits."""

_HASH_LENGTH = 8


def longest_prefix() -> int:
    """Return how many characters of a job's name are left to the prefix."""
    return string_limit("jobName").maximum - SUFFIX_LENGTH


def default_prefix(path: str) -> str:
    """Return the prefix for a construct: its path, or the end of its path and a hash of the whole path.

    The hash distinguishes paths that are too long or have characters that a name cannot have.
    """
    prefix = re.sub(r"[^a-zA-Z0-9_]+", "-", path).strip("-_")
    if prefix and len(prefix) <= longest_prefix() and path.isascii():
        return prefix
    digest = hashlib.sha256(path.encode()).hexdigest()[:_HASH_LENGTH]
    tail = prefix[-(longest_prefix() - _HASH_LENGTH - 1) :].strip("-_")
    return f"{tail}-{digest}" if tail else digest
