# SPDX-License-Identifier: Apache-2.0
"""`status` uses the handler's own code; tests/test_packaging.py has the test of the wheel."""

import subprocess
import sys
from pathlib import Path

import pytest

from personalize_import.status import handler_code

ROOT = Path(__file__).parents[2]

REPORT = """
import sys
from personalize_import.status import handler_code
print(handler_code.Record.__module__, sys.modules["dataset_import"].__file__)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"aws_cdk", "jsii", "crhelper", "boto3"}))
"""


def test_in_a_checkout_the_handler_is_loaded_from_lambda(tmp_path: Path) -> None:
    """It is not on the path, and loads neither the CDK nor crhelper."""
    run = subprocess.run(
        [sys.executable, "-c", REPORT], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert run.stdout.splitlines() == [
        f"dataset_import.record {ROOT / 'lambda' / 'dataset_import' / '__init__.py'}",
        "[]",
    ]


def test_without_the_handler_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error lists the folders and asks to install the library again."""
    monkeypatch.delitem(sys.modules, handler_code.HANDLER)

    with pytest.raises(ImportError, match="Install cdk-personalize-import again"):
        handler_code.load_handler((tmp_path,))
