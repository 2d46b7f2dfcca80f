# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")


def asked_once(ask: Callable[[Thing], Answer]) -> Callable[[Thing], Answer]:
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
