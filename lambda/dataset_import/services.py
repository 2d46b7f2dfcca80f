# SPDX-License-Identifier: Apache-2.0
"""The effects that the handler needs: AWS clients, time, and the PUT to CloudFormation."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from dataset_import import cloudformation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

    from dataset_import.cloudformation import Delivery
    from dataset_import.poll_loop import Clock

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})
"""The timeouts end a call before a newer request stops waiting for it (`record.IN_FLIGHT`).

The SDK does not retry: the handler reads the state before each try.
"""

_COPIES = Config(connect_timeout=3, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})
"""A copy within Amazon S3 may take a minute, and a second copy does no harm."""


@dataclass(eq=False)
class Services:
    """The effects of one invocation. A test passes its own.

    Attributes:
        clock: Measures and passes time.
        put: Sends an answer to a response URL, or a signal to a handle.
        environment: The function's environment variables.
    """

    clock: Clock = field(default_factory=lambda: time)
    put: Callable[[str, bytes], Delivery] = cloudformation.put
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    # Clients are made on first use: one that cannot be made fails the request that needs it, with an answer,
    # and not the start of the process, without one.

    @cached_property
    def _personalize(self) -> PersonalizeClient:
        return boto3.client("personalize", config=_CONFIG)

    @cached_property
    def _scheduler(self) -> EventBridgeSchedulerClient:
        return boto3.client("scheduler", config=_CONFIG)

    @cached_property
    def _dynamodb(self) -> DynamoDBClient:
        return boto3.client("dynamodb", config=_CONFIG)

    @cached_property
    def _s3(self) -> S3Client:
        return boto3.client("s3", config=_CONFIG)

    @cached_property
    def _s3_copies(self) -> S3Client:
        return boto3.client("s3", config=_COPIES)

    def personalize(self) -> PersonalizeClient:
        """Return the client of Amazon Personalize."""
        return self._personalize

    def scheduler(self) -> EventBridgeSchedulerClient:
        """Return the client of EventBridge Scheduler."""
        return self._scheduler

    def dynamodb(self) -> DynamoDBClient:
        """Return the client of DynamoDB."""
        return self._dynamodb

    def s3(self) -> S3Client:
        """Return the client of Amazon S3 for looks and removals."""
        return self._s3

    def s3_copies(self) -> S3Client:
        """Return the client of Amazon S3 for copies, which take longer."""
        return self._s3_copies

    def cloudformation(self) -> CloudFormationClient:
        """Return the client of CloudFormation."""
        return boto3.client("cloudformation", config=_CONFIG)
