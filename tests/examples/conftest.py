# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from local_aws import LocalAws
from tests.examples.account import Account

SPEED = 600
"""An import takes some two seconds, a tick of the polling a tenth."""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One bootstrapped account for all examples: their names differ, so they can be beside each other."""
    with LocalAws(speed=SPEED) as aws:
        made = Account(aws, tmp_path_factory.mktemp("cdk"))
        made.bootstrap()
        yield made
