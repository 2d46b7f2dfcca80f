# SPDX-License-Identifier: Apache-2.0
"""`personalize-import status`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from rich.console import Console
from rich.live import Live

from personalize_import.cli.console import console
from personalize_import.cli.exit_code import ExitCode
from personalize_import.cli.status_view import Changes, as_json, as_lines, as_table
from personalize_import.status import ImportStatus, Stands, StatusReader

SECONDS_BETWEEN_LOOKS = 5.0


def run(
    stacks: Sequence[str],
    *,
    watch: bool,
    region: str | None,
    profile: str | None,
    output: str,
    sleep: Callable[[float], None] = time.sleep,
) -> ExitCode:
    """Show how the imports stand, once or until they have ended, and say with what code to exit."""
    errors = console(stderr=True)
    try:
        # The AWS CLI and the SDKs of other languages read AWS_REGION, boto3 does not.
        region = region or os.environ.get("AWS_REGION") or None
        reader = StatusReader(boto3.Session(region_name=region, profile_name=profile).client)
        if watch:
            imports = _watch(lambda: reader.read(stacks), console(), output, sleep)
        else:
            imports = reader.read(stacks)
            _show(imports, console(), output)
    except NoRegionError:
        errors.print("No region is set. Pass --region, or set AWS_REGION.", style="bold red", soft_wrap=True)
        return ExitCode.COULD_NOT_RUN
    except (ClientError, BotoCoreError) as problem:
        words = problem.response["Error"]["Message"] if isinstance(problem, ClientError) else str(problem)
        errors.print(words, style="bold red", markup=False, soft_wrap=True)
        return ExitCode.COULD_NOT_RUN
    except KeyboardInterrupt:
        return ExitCode.RUNNING
    if not imports:
        errors.print("There is no Custom::PersonalizeDatasetImportJob in these stacks.", style="bold red")
        return ExitCode.COULD_NOT_RUN
    return exit_code(imports)


def exit_code(imports: Sequence[ImportStatus]) -> ExitCode:
    """What imports that stand so mean for a script."""
    if any(each.stands is Stands.FAILED for each in imports):
        return ExitCode.FINDINGS
    return ExitCode.CLEAN if all(each.stands.has_ended for each in imports) else ExitCode.RUNNING


def _show(imports: Sequence[ImportStatus], out: Console, output: str) -> None:
    if output == "json":
        print(as_json(imports), flush=True)
    elif imports:
        out.print(as_table(imports), crop=False)


def _watch(
    read: Callable[[], list[ImportStatus]], out: Console, output: str, sleep: Callable[[float], None]
) -> list[ImportStatus]:
    """Look until all have ended: redrawn on a terminal; in a pipe, a line or a document for each change."""
    if out.is_terminal and output == "table":
        with Live(console=out, auto_refresh=False) as live:
            return _until_ended(
                read, lambda imports: live.update(as_table(imports, bars=True), refresh=True), sleep
            )
    changes = Changes()

    def show_changes(imports: Sequence[ImportStatus]) -> None:
        changed = changes.among(imports)
        if output == "json" and changed:
            print(as_json(imports), flush=True)
        elif changed:
            out.print(as_lines(changed), soft_wrap=True)

    return _until_ended(read, show_changes, sleep)


def _until_ended(
    read: Callable[[], list[ImportStatus]],
    show: Callable[[list[ImportStatus]], None],
    sleep: Callable[[float], None],
) -> list[ImportStatus]:
    while True:
        imports = read()
        show(imports)
        if all(each.stands.has_ended for each in imports):
            return imports
        sleep(SECONDS_BETWEEN_LOOKS)
