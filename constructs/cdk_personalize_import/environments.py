# SPDX-License-Identifier: Apache-2.0
"""Of which stack, account and region things are."""

from __future__ import annotations

from typing import NamedTuple, cast

from aws_cdk import IResource, Stack, Stage
from constructs import IConstruct

from cdk_personalize_import.asked_once import asked_once
from cdk_personalize_import.tokens import is_token


class Environment(NamedTuple):
    """An account and a region; each is a token where only the deployment knows it."""

    account: str
    region: str


@asked_once
def stack_of(scope: IConstruct) -> Stack:
    """Return the stack that a construct is in."""
    return Stack.of(scope)


def stage_of(scope: IConstruct) -> Stage:
    """Return the stage that a construct is in; the app, where there is no other."""
    return cast(Stage, Stage.of(scope))


@asked_once
def environment_of(owner: Stack | IResource) -> Environment:
    """Return the environment of a stack or of a resource, which may be in another one than its stack."""
    place = owner if isinstance(owner, Stack) else owner.env
    return Environment(place.account, place.region)


def differ(one: str, other: str) -> bool:
    """Whether two accounts, or two regions, are known to be different."""
    return one != other and not is_token(one) and not is_token(other)
