# SPDX-License-Identifier: Apache-2.0
"""The end of `personalize-import status --watch`, and its exit codes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from personalize_import.cli import status_command
from personalize_import.cli.exit_code import ExitCode
from personalize_import.cli.status_command import exit_code
from personalize_import.cli.status_watch import MOST_FAILED_READS, until_ended
from personalize_import.status import (
    FailedAttempt,
    ImportState,
    ImportStatus,
    ReadError,
    StackStatus,
    StatusReport,
)

ACTIVE = ImportStatus(
    stack="Shop", logical_id="Items", path="Shop/Items", state=ImportState.ACTIVE, elapsed=timedelta()
)
SHOP = StackStatus(name="Shop", id="arn", status="UPDATE_COMPLETE")
UPDATED = replace(SHOP, status="UPDATE_IN_PROGRESS")
IN_REVIEW = replace(SHOP, status="REVIEW_IN_PROGRESS")
ROLLED_BACK = replace(
    SHOP,
    status="UPDATE_ROLLBACK_COMPLETE",
    failed_attempt=FailedAttempt(at=datetime(2026, 11, 23, tzinfo=UTC), path="", reason=""),
)
MISSING = StatusReport(missing=("Shop",))
LOST = EndpointConnectionError(endpoint_url="https://example.com")
DENIED = ReadError(stack="Shop", message="No.")
THROTTLED = replace(DENIED, is_temporary=True)


def report(*states: ImportState, stack: StackStatus = SHOP) -> StatusReport:
    """A report on a stack whose imports have these states."""
    return StatusReport(imports=tuple(replace(ACTIVE, state=state) for state in states), stacks=(stack,))


DONE = report(ImportState.ACTIVE)


def looks(*found: StatusReport | Exception) -> tuple[int, list[Sequence[str]]]:
    """Watch until the end: how many looks there were, and what was said beside the imports."""
    remaining: Iterator[StatusReport | Exception] = iter(found)
    said: list[Sequence[str]] = []
    count = 0

    def read() -> StatusReport:
        nonlocal count
        count += 1
        each = next(remaining)
        if isinstance(each, Exception):
            raise each
        return each

    until_ended(read, lambda _, waiting: said.append(waiting), lambda _: None)
    return count, said


@pytest.mark.parametrize(
    "first",
    [
        MISSING,
        StatusReport(),
        StatusReport(stacks=(IN_REVIEW,)),
        replace(DONE, stacks=(SHOP, IN_REVIEW)),
        report(ImportState.ACTIVE, stack=UPDATED),
        report(ImportState.FAILED, stack=UPDATED),
        report(ImportState.ACTIVE, ImportState.NOT_BEGUN, stack=UPDATED),
        report(ImportState.ACTIVE, ImportState.IMPORTING),
        replace(DONE, errors=(THROTTLED,)),
    ],
    ids=[
        "no stack yet",
        "no stack at all",
        "a change set",
        "a change set beside a complete stack",
        "the old job is active",
        "a failure before the rollback",
        "an import has not begun",
        "an import goes on",
        "throttled",
    ],
)
def test_a_watch_does_not_end_while_something_is_under_way(first: StatusReport) -> None:
    """A running deployment may still change imports that are active."""
    assert looks(first, first, DONE)[0] == 3


@pytest.mark.parametrize(
    "last",
    [
        DONE,
        report(ImportState.FAILED),
        report(ImportState.REPLACED),
        report(ImportState.ROLLED_BACK, stack=ROLLED_BACK),
        StatusReport(stacks=(SHOP,)),
        StatusReport(stacks=(ROLLED_BACK,)),
        replace(DONE, errors=(DENIED,)),
    ],
    ids=["active", "failed", "replaced", "rolled back", "no imports", "failed before them", "denied"],
)
def test_a_watch_ends_when_nothing_goes_on(last: StatusReport) -> None:
    """It ends on success and on failure."""
    assert looks(last)[0] == 1


def test_a_stack_that_is_deleted_while_it_is_watched_is_not_waited_for() -> None:
    """The watch waits only for stacks that it has not seen yet."""
    assert looks(report(ImportState.DELETING, stack=UPDATED), MISSING)[0] == 2


def test_a_stack_whose_change_set_is_deleted_is_waited_for() -> None:
    """It was never deployed, so it is like a stack that does not exist yet."""
    assert looks(StatusReport(stacks=(IN_REVIEW,)), MISSING, DONE)[0] == 3


def test_a_lost_connection_does_not_end_a_watch_of_hours() -> None:
    """The request is repeated, and the error is shown."""
    count, said = looks(report(ImportState.IMPORTING), LOST, DONE)

    assert count == 3
    assert [len(lines) for lines in said] == [0, 1, 0]
    assert "https://example.com" in said[1][0]


@pytest.mark.parametrize("error", [LOST, ClientError({"Error": {"Code": "AccessDenied"}}, "GetItem")])
def test_a_watch_that_cannot_begin_ends_at_once(error: Exception) -> None:
    """The credentials or the region are probably wrong."""
    with pytest.raises(type(error)):
        looks(error)


def test_a_watch_ends_after_a_minute_of_failed_looks() -> None:
    """The credentials may have expired."""
    with pytest.raises(EndpointConnectionError):
        looks(report(ImportState.IMPORTING), *[LOST] * MOST_FAILED_READS)
    assert looks(*[replace(DONE, errors=(THROTTLED,))] * MOST_FAILED_READS)[0] == MOST_FAILED_READS


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (DONE, ExitCode.CLEAN),
        (report(ImportState.ACTIVE, stack=UPDATED), ExitCode.RUNNING),
        (report(ImportState.ACTIVE, ImportState.QUEUED), ExitCode.RUNNING),
        (StatusReport(stacks=(UPDATED,)), ExitCode.RUNNING),
        (report(ImportState.IMPORTING, ImportState.FAILED), ExitCode.FINDINGS),
        (report(ImportState.ACTIVE, stack=ROLLED_BACK), ExitCode.FINDINGS),
        (StatusReport(stacks=(ROLLED_BACK,)), ExitCode.FINDINGS),
        (report(ImportState.ACTIVE, ImportState.REPLACED), ExitCode.OUTDATED),
        (report(ImportState.DATASET_NEWER), ExitCode.OUTDATED),
        (report(ImportState.DATASET_GONE), ExitCode.OUTDATED),
        (report(ImportState.REPLACED, ImportState.IMPORTING), ExitCode.RUNNING),
        (report(ImportState.REPLACED, ImportState.FAILED), ExitCode.FINDINGS),
        (StatusReport(stacks=(SHOP,)), ExitCode.COULD_NOT_RUN),
        (StatusReport(), ExitCode.COULD_NOT_RUN),
        (replace(DONE, missing=("Other",)), ExitCode.COULD_NOT_RUN),
        (StatusReport(stacks=(IN_REVIEW,)), ExitCode.COULD_NOT_RUN),
        (replace(DONE, stacks=(SHOP, IN_REVIEW)), ExitCode.COULD_NOT_RUN),
        (replace(report(ImportState.FAILED), errors=(DENIED,)), ExitCode.COULD_NOT_RUN),
    ],
)
def test_the_exit_code_says_what_scripts_have_to_know(found: StatusReport, code: ExitCode) -> None:
    """It is 0 only if every dataset holds the data of its import and nothing is in progress."""
    assert exit_code(found) == code


def run(monkeypatch: pytest.MonkeyPatch, *found: StatusReport | BaseException, watch: bool = True) -> int:
    """The exit code of the command, which reads these reports. Ctrl-C follows the last one."""
    remaining = iter(found)

    class Reader:
        def __init__(self, client: object) -> None: ...

        def read(self, names: Sequence[str]) -> StatusReport:
            each = next(remaining, KeyboardInterrupt())
            if isinstance(each, BaseException):
                raise each
            return each

    monkeypatch.setattr(status_command, "StatusReader", Reader)
    return status_command.run(
        ["Shop"],
        watch=watch,
        region="eu-west-1",
        profile=None,
        output="json",
        sleep=lambda _: None,
    )


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (report(ImportState.IMPORTING), ExitCode.RUNNING),
        (report(ImportState.IMPORTING, ImportState.FAILED), ExitCode.FINDINGS),
        (report(ImportState.FAILED, stack=UPDATED), ExitCode.FINDINGS),
    ],
)
def test_an_interrupted_watch_exits_with_what_the_last_report_says(
    monkeypatch: pytest.MonkeyPatch, last: StatusReport, code: ExitCode
) -> None:
    """A script must see an import that has failed."""
    assert run(monkeypatch, report(ImportState.IMPORTING), last) == code


def test_a_watch_that_is_interrupted_before_it_has_read_anything_has_no_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command then exits with 130, as of the shell."""
    with pytest.raises(KeyboardInterrupt):
        run(monkeypatch)


@pytest.mark.parametrize("watch", [True, False])
def test_without_credentials_it_says_how_to_give_some(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], watch: bool
) -> None:
    """The message of botocore does not say what to do."""
    code = run(monkeypatch, NoCredentialsError(), watch=watch)

    assert code == ExitCode.COULD_NOT_RUN
    assert capsys.readouterr().err == "No AWS credentials were found. Pass --profile, or set AWS_PROFILE.\n"


def test_a_stack_with_only_a_change_set_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is deployed yet, and a change set may never be executed."""
    code = run(monkeypatch, StatusReport(stacks=(IN_REVIEW,)), watch=False)

    assert code == ExitCode.COULD_NOT_RUN
    assert capsys.readouterr().err == "Shop has a change set that has not been executed yet.\n"
