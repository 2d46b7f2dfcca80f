# SPDX-License-Identifier: Apache-2.0
"""The documented app refuses bad data with the message alone."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.data_check.data import HEADER, SCHEMA, interactions

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"


def test_bad_data_at_synth_is_a_message_without_a_traceback(tmp_path: Path) -> None:
    """The app of the page, run as it is, beside data with one bad line."""
    [app] = re.findall(r'```python title="app.py"\n(.*?)```', PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "app.py").write_text(app)
    (tmp_path / "interactions.avsc.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "interactions.csv").write_text("".join([HEADER, *interactions(), "u1,i1,1600000000000\n"]))

    ended = subprocess.run(
        [sys.executable, "app.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith(
        "interactions.csv:1002: A timestamp must be in seconds since 1970. Got TIMESTAMP=1600000000000"
    )
