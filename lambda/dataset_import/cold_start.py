# SPDX-License-Identifier: Apache-2.0
"""The start of a process, which imports 90,000 objects of botocore that are there to stay.

Imported before all else, it keeps the garbage collector from looking through them again and again meanwhile,
and has them imported where the stack is not deep yet: further down, Python takes longer for some of it.
For the sake of the start, too, the package's dataclasses have just the methods that are used.
"""

from __future__ import annotations

import gc

gc.disable()
import boto3  # noqa: E402, F401


def over() -> None:
    """Let the collector work, on what comes from now on."""
    gc.freeze()
    gc.enable()
