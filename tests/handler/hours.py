# SPDX-License-Identifier: Apache-2.0
"""Imports of hours, with a wait condition."""

from __future__ import annotations

from typing import Any

from local_aws.personalize import Timing
from tests.handler.world import SIGNATURE, World

HOUR = 3600.0
HANDLE = f"https://cloudformation-waitcondition.test/1?X-Amz-Date=20261118T110000Z&{SIGNATURE}"
OTHER_HANDLE = f"https://cloudformation-waitcondition.test/2?X-Amz-Date=20261118T120000Z&{SIGNATURE}"
"""A newer one."""


def world_of_hours(duration: float) -> World:
    """Make a world in which every import takes so many hours."""
    return World(timing=Timing(shortest_import=duration * HOUR, longest_import=duration * HOUR))


def hours(world: World, handle: str = HANDLE, timeout: int = 12, **changes: Any) -> dict[str, Any]:
    """The properties of an import that may take so many hours."""
    return world.properties(WaitConditionHandle=handle, Timeout=str(timeout * 3600), **changes)
