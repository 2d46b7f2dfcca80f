# SPDX-License-Identifier: Apache-2.0
"""Keeps the imports of a stack apart: the handler knows the jobs of one by their dataset and stem."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

from cdk_personalize_import.asked_once import asked_once
from cdk_personalize_import.environments import stack_of
from cdk_personalize_import.validation import Problems


def check_name_is_free(problems: Problems, job: Construct, dataset_arn: object, stem: object) -> None:
    """A stem that no other import of the stack into the dataset has: it would take the jobs for its own."""
    if not isinstance(dataset_arn, str) or not isinstance(stem, str):
        return
    other = _names_in(stack_of(job)).get((dataset_arn, stem))
    if other is not None and _is_in_the_tree(other):
        problems.add(
            f"job_name must be of one import into the dataset, got {stem!r}, which {other.node.path} has too",
            "Pass another; one that is left out is made of the path, where 'a/b' and 'a-b' become the same.",
        )


def take_name(job: Construct, dataset_arn: str, stem: str) -> None:
    """Keep the stem for this import."""
    _names_in(stack_of(job))[dataset_arn, stem] = job


@asked_once
def _names_in(stack: Stack) -> dict[tuple[str, str], Construct]:
    """Return which import has which stem for which dataset so far, to be added to."""
    return {}


def _is_in_the_tree(job: Construct) -> bool:
    """Whether the import has not been removed: its name is free again then."""
    return any(found is job for found in stack_of(job).node.find_all())
