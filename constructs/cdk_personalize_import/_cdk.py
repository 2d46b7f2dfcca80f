# SPDX-License-Identifier: Apache-2.0
"""Tokens, stacks, environments and children of the CDK, cached because each question is a call of Node.js."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from aws_cdk import IResource, Stack, Token
from constructs import IConstruct, Node

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")


def cached_by_identity(ask: Callable[[Thing], Answer]) -> Callable[[Thing], Answer]:
    """Remember what a function says of a construct.

    For what never changes, since each question is a call of Node.js; many imports ask the same of one stack
    and one bucket. Constructs are told apart by identity, whatever the class of a user takes for equal, and
    are kept, as jsii keeps them all, so that no other gets the identity of one.
    """
    known: dict[int, tuple[Thing, Answer]] = {}

    @functools.wraps(ask)
    def answer(thing: Thing) -> Answer:
        if id(thing) not in known:
            known[id(thing)] = (thing, ask(thing))
        return known[id(thing)][1]

    return answer


_MARK = "${Token["
"""What every token in a text begins with: https://docs.aws.amazon.com/cdk/v2/guide/tokens.html"""

# The answer for a value never changes, and to ask is a call of Node.js; many imports ask for the same values.
_is_unresolved = functools.lru_cache(maxsize=1024)(Token.is_unresolved)


def is_token(value: object) -> bool:
    """Whether only the deployment knows the value, or a part of it."""
    if isinstance(value, str) and _MARK not in value:
        return False
    return _is_unresolved(value)


class Environment(NamedTuple):
    """An account and a region; each is a token where only the deployment knows it."""

    account: str
    region: str


@cached_by_identity
def stack_of(scope: IConstruct) -> Stack:
    """Return the stack that a construct is in."""
    return Stack.of(scope)


@cached_by_identity
def environment_of(owner: Stack | IResource) -> Environment:
    """Return the environment of a stack or of a resource, which may be in another one than its stack."""
    place = owner if isinstance(owner, Stack) else owner.env
    return Environment(place.account, place.region)


def differ(one: str, other: str) -> bool:
    """Whether two accounts, or two regions, are known to be different."""
    return one != other and not is_token(one) and not is_token(other)


Child = TypeVar("Child")


def find_child(scope: IConstruct, construct_id: str, kind: type[Child]) -> Child | None:
    """Return a child of a construct, if it has one of this id and kind.

    It is looked for each time rather than remembered, because a child can be removed from the tree.
    """
    child = _node_of(scope).try_find_child(construct_id)
    return child if isinstance(child, kind) else None


@cached_by_identity
def _node_of(scope: IConstruct) -> Node:
    return scope.node
