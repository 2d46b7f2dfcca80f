# SPDX-License-Identifier: Apache-2.0
"""What a check loads and starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCHEMA = (
    '{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"}, '
    '{"name": "DESCRIPTION", "type": "string", "textual": true}]}'
)
CODE = f"""
import os, pathlib, sys
from personalize_import.data_check import check
report = check(pathlib.Path(sys.argv[1]), {SCHEMA!r})
print(report.records, "numpy.ma" in sys.modules, os.environ["OPENBLAS_THREAD_TIMEOUT"])
"""


@pytest.mark.parametrize(("chosen", "used"), [({}, "4"), ({"OPENBLAS_THREAD_TIMEOUT": "20"}, "20")])
def test_idle_threads_sleep_at_once_unless_another_time_is_chosen(
    tmp_path: Path, chosen: dict[str, str], used: str
) -> None:
    """And the part of numpy for masks, which takes long to load, is not loaded to find words among texts."""
    data = tmp_path / "data.csv"
    data.write_text('ITEM_ID,DESCRIPTION\nNULL,"a, b"\n', encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_THREAD_TIMEOUT"}

    shown = subprocess.run(
        [sys.executable, "-c", CODE, str(data)],
        env=environment | chosen,
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.split() == ["1", "False", used]
