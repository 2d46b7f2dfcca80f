# SPDX-License-Identifier: Apache-2.0
"""`personalize-import status` follows a deployment by the real CDK CLI from its queue to its end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.environment import Environment, interactions

pytestmark = pytest.mark.deploy

SPEED = 60
"""An import takes 10 to 20 seconds: long enough to be seen."""

COMMAND = [sys.executable, "-c", "from personalize_import.cli import main; main()", "status"]


def test_a_deployment_can_be_watched_from_before_its_beginning(
    environment: Environment, tmp_path: Path
) -> None:
    """It waits for the stack, follows the record while CloudFormation waits, and ends with the import."""
    data = tmp_path / "interactions.csv"
    data.write_text(interactions(1000))
    log = tmp_path / "watch.log"
    with log.open("w") as lines:
        watch = subprocess.Popen(
            [*COMMAND, "Watched", "--watch"],
            env={**os.environ, **environment.aws.environment},
            stdout=lines,
            stderr=subprocess.STDOUT,
        )

    try:
        deployed = environment.deploy("Watched", data=str(data))
        code = watch.wait(60)
    finally:
        watch.kill()
    last = status(environment, "Watched")
    every = status(environment)

    assert deployed, environment.output
    [job] = environment.jobs("Watched")
    shown = log.read_text()
    assert code == 0, shown
    assert shown.startswith(
        "Stack Watched does not exist in us-east-1 (account 123456789012). Waiting for it."
    )
    states = [line.split("  ") for line in shown.splitlines() if line.startswith("Watched/Interactions  ")]
    assert [line[3] for line in states][-2:] == ["importing", "active"]
    assert states[-1][1:3] == ["Watched/INTERACTIONS", job["jobName"]]
    assert last.returncode == 0, last.stderr
    assert all(name in last.stdout for name in ("Watched/Interactions", "Watched/INTERACTIONS", "active"))
    assert "CDKToolkit" not in every.stdout
    assert every.stdout == last.stdout


def status(environment: Environment, *stacks: str) -> subprocess.CompletedProcess[str]:
    """What the command says of stacks."""
    return subprocess.run(
        [*COMMAND, *stacks],
        env={**os.environ, **environment.aws.environment},
        capture_output=True,
        text=True,
        check=False,
    )
