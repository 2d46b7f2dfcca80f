# SPDX-License-Identifier: Apache-2.0
"""`personalize-import status`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from rich.console import Console, Group
from rich.live import Live
from rich.style import Style
from rich.text import Text

from personalize_import.cli.aws_session import aws_session
from personalize_import.cli.console import console
from personalize_import.cli.exit_code import ExitCode
from personalize_import.cli.status_view import (
    Changes,
    ImportTable,
    as_json,
    as_line,
    fitting,
    links,
    reasons,
    stack_lines,
)
from personalize_import.cli.status_watch import until_ended
from personalize_import.status import StatusReader, StatusReport

_HEIGHT_OF_HEAD = 6
"""Lines of the head and the foot of the redrawn table."""


def run(
    stacks: Sequence[str],
    *,
    watch: bool,
    region: str | None,
    profile: str | None,
    output: str,
    out: Console | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> ExitCode:
    """Show the status of imports, once or until they have ended, and return the exit code.

    The arguments are the command's options. If omitted, `out` is the standard output.

    Raises:
        KeyboardInterrupt: Ctrl-C before anything was read. Afterwards it ends a watch with the last report.
    """
    errors = console(stderr=True)
    last: StatusReport | None = None
    try:
        session = aws_session(region, profile)
        reader = StatusReader(session.client)
        command = _Command(session, stacks, out or console(), output)

        def read() -> StatusReport:
            nonlocal last
            last = reader.read(stacks)
            return last

        if watch:
            report = command.watch(read, sleep)
        else:
            report = read()
            command.show(report)
    except NoRegionError:
        _complain(errors, "No region is set. Pass --region, or set AWS_REGION.")
        return ExitCode.COULD_NOT_RUN
    except NoCredentialsError:
        _complain(errors, "No AWS credentials were found. Pass --profile, or set AWS_PROFILE.")
        return ExitCode.COULD_NOT_RUN
    except (ClientError, BotoCoreError) as problem:
        said = problem.response["Error"]["Message"] if isinstance(problem, ClientError) else str(problem)
        _complain(errors, said)
        return ExitCode.COULD_NOT_RUN
    except KeyboardInterrupt:
        if last is None:
            raise
        return exit_code(last)
    for line in command.complaints(report):
        _complain(errors, line)
    return exit_code(report)


def exit_code(report: StatusReport) -> ExitCode:
    """Return the exit code of a report."""
    if report.missing or report.in_review or report.errors:
        return ExitCode.COULD_NOT_RUN
    if report.has_failed:
        return ExitCode.FINDINGS
    if report.is_under_way:
        return ExitCode.RUNNING
    if not report.imports:
        return ExitCode.COULD_NOT_RUN
    return ExitCode.OUTDATED if report.is_outdated else ExitCode.CLEAN


class _Command:
    """One run of the command.

    Args:
        session: The boto3 session, with its account and region.
        stacks: The names of stacks on the command line.
        out: The console for the status.
        output: `table` or `json`.
    """

    def __init__(self, session: boto3.Session, stacks: Sequence[str], out: Console, output: str) -> None:
        self._session = session
        self._stacks = stacks
        self._out = out
        self._output = output
        self._place = ""

    def show(self, report: StatusReport) -> None:
        """Show a report."""
        if self._output == "json":
            print(as_json(report), flush=True)
            return
        if report.imports:
            self._out.print(ImportTable(report.imports))
        self._show_below(report)

    def complaints(self, report: StatusReport) -> list[str]:
        """Return the reasons why imports cannot be shown."""
        lines = [f"{self._missing(stack)}." for stack in report.missing]
        lines += [_change_set(stack) for stack in report.in_review]
        lines += [f"{error.stack} could not be read. {error.message}" for error in report.errors]
        if not lines and not report.imports and not report.is_under_way and not report.has_failed:
            scope = "these stacks" if self._stacks else f"the stacks of {self._where}"
            lines.append(f"There is no Custom::PersonalizeDatasetImportJob in {scope}.")
        return lines

    def watch(self, read: Callable[[], StatusReport], sleep: Callable[[float], None]) -> StatusReport:
        """Show the status until all imports have ended.

        On a terminal the table is redrawn. In a pipe each change is a line or a JSON document.
        """
        if self._out.is_terminal and self._output == "table":
            with Live(console=self._out, auto_refresh=False) as live:
                report = until_ended(
                    read,
                    lambda report, waiting: live.update(self._redrawn(report, waiting), refresh=True),
                    sleep,
                )
            self._show_links(report)
            return report
        changes = Changes()
        return until_ended(read, lambda report, waiting: self._show_changes(changes, report, waiting), sleep)

    def _redrawn(self, report: StatusReport, waiting: Sequence[str]) -> Group:
        below = [*reasons(report), *map(Text, self._lines(report, waiting))]
        shown, more = fitting(report.imports, self._out.height - len(below) - _HEIGHT_OF_HEAD)
        tables = [ImportTable(shown, has_bars=True)] if shown else []
        return Group(*tables, *([Text(more)] if more else []), *below)

    def _show_changes(self, changes: Changes, report: StatusReport, waiting: Sequence[str]) -> None:
        imports = changes.among(report.imports)
        lines = changes.among_lines(self._lines(report, waiting))
        if self._output == "json":
            if imports or lines:
                print(as_json(report), flush=True)
            return
        for line in [*map(as_line, imports), *lines]:
            self._out.print(Text(line), soft_wrap=True)

    def _lines(self, report: StatusReport, waiting: Sequence[str]) -> list[str]:
        """Return the lines below the imports in a watch."""
        missing = [f"{self._missing(stack)}. Waiting for it." for stack in report.missing]
        if not self._stacks and not report.stacks:
            missing.append(f"No stack of {self._where} has imports yet.")
        in_review = [f"{_change_set(stack)} Waiting for it." for stack in report.in_review]
        return [*stack_lines(report), *missing, *in_review, *waiting, *report.notes]

    def _show_below(self, report: StatusReport) -> None:
        # The terminal wraps these lines, so that an ARN or a link can be copied as a whole.
        for line in [*reasons(report), *map(Text, [*stack_lines(report), *report.notes])]:
            self._out.print(line, soft_wrap=True)
        self._show_links(report)

    def _show_links(self, report: StatusReport) -> None:
        for link in links(report):
            self._out.print(Text(link, Style(dim=True, link=link)), soft_wrap=True)

    def _missing(self, stack: str) -> str:
        return f"Stack {stack} does not exist in {self._where}"

    @property
    def _where(self) -> str:
        """The region and the account. Reading the account needs no permission."""
        if not self._place:
            region = str(self._session.region_name)
            try:
                account = self._session.client("sts").get_caller_identity()["Account"]
            except (ClientError, BotoCoreError):
                return region
            self._place = f"{region} (account {account})"
        return self._place


def _change_set(stack: str) -> str:
    return f"{stack} has a change set that has not been executed yet."


def _complain(errors: Console, line: str) -> None:
    errors.print(line, style="bold red", markup=False, soft_wrap=True)
