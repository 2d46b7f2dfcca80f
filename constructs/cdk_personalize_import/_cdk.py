# SPDX-License-Identifier: Apache-2.0
"""Tokens, stacks, environments and children of the CDK, cached because each read is a call of Node.js."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from aws_cdk import IResource, Names, Stack, Token
from constructs import IConstruct, Node

T = TypeVar("T")
R = TypeVar("R")


def cached_by_identity(function: Callable[[T], R]) -> Callable[[T], R]:
    """Cache the results of a function of a construct, for properties that never change.

    The key is the identity of the construct, because a class of the user may define equality. The cache keeps
    the construct, as jsii does, so that its identity is not used again.
    """
    results: dict[int, tuple[T, R]] = {}

    @functools.wraps(function)
    def cached(construct: T) -> R:
        if id(construct) not in results:
            results[id(construct)] = (construct, function(construct))
        return results[id(construct)][1]

    return cached


_MARK = "${Token["
"""The beginning of every token in a text: https://docs.aws.amazon.com/cdk/v2/guide/tokens.html"""

# Many imports check the same values, and the result for a value never changes.
_is_unresolved = functools.lru_cache(maxsize=1024)(Token.is_unresolved)


def is_token(value: object) -> bool:
    """Whether a value is a token or contains one, so that synth does not know it."""
    if isinstance(value, str) and _MARK not in value:
        return False
    return _is_unresolved(value)


class Environment(NamedTuple):
    """An account and a region. Each is a token if synth does not know it."""

    account: str
    region: str


@cached_by_identity
def stack_of(scope: IConstruct) -> Stack:
    """Return the stack that a construct is in."""
    return Stack.of(scope)


_LONGEST_STACK_NAME = 24
"""Characters. The policy of the function contains the name once for each role."""


@cached_by_identity
def unique_name_of(stack: Stack) -> str:
    """Return a name that no other stack of the app has in its account and region.

    It is a part of the paths of roles and of the prefixes of keys.
    """
    # The CDK leaves "Default" out of names, and refuses a name of nothing else. It is the id of `Stack()`.
    if all(scope.node.id in ("", "Default") for scope in stack.node.scopes):
        return "Default"
    return Names.unique_resource_name(stack, max_length=_LONGEST_STACK_NAME, allowed_special_characters="-")


@cached_by_identity
def environment_of(owner: Stack | IResource) -> Environment:
    """Return the environment of a stack or resource. That of a resource may differ from its stack's."""
    place = owner if isinstance(owner, Stack) else owner.env
    return Environment(place.account, place.region)


def differ(one: str, other: str) -> bool:
    """Whether synth knows that two accounts or two regions are different."""
    return one != other and not is_token(one) and not is_token(other)


Child = TypeVar("Child")


def find_child(scope: IConstruct, construct_id: str, kind: type[Child]) -> Child | None:
    """Return the child with this id and class; None if there is none.

    The result is not cached, because a child can be removed from the tree.
    """
    child = _node_of(scope).try_find_child(construct_id)
    return child if isinstance(child, kind) else None


@cached_by_identity
def _node_of(scope: IConstruct) -> Node:
    return scope.node
