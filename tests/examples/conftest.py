# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from local_aws import LocalAws
from tests.deploy.bootstrap import bootstrap
from tests.examples.account import Account

SPEED = 600
"""An import takes some two seconds."""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One bootstrapped account for all examples: their names differ, so they can be beside each other."""
    with LocalAws(speed=SPEED) as aws:
        bootstrap(aws)
        yield Account(aws, tmp_path_factory.mktemp("cdk"))
