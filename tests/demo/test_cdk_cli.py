# SPDX-License-Identifier: Apache-2.0
import os
import select
from pathlib import Path

import pytest

from demo.cdk_cli import CdkCli, CdkFailedError


def script(folder: Path, body: str) -> Path:
    """Write a program that stands where the CDK CLI would."""
    file = folder / "cli"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


def test_each_line_is_shown_as_it_comes(tmp_path: Path) -> None:
    """Output and errors are one stream, without its empty lines."""
    lines: list[str] = []
    cli = CdkCli({}, tmp_path, lines.append, script(tmp_path, "echo one; echo; echo two >&2"))

    cli.run("deploy")

    assert lines == ["one", "two"]


def test_a_failed_command_is_told_with_its_exit_code(tmp_path: Path) -> None:
    """A failed deployment ends the demo."""
    cli = CdkCli({}, tmp_path, print, script(tmp_path, "exit 3"))

    with pytest.raises(CdkFailedError, match="cdk deploy ended with exit code 3"):
        cli.run("deploy")


def test_the_callers_own_aws_settings_do_not_reach_the_cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A demo can never deploy into a real account."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    lines: list[str] = []
    cli = CdkCli({"AWS_REGION": "eu-west-1"}, tmp_path, lines.append, script(tmp_path, "env"))

    cli.run("deploy")

    assert "AWS_REGION=eu-west-1" in lines
    assert not [line for line in lines if line.startswith(("AWS_PROFILE", "CDK_DEFAULT"))]


def test_what_the_cli_started_ends_with_an_interruption(tmp_path: Path) -> None:
    """Ctrl-C leaves no process behind, not even one that the CLI started itself."""
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)

    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    cli = CdkCli({}, tmp_path, interrupt, script(tmp_path, f"exec 3>'{held}'; sleep 60 & echo started; wait"))

    with pytest.raises(KeyboardInterrupt):
        cli.run("deploy")

    # The pipe ends when the last process that holds it has gone.
    readable, _, _ = select.select([reader], [], [], 10)
    assert readable
    assert os.read(reader, 1) == b""
    os.close(reader)
