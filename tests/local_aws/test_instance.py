# SPDX-License-Identifier: Apache-2.0
"""An instance comes up quickly, is reached by its environment alone, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from local_aws import LocalAws
from tests.local_aws.stacks import Stacks

ROOT = Path(__file__).parents[2]


def answers(endpoint_url: str) -> bool:
    """Return whether something listens at the address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", urlsplit(endpoint_url).port or 0)) == 0


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Return whether the condition becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def alive(process_id: int) -> bool:
    """Return whether there is such a process."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_instance_stops_with_its_block_and_removes_its_files() -> None:
    """After the block nothing answers, and no file is left."""
    with LocalAws() as aws:
        endpoint, folder = aws.endpoint_url, aws.log_path.parent
        during = answers(endpoint)

    assert during
    assert not answers(endpoint)
    assert not folder.exists()


def test_an_instance_stops_when_its_block_fails() -> None:
    """The exception leaves the block, and the instance stops."""
    instance = LocalAws()

    with pytest.raises(ZeroDivisionError), instance:
        1 / 0  # noqa: B018 - it is to fail

    assert not answers(instance.endpoint_url)


def test_the_log_stays_where_it_is_asked_to(tmp_path: Path) -> None:
    """A log with a path of its own outlives the instance."""
    with LocalAws(log_path=tmp_path / "aws.log"):
        pass

    assert "Running on https://127.0.0.1:" in (tmp_path / "aws.log").read_text()


def test_instances_live_side_by_side(aws: LocalAws) -> None:
    """Each has a port and a state of its own."""
    with LocalAws(region="eu-west-1") as other:
        other.client("personalize").create_dataset_group(name="only-there")

        groups = aws.client("personalize").list_dataset_groups()["datasetGroups"]

    assert other.endpoint_url != aws.endpoint_url
    assert "only-there" not in {group["name"] for group in groups}


def test_the_environment_is_all_that_boto3_needs(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """It also overrides a profile and a session of a real account."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of a real account")
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)

    identity = boto3.session.Session().client("sts").get_caller_identity()

    assert identity["Account"] == "123456789012"


def test_an_instance_stops_when_the_process_that_started_it_is_killed() -> None:
    """A test run that dies leaves no server and no file behind."""
    script = (
        "import time; from local_aws import LocalAws; aws = LocalAws(); aws.start();"
        "print(aws.endpoint_url, aws.log_path.parent, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    endpoint, folder = starter.stdout.readline().split()
    running = answers(endpoint)

    starter.kill()
    starter.wait()
    starter.stdout.close()

    assert running
    assert eventually(lambda: not answers(endpoint) and not Path(folder).exists())


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_the_environment_and_stops_on_a_signal(signal_number: int) -> None:
    """It exits with 0 and leaves no function, file or open port."""
    server = subprocess.Popen(
        [sys.executable, "-m", "local_aws", "--speed", "60"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    lines: list[str] = []
    while not (lines and lines[-1].startswith("#")):
        lines.append(server.stdout.readline())
    variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines[:-1])
    running = answers(variables["AWS_ENDPOINT_URL"])

    server.send_signal(signal_number)
    status = server.wait(10)
    server.stdout.close()

    assert running
    assert status == 0
    assert not answers(variables["AWS_ENDPOINT_URL"])
    assert not Path(variables["AWS_CA_BUNDLE"]).parent.exists()


def test_functions_end_with_the_instance(tmp_path: Path) -> None:
    """The process in which a function ran is ended too."""
    with LocalAws() as aws:
        stacks, name = Stacks(aws, tmp_path / "events"), "functions"
        stacks.deploy(name, {"R": stacks.recorder()})
        worker = stacks.events(name)[0]["Process"]
        during = alive(worker)

    assert during
    assert eventually(lambda: not alive(worker))


def test_a_port_that_is_taken_is_told(aws: LocalAws) -> None:
    """The message says what to do, and the exit code is not 0."""
    port = str(urlsplit(aws.endpoint_url).port)

    ended = subprocess.run(
        [sys.executable, "-m", "local_aws", "--port", port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode != 0
    assert f"Port {port} cannot be had" in ended.stderr
    assert "Leave --port out to take a free one." in ended.stderr


@pytest.mark.parametrize("wrong", [{"speed": -1}, {"import_minutes": 0}])
def test_an_instance_that_cannot_start_says_why(wrong: dict[str, float]) -> None:
    """The error contains the output of the process."""
    with pytest.raises(RuntimeError, match="must be above 0"):
        LocalAws(**wrong).start()  # type: ignore[arg-type]


def test_an_instance_comes_up_in_a_few_seconds() -> None:
    """Starting is cheap enough to do for a handful of tests."""
    began = time.monotonic()

    with LocalAws():
        seconds = time.monotonic() - began

    assert seconds < 10
