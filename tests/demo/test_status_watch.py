# SPDX-License-Identifier: Apache-2.0
"""While the demo deploys, it shows the status of each import."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from demo.progress import Progress
from demo.status_watch import StatusWatch
from personalize_import.status import ImportState, ImportStatus, StatusReport

STARTING = ImportStatus(
    stack="Sample",
    logical_id="ItemsImport1A2B",
    path="Sample/ItemsImport",
    state=ImportState.STARTING,
    elapsed=timedelta(),
)
IMPORTING = replace(
    STARTING,
    dataset="sample/ITEMS",
    job="items-0123456789ab-1",
    state=ImportState.IMPORTING,
    elapsed=timedelta(seconds=1),
)
ACTIVE = replace(IMPORTING, state=ImportState.ACTIVE, elapsed=timedelta(seconds=2))


def shown(reports: list[list[ImportStatus]], *, terminal: bool) -> str:
    """The output for these reports."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=160, legacy_windows=False)
    progress = Progress(console)
    remaining = iter(reports)
    watch = StatusWatch(
        lambda: StatusReport(imports=tuple(next(remaining))),
        lambda report: progress.imports(report.imports, speed=600),
    )
    with progress.step("Deploying"):
        for _ in reports:
            watch.read_once()
    return output.getvalue()


def test_in_a_pipe_each_change_is_a_line() -> None:
    """The log has each state of each import once."""
    text = shown([[STARTING], [IMPORTING], [IMPORTING], [ACTIVE]], terminal=False)

    lines = [line.strip() for line in text.splitlines() if "|" in line]
    assert lines == [
        "Personalize | Sample/ItemsImport  -  -  starting  0:00",
        "Personalize | Sample/ItemsImport  sample/ITEMS  items-0123456789ab-1  importing  0:01",
        "Personalize | Sample/ItemsImport  sample/ITEMS  items-0123456789ab-1  active  0:02",
    ]


def test_in_a_pipe_there_are_no_control_characters() -> None:
    """A log holds text."""
    text = shown([[STARTING], [IMPORTING], [ACTIVE]], terminal=False)

    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f]", text) == []


def test_on_a_terminal_a_table_is_redrawn_with_bars() -> None:
    """The bar is full at the usual twenty minutes, which the demo makes two seconds."""
    text = shown([[IMPORTING], [ACTIVE]], terminal=True)

    assert "600 times as fast" in text
    assert "items-0123456789ab-1" in text
    assert "importing" in text
    assert "\x1b[2K" in text


def test_a_stack_that_is_not_there_yet_is_no_error() -> None:
    """The demo reads the status from the beginning."""
    seen: list[StatusReport] = []

    def read() -> StatusReport:
        raise ClientError({"Error": {"Code": "ValidationError", "Message": "no stack"}}, "DescribeStacks")

    StatusWatch(read, seen.append).read_once()

    assert seen == []


@pytest.mark.parametrize("reports", [[[]], [[], []]])
def test_nothing_is_shown_of_a_stack_without_imports_yet(reports: list[list[ImportStatus]]) -> None:
    """An empty table says nothing."""
    assert "Sample" not in shown(reports, terminal=True)
