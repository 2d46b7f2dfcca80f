# SPDX-License-Identifier: Apache-2.0
"""`personalize-import status` follows a deployment by the real CDK CLI from its queue to its end."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.deploy.environment import Environment, interactions

pytestmark = pytest.mark.deploy

SPEED = 60
"""An import takes 10 to 20 seconds: long enough to be seen."""


def test_a_deployment_can_be_watched_to_its_end(environment: Environment, tmp_path: Path) -> None:
    """The handler's own schedule tells the job while CloudFormation waits; then the job's status counts."""
    data = tmp_path / "interactions.csv"
    data.write_text(interactions(1000))
    deployed: list[bool] = []
    deployment = threading.Thread(
        target=lambda: deployed.append(environment.deploy("Watched", data=str(data)))
    )

    deployment.start()
    seen: dict[int, str] = {}
    while deployment.is_alive():
        shown = status(environment, "Watched")
        seen[shown.returncode] = shown.stdout + shown.stderr
        deployment.join(timeout=1)
    last = status(environment, "Watched")

    assert deployed == [True], environment.output
    [job] = environment.jobs("Watched")
    assert "importing" in seen[3], seen
    assert job["jobName"] in seen[3]
    assert last.returncode == 0, last.stderr
    assert "Watched/INTERACTIONS" in last.stdout
    assert "active" in last.stdout


def status(environment: Environment, stack: str) -> subprocess.CompletedProcess[str]:
    """What the command says of a stack."""
    return subprocess.run(
        [sys.executable, "-c", "from personalize_import.cli import main; main()", "status", stack],
        env={**os.environ, **environment.aws.environment},
        capture_output=True,
        text=True,
        check=False,
    )
