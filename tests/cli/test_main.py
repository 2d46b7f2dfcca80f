# SPDX-License-Identifier: Apache-2.0
"""The process: its standard streams and its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.data_check.data import SCHEMA, interactions, write


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """The file of a schema."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty folder for data."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


MAIN = [sys.executable, "-c", "from personalize_import.cli import main; main()"]


@pytest.mark.parametrize("bad", [0, 1])
def test_the_standard_input_is_checked_like_a_file(schema: Path, bad: int) -> None:
    """A pipe cannot be read twice, nor be asked for its size."""
    text = "USER_ID,ITEM_ID,TIMESTAMP\n" + "".join(interactions()) + "u1,i1,x\n" * bad

    ended = subprocess.run(
        [*MAIN, "check", "-", "--schema", str(schema)],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (bad, "")
    assert f"Checked {1000 + bad:,} records in 1 file" in ended.stdout
    assert ("-:1002  TIMESTAMP=x" in ended.stdout) is bool(bad)


@pytest.mark.parametrize("output", ["table", "json"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_one_line(data: Path, schema: Path, output: str) -> None:
    """It is no fault of the data, so the exit code is 2."""
    path = write(data, *interactions())

    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [*MAIN, "check", str(path), "--schema", str(schema), "--format", output],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ended.returncode == 2
    assert ended.stderr == "personalize-import: No space left on device\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("output", ["table", "json"])
def test_a_character_that_the_output_lacks_is_escaped(
    data: Path, schema: Path, encoding: str, output: str
) -> None:
    """Terminals and pipes may have another encoding than UTF-8. JSON stays JSON."""
    path = write(data, *interactions(), "u1,i1,\u732b\n")

    ended = subprocess.run(
        [*MAIN, "check", str(path), "--schema", str(schema), "--format", output],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (1, b"")
    if output == "json":
        [rule] = json.loads(ended.stdout)["rules"]
        assert rule["examples"][0]["value"] == "\u732b"
    else:
        assert b"TIMESTAMP=\\u732b" in ended.stdout


def test_ctrl_c_is_no_finding(data: Path, schema: Path) -> None:
    """The exit code is that of the shell, and there is no traceback."""
    code = (
        "from personalize_import.cli import check_command\n"
        "def interrupted(*_, **__): raise KeyboardInterrupt\n"
        "check_command.run = interrupted\n"
        "from personalize_import.cli import main; main()"
    )
    arguments = ["check", str(write(data)), "--schema", str(schema)]

    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (130, "")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--help"], 0), (["check", "--help"], 0), (["check"], 2), (["no-command"], 2)]
)
def test_help_and_wrong_usage_have_their_exit_codes(arguments: list[str], code: int) -> None:
    """As of any command."""
    ended = subprocess.run([*MAIN, *arguments], capture_output=True, text=True, check=False)

    assert ended.returncode == code
    assert "Usage:" in ended.stdout + ended.stderr
