# SPDX-License-Identifier: Apache-2.0
"""What the handler needs from outside: AWS clients, time, and the way to CloudFormation."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from dataset_import import answer
from dataset_import.cold_start import uncollected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

    class Clock(Protocol):
        """The wall clock. The standard library's module `time` is one."""

        def time(self) -> float:
            """Seconds since the epoch."""

        def sleep(self, seconds: float, /) -> None:
            """Let that many seconds pass."""


_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})
"""A call is over, one way or the other, before a newer request stops waiting for it (`claim.SETTLING`).

The handler looks again before it tries again; the SDK would send the same call without a look.
"""


@dataclass(repr=False, eq=False)
class Services:
    """The outside world of one invocation; a test puts its own in place.

    Attributes:
        clock: Tells and passes time.
        put: Sends an answer to a response URL.
        environment: The function's environment variables.
    """

    clock: Clock = field(default_factory=lambda: time)
    put: Callable[[str, bytes], answer.Delivery] = answer.put
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @cached_property
    def _personalize(self) -> PersonalizeClient:
        with uncollected():
            return boto3.client("personalize", config=_CONFIG)

    @cached_property
    def _scheduler(self) -> EventBridgeSchedulerClient:
        with uncollected():
            return boto3.client("scheduler", config=_CONFIG)

    def personalize(self) -> PersonalizeClient:
        """The client of Amazon Personalize, made on first use."""
        return self._personalize

    def scheduler(self) -> EventBridgeSchedulerClient:
        """The client of EventBridge Scheduler, made on first use."""
        return self._scheduler
