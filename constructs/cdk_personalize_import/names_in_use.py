# SPDX-License-Identifier: Apache-2.0
"""Keeps the job names of the imports of a stack apart."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

from cdk_personalize_import.asked_once import asked_once
from cdk_personalize_import.environments import stack_of
from cdk_personalize_import.validation import Problems


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


@asked_once
def _prefixes_in(stack: Stack) -> dict[tuple[str, str], Construct]:
    """Return the imports by dataset and prefix, to be added to."""
    return {}


def _is_in_the_tree(job: Construct) -> bool:
    """Whether the import has not been removed from the tree, which frees its prefix."""
    return any(found is job for found in stack_of(job).node.find_all())
