# SPDX-License-Identifier: Apache-2.0
"""The tests of the embedded AWS share one instance a session, with an account and stacks in it."""

from collections.abc import Iterator

import pytest

from local_aws import LocalAws
from tests.local_aws.accounts import Account
from tests.local_aws.stacks import Stacks
from tests.local_aws.world import World


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    """Start an instance in which an import takes a second or two."""
    with LocalAws(speed=600) as running:
        yield running


@pytest.fixture(scope="session")
def stacks(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """Provide CloudFormation of the instance, with a custom resource whose answers a template dictates."""
    return Stacks(aws, tmp_path_factory.mktemp("recorder") / "events")


@pytest.fixture(scope="module")
def account(aws: LocalAws) -> Account:
    """Provide the account of the instance."""
    return Account(aws)


@pytest.fixture(scope="module")
def dataset(account: Account) -> str:
    """Make an ACTIVE dataset."""
    return account.dataset()


@pytest.fixture
def world() -> World:
    """Provide the model of the service with a clock that stands still until it is moved."""
    return World()
