# SPDX-License-Identifier: Apache-2.0
"""The start of a process, which makes tens of thousands of objects of botocore that are there to stay.

Imported before all else, it keeps the garbage collector from looking through them again and again meanwhile,
and has them imported where the stack is not deep yet: further down, Python takes longer for some of it.
For the sake of the start, too, the package's records are named tuples, which take less time to make than
dataclasses, and its dataclasses have just the methods that are used.
"""

from __future__ import annotations

import gc

gc.disable()
from contextlib import contextmanager  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

import boto3  # noqa: E402, F401

if TYPE_CHECKING:
    from collections.abc import Iterator


def over() -> None:
    """Let the collector work, on what comes from now on."""
    gc.freeze()
    gc.enable()


@contextmanager
def uncollected() -> Iterator[None]:
    """Make what is there to stay, a client for one, without the collector looking through it meanwhile."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
