# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import functools
from collections.abc import Callable, MutableMapping
from typing import TypeVar
from weakref import WeakKeyDictionary

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")


def asked_once(ask: Callable[[Thing], Answer]) -> Callable[[Thing], Answer]:
    """Remember what a function says of a construct for as long as there is the construct.

    For what never changes, since each question is a call of Node.js; many imports ask the same of one stack
    and one bucket.
    """
    known: MutableMapping[Thing, Answer] = WeakKeyDictionary()

    @functools.wraps(ask)
    def answer(thing: Thing) -> Answer:
        if thing not in known:
            known[thing] = ask(thing)
        return known[thing]

    return answer
