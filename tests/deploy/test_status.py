# SPDX-License-Identifier: Apache-2.0
"""`personalize-import status` follows a deployment by the real CDK CLI from its queue to its end."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.deploy.environment import Environment, interactions
from tests.local_aws.accounts import PERSONALIZE, READS, Account, for_service, statement, trust

pytestmark = pytest.mark.deploy

SPEED = 60
"""An import takes 10 to 20 seconds: long enough to be seen."""

COMMAND = [sys.executable, "-c", "from personalize_import.cli import main; main()", "status"]


@dataclass(frozen=True)
class Watched:
    """A deployment, and what a watch that began before it has shown."""

    deployed: bool
    exit_code: int
    lines: list[str]


@pytest.fixture(scope="module")
def watched(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Deploy a stack with an import while it is watched."""
    folder = tmp_path_factory.mktemp("watched")
    data = folder / "interactions.csv"
    data.write_text(interactions(1000))
    log = folder / "watch.log"
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
    return Watched(deployed, code, log.read_text().splitlines())


def test_a_deployment_can_be_watched_from_before_its_beginning(
    environment: Environment, watched: Watched
) -> None:
    """It waits for the stack, follows the record while CloudFormation waits, and ends with the import."""
    last = status(environment, "Watched")
    every = status(environment)

    assert watched.deployed, environment.output
    [job] = environment.jobs("Watched")
    assert watched.exit_code == 0, watched.lines
    place = "us-east-1 (account 123456789012)"
    assert watched.lines[0] == f"Stack Watched does not exist in {place}. Waiting for it."
    states = [line.split("  ") for line in watched.lines if line.startswith("Watched/Interactions  ")]
    assert [line[3] for line in states][-2:] == ["importing", "active"]
    assert states[-1][1:3] == ["Watched/INTERACTIONS", job["jobName"]]
    assert last.returncode == 0, last.stderr
    assert all(name in last.stdout for name in ("Watched/Interactions", "Watched/INTERACTIONS", "active"))
    assert "CDKToolkit" not in every.stdout
    assert every.stdout == last.stdout


def test_a_full_import_by_hand_has_replaced_the_data(environment: Environment, watched: Watched) -> None:
    """The record says which job is the resource's own, and another one has run since."""
    account = Account(environment.aws)
    bucket = account.bucket(for_service())
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    reader = account.role(trust(PERSONALIZE), statement(READS, resources))
    [dataset] = [found["datasetArn"] for found in account.personalize.list_datasets()["datasets"]]

    by_hand = account.start_import(dataset, bucket, reader, jobName="by-hand")
    assert account.end_of(by_hand) == "ACTIVE"
    found = status(environment, "Watched", "--watch")

    assert found.returncode == 4
    assert found.stdout.splitlines()[0].endswith("replaced since by by-hand")


def status(environment: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command says."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **environment.aws.environment},
        capture_output=True,
        text=True,
        check=False,
    )
