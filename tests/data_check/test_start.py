# SPDX-License-Identifier: Apache-2.0
"""What a check loads."""

import subprocess
import sys
from pathlib import Path

SCHEMA = (
    '{"type": "record", "name": "Items", "fields": [{"name": "ITEM_ID", "type": "string"}, '
    '{"name": "DESCRIPTION", "type": "string", "textual": true}]}'
)
CODE = f"""
import pathlib, sys
from personalize_import.data_check import check
report = check(pathlib.Path(sys.argv[1]), {SCHEMA!r})
print(report.records, "numpy.ma" in sys.modules)
"""


def test_the_part_of_numpy_that_takes_long_to_load_is_not_needed_for_items(tmp_path: Path) -> None:
    """It is the one for masked arrays, which a search for words among texts would load."""
    data = tmp_path / "data.csv"
    data.write_text('ITEM_ID,DESCRIPTION\nNULL,"a, b"\n', encoding="utf-8")

    shown = subprocess.run(
        [sys.executable, "-c", CODE, str(data)], capture_output=True, text=True, check=True
    )

    assert shown.stdout.split() == ["1", "False"]
