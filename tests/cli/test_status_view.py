# SPDX-License-Identifier: Apache-2.0
"""The output of `personalize-import status`."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from personalize_import.cli.status_view import (
    Changes,
    ImportTable,
    as_json,
    as_line,
    fitting,
    minutes,
    reasons,
    stack_lines,
)
from personalize_import.status import (
    FailedAttempt,
    ImportState,
    ImportStatus,
    ReadError,
    StackStatus,
    StatusReport,
)

IMPORT = ImportStatus(
    stack="Shop",
    logical_id="Items1A2B",
    path="Shop/Items",
    state=ImportState.IMPORTING,
    elapsed=timedelta(minutes=4, seconds=12),
    dataset="shop/ITEMS",
    job="a-prefix-of-forty-eight-characters-that-is-whole-0123456789ab-1",
)
STARTING = replace(IMPORT, state=ImportState.STARTING, dataset="", job="")
NESTED = replace(IMPORT, stack="Shop-Nested-1A2B")
DEPLOYED = StackStatus(name="Shop", id="arn", status="UPDATE_IN_PROGRESS")
ATTEMPT = FailedAttempt(
    at=datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC), path="Shop/Items", reason="It was refused."
)
ROLLED_BACK = replace(DEPLOYED, status="UPDATE_ROLLBACK_COMPLETE", failed_attempt=ATTEMPT)


def drawn(*imports: ImportStatus, width: int = 120, is_watch: bool = False) -> list[str]:
    """The lines of a table on a terminal so wide, without its borders."""
    output = io.StringIO()
    Console(file=output, width=width).print(ImportTable(imports, has_bars=is_watch))
    return output.getvalue().splitlines()


@pytest.mark.parametrize("width", [200, 80, 66])
def test_no_name_is_split_at_any_width(width: int) -> None:
    """If the table is too wide, each import is a paragraph."""
    text = "\n".join(drawn(IMPORT, width=width))

    assert all(name in text for name in (IMPORT.path, IMPORT.dataset, IMPORT.job, "importing", "4:12"))


def test_a_terminal_that_has_no_room_for_bars_explains_none() -> None:
    """The paragraphs that it shows instead of a table have no bars."""
    assert "A bar is full" in "\n".join(drawn(IMPORT, is_watch=True))
    assert "bar" not in "\n".join(drawn(IMPORT, width=40, is_watch=True))


def test_columns_stay_where_they_are_while_an_import_gets_its_names() -> None:
    """The table of a watch always has the width of the terminal."""
    before, after = drawn(STARTING, is_watch=True), drawn(IMPORT, is_watch=True)

    assert before[:3] == after[:3]
    assert len({len(line) for line in [*before, *after] if line[0] in "┏┃┡│└"}) == 1


def test_where_a_terminal_is_too_low_what_goes_on_comes_first() -> None:
    """The table shows running imports first, and counts those that do not fit."""
    states = ["active"] * 20 + ["importing", "failed"] + ["not begun"] * 3
    imports = [replace(IMPORT, state=ImportState(state)) for state in states]

    shown, more = fitting(imports, 12)

    assert [each.state for each in shown] == ["importing", "failed", "active"]
    assert more == "And 22 more: 19 active, 3 not begun."
    assert fitting(imports, 100) == (imports, "")
    assert len(fitting(imports, 0)[0]) == 1


def test_the_stack_is_named_where_the_path_does_not() -> None:
    """CloudFormation generates the name of a nested stack."""
    assert "stack Shop-Nested-1A2B" in "\n".join(drawn(NESTED))
    assert "stack Shop" not in "\n".join(drawn(IMPORT))


def test_a_line_has_the_same_columns_in_every_state() -> None:
    """A value that is not known is a dash."""
    failed = replace(IMPORT, state=ImportState.FAILED, reason="Too long.")

    lines = [as_line(each).split("  ") for each in (STARTING, IMPORT, failed, NESTED)]

    assert lines == [
        ["Shop/Items", "-", "-", "starting", "4:12"],
        ["Shop/Items", "shop/ITEMS", IMPORT.job, "importing", "4:12"],
        ["Shop/Items", "shop/ITEMS", IMPORT.job, "failed", "4:12", "Too long."],
        ["Shop-Nested-1A2B: Shop/Items", "shop/ITEMS", IMPORT.job, "importing", "4:12"],
    ]


@pytest.mark.parametrize(
    ("imports", "stacks", "lines"),
    [
        ((IMPORT,), (DEPLOYED,), ["Shop is UPDATE_IN_PROGRESS."]),
        ((), (DEPLOYED,), ["Shop is UPDATE_IN_PROGRESS. No import has begun yet."]),
        (
            (replace(IMPORT, state=ImportState.NOT_BEGUN),),
            (DEPLOYED,),
            ["Shop is UPDATE_IN_PROGRESS. No import has begun yet."],
        ),
        (
            (NESTED,),
            (DEPLOYED, replace(DEPLOYED, name=NESTED.stack)),
            ["Shop is UPDATE_IN_PROGRESS.", "Shop-Nested-1A2B is UPDATE_IN_PROGRESS."],
        ),
        ((IMPORT,), (replace(DEPLOYED, status="UPDATE_COMPLETE"),), []),
        (
            (IMPORT,),
            (ROLLED_BACK,),
            [
                "The last deployment of Shop failed at 2026-11-23 12:00:05 UTC (UPDATE_ROLLBACK_COMPLETE): "
                "Shop/Items: It was refused."
            ],
        ),
        (
            (replace(IMPORT, state=ImportState.FAILED, reason="It was refused."),),
            (ROLLED_BACK,),
            [
                "The last deployment of Shop failed at 2026-11-23 12:00:05 UTC (UPDATE_ROLLBACK_COMPLETE): "
                "Shop/Items"
            ],
        ),
        (
            (IMPORT,),
            (replace(ROLLED_BACK, failed_attempt=replace(ATTEMPT, path="", reason="User Initiated")),),
            [
                "The last deployment of Shop failed at 2026-11-23 12:00:05 UTC (UPDATE_ROLLBACK_COMPLETE): "
                "User Initiated"
            ],
        ),
    ],
    ids=[
        "in progress",
        "before the first import",
        "before an import begins",
        "in a nested stack",
        "complete",
        "failed",
        "the reason is shown already",
        "cancelled",
    ],
)
def test_stacks_are_mentioned_when_there_is_something_to_say(
    imports: tuple[ImportStatus, ...], stacks: tuple[StackStatus, ...], lines: list[str]
) -> None:
    """A line reports a stack that is being deployed, or whose last deployment has failed."""
    assert stack_lines(StatusReport(imports=imports, stacks=stacks)) == lines


def test_reasons_stand_below_the_table() -> None:
    """Reasons may be long."""
    replaced = replace(IMPORT, state=ImportState.REPLACED, reason="replaced since by by-hand")

    found = reasons(StatusReport(imports=(IMPORT, replaced)))

    assert [text.plain for text in found] == ["Shop/Items: replaced since by by-hand"]


def test_programs_get_everything() -> None:
    """The JSON has durations in seconds and times in ISO 8601."""
    report = StatusReport(
        imports=(IMPORT,),
        stacks=(DEPLOYED, ROLLED_BACK),
        missing=("Missing",),
        errors=(ReadError(stack="Denied", message="No."),),
        notes=("The records could not be read.",),
    )

    found = json.loads(as_json(report))

    assert found["imports"] == [
        {
            "stack": "Shop",
            "logical_id": "Items1A2B",
            "path": "Shop/Items",
            "state": "importing",
            "elapsed": 252,
            "dataset": "shop/ITEMS",
            "job": IMPORT.job,
            "job_arn": "",
            "reason": "",
            "link": "",
        }
    ]
    assert [stack["failed_attempt"] for stack in found["stacks"]] == [
        None,
        {"at": "2026-11-23T12:00:05+00:00", "path": "Shop/Items", "reason": "It was refused."},
    ]
    assert found["missing"] == ["Missing"]
    assert found["errors"] == [{"stack": "Denied", "message": "No."}]
    assert found["notes"] == ["The records could not be read."]


def test_a_log_shows_each_change_once() -> None:
    """An import is shown again when its state, its job or its reason changes, and a line when it is new."""
    changes = Changes()
    named, later = replace(STARTING, job=IMPORT.job), replace(STARTING, elapsed=timedelta(minutes=9))
    waiting = replace(named, reason="Insufficient privileges.")

    reports = ([STARTING], [later], [named], [waiting], [IMPORT], [IMPORT, NESTED])
    looks = [changes.among(imports) for imports in reports]
    lines = [changes.among_lines(each) for each in (["a"], ["a", "b"], [], ["a"])]

    assert looks == [[STARTING], [], [named], [waiting], [IMPORT], [NESTED]]
    assert lines == [["a"], ["b"], [], ["a"]]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (252, "4:12"), (3599, "59:59"), (3600, "1:00:00")]
)
def test_a_duration_is_shown_as_on_a_clock(seconds: float, shown: str) -> None:
    """The form is m:ss, or h:mm:ss."""
    assert minutes(timedelta(seconds=seconds)) == shown
