# SPDX-License-Identifier: Apache-2.0
"""The prefix of the names of an import's jobs: its default, its rules, and that no two imports share one."""

from __future__ import annotations

import hashlib
import re

from aws_cdk import Stack
from constructs import Construct

from cdk_personalize_import._cdk import cached_by_identity, stack_of
from cdk_personalize_import._limits import string_limit
from cdk_personalize_import._validation import Problems, is_known_text

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


def check_job_name_prefix(problems: Problems, value: object) -> None:
    """Check the prefix of the jobs' names, which leaves room for what makes a name unique."""
    if value is None or not is_known_text(
        problems, "job_name_prefix", value, "Pass a string, or leave it out."
    ):
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
            "Use letters, digits, '-' and '_', a letter or digit first; or leave it out.",
        )


def check_prefix_is_free(problems: Problems, job: Construct, dataset_arn: object, prefix: object) -> None:
    """Rejects a prefix that another import of the stack into this dataset already uses."""
    if not isinstance(dataset_arn, str) or not isinstance(prefix, str):
        return
    other = _prefixes_in(stack_of(job)).get((dataset_arn, prefix))
    if other is not None and _is_in_the_tree(other):
        problems.add(
            f"job_name_prefix must be unique among the imports into a dataset, got {prefix!r}, which "
            f"{other.node.path} has too",
            "Pass another one. If omitted, it is made of the path, where 'a/b' and 'a-b' become the same.",
        )


def take_prefix(job: Construct, dataset_arn: str, prefix: str) -> None:
    """Reserve the prefix for this import."""
    _prefixes_in(stack_of(job))[dataset_arn, prefix] = job


@cached_by_identity
def _prefixes_in(stack: Stack) -> dict[tuple[str, str], Construct]:
    """Return the imports by dataset and prefix, to be added to."""
    return {}


def _is_in_the_tree(job: Construct) -> bool:
    """Whether the import has not been removed from the tree, which frees its prefix."""
    return any(found is job for found in stack_of(job).node.find_all())
