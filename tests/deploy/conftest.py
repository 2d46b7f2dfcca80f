# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from local_aws import LocalAws
from tests.deploy.environment import APP, Environment


@pytest.fixture(scope="module")
def environment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    """Bootstrap an account in which an import takes some seconds.

    A module may set its own SPEED, IMPORT_MINUTES and APP.
    """
    speed = getattr(request.module, "SPEED", 300)
    with LocalAws(speed, import_minutes=getattr(request.module, "IMPORT_MINUTES", None)) as aws:
        made = Environment(aws, tmp_path_factory.mktemp("cdk"), getattr(request.module, "APP", APP))
        made.bootstrap()
        yield made
