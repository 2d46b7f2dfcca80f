# SPDX-License-Identifier: Apache-2.0
"""The prefix of the names of an import's jobs: its default and its rules."""

from __future__ import annotations

import hashlib
import re

from aws_cdk import Stack
from constructs import Construct

from cdk_personalize_import._cdk import cached_by_identity, stack_of
from cdk_personalize_import._limits import string_limit
from cdk_personalize_import._validation import Problems, is_known_text

SUFFIX_LENGTH = 18
"""Characters that the handler appends to make a name unique: "-", 12 hex digits, "-", up to 4 digits."""

_HASH_LENGTH = 8


def longest_prefix() -> int:
    """Return the number of characters that a prefix may have."""
    return string_limit("jobName").maximum - SUFFIX_LENGTH


def default_prefix(path: str) -> str:
    """Return the prefix for a construct: its path, or the end of its path and a hash of the whole path.

    The hash keeps prefixes of long paths, and of paths with characters that a name cannot have, apart.
    """
    prefix = re.sub(r"[^a-zA-Z0-9_]+", "-", path).strip("-_")
    if prefix and len(prefix) <= longest_prefix() and path.isascii():
        return prefix
    digest = hashlib.sha256(path.encode()).hexdigest()[:_HASH_LENGTH]
    tail = prefix[-(longest_prefix() - _HASH_LENGTH - 1) :].strip("-_")
    return f"{tail}-{digest}" if tail else digest


def check_job_name_prefix(problems: Problems, value: object) -> None:
    """Check that names with this prefix and the handler's suffix are names that the API accepts."""
    if value is None or not is_known_text(problems, "job_name_prefix", value, "Pass a string, or omit it."):
        return
    prefix, limit = str(value), string_limit("jobName")
    longest = longest_prefix()
    if len(prefix) > longest:
        problems.add(
            f"job_name_prefix must have at most {longest} characters, got {len(prefix)}: {prefix!r}",
            f"Shorten it: of the {limit.maximum} characters that the API allows, the import needs "
            f"{SUFFIX_LENGTH} to make each name unique.",
        )
    if not limit.matches(prefix):
        problems.add(
            f"job_name_prefix must match {limit.pattern}, got {prefix!r}",
            "Use letters, digits, '-' and '_', a letter or digit first; or omit it.",
        )


def check_prefix_is_unused(problems: Problems, job: Construct, dataset_arn: object, prefix: object) -> None:
    """Check that no other import of the stack into this dataset uses the prefix."""
    if not isinstance(dataset_arn, str) or not isinstance(prefix, str):
        return
    other = _prefixes_in(stack_of(job)).get((dataset_arn, prefix))
    if other is not None and _is_in_tree(other):
        problems.add(
            f"job_name_prefix must be unique among the imports into a dataset, got {prefix!r}, which "
            f"{other.node.path} has too",
            "Pass another one. If omitted, it is made of the path, where 'a/b' and 'a-b' become the same.",
        )


def reserve_prefix(job: Construct, dataset_arn: str, prefix: str) -> None:
    """Reserve the prefix for this import."""
    _prefixes_in(stack_of(job))[dataset_arn, prefix] = job


@cached_by_identity
def _prefixes_in(stack: Stack) -> dict[tuple[str, str], Construct]:
    """Return a dictionary, kept with the stack, of its imports by dataset and prefix."""
    return {}


def _is_in_tree(job: Construct) -> bool:
    """Return False for an import that was removed from the tree: its prefix can be used again."""
    return any(found is job for found in stack_of(job).node.find_all())
