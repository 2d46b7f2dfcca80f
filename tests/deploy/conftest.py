# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from local_aws import LocalAws
from tests.deploy.environment import Environment


@pytest.fixture(scope="module")
def environment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    """Bootstrap an account in which an import takes some seconds; a module may set its own SPEED."""
    with LocalAws(speed=getattr(request.module, "SPEED", 300)) as aws:
        made = Environment(aws, tmp_path_factory.mktemp("cdk"))
        made.bootstrap()
        yield made
