# SPDX-License-Identifier: Apache-2.0
"""Where the acceptance test runs: a real account, or an embedded AWS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from local_aws import LocalAws
from tests.deploy.bootstrap import bootstrap

BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
EMBEDDED, AWS = "embedded AWS", "AWS"


@dataclass(frozen=True)
class Target:
    """An account in a region.

    Attributes:
        name: What it is, for the report.
        client: Makes a boto3 client of a service.
        environment: The environment variables that lead the CDK CLI there.
        region: The region.
        pause: Seconds between two looks at what takes minutes.
    """

    name: str
    client: Callable[[str], Any]
    environment: Mapping[str, str]
    region: str
    pause: float

    @property
    def account(self) -> str:
        """The account's twelve digits."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def is_bootstrapped(self) -> bool:
        """Whether the CDK can deploy there."""
        client = self.client("ssm")
        try:
            client.get_parameter(Name=BOOTSTRAP_VERSION)
        except client.exceptions.ParameterNotFound:
            return False
        return True


def real(region: str | None, profile: str | None) -> Target:
    """The account of the caller's own credentials."""
    session = boto3.Session(region_name=region, profile_name=profile)
    environment = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    environment["AWS_REGION"] = environment["AWS_DEFAULT_REGION"] = str(session.region_name)
    if profile:
        environment["AWS_PROFILE"] = profile
    return Target(AWS, session.client, environment, str(session.region_name), pause=15)  # type: ignore[arg-type]


@contextmanager
def embedded(speed: float) -> Iterator[Target]:
    """An embedded AWS that is bootstrapped, and gone afterwards."""
    with LocalAws(speed) as aws:
        bootstrap(aws)
        yield Target(EMBEDDED, aws.client, aws.environment, aws.region, pause=0.2)
