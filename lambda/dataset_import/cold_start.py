# SPDX-License-Identifier: Apache-2.0
"""The start of a process, which imports 90,000 objects of botocore that are there to stay.

Imported before them, it keeps the garbage collector from looking through them again and again meanwhile.
"""

from __future__ import annotations

import gc

gc.disable()


def over() -> None:
    """Let the collector work, on what comes from now on."""
    gc.freeze()
    gc.enable()
