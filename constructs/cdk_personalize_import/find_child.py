# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import TypeVar

from constructs import IConstruct, Node

from cdk_personalize_import.asked_once import asked_once

Child = TypeVar("Child")


def find_child(scope: IConstruct, construct_id: str, kind: type[Child]) -> Child | None:
    """Return a child of a construct, if it has one of this id and kind.

    It is looked for each time rather than remembered, because a child can be removed from the tree.
    """
    child = _node_of(scope).try_find_child(construct_id)
    return child if isinstance(child, kind) else None


@asked_once
def _node_of(scope: IConstruct) -> Node:
    return scope.node
