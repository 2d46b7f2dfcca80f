# SPDX-License-Identifier: Apache-2.0
"""The loop of `personalize-import status --watch`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from personalize_import.status import StatusReport

SECONDS_BETWEEN_READS = 5.0

MOST_FAILED_READS = 12
"""Consecutive reads that may fail with a temporary error, in one minute."""


def until_ended(
    read: Callable[[], StatusReport],
    show: Callable[[StatusReport, Sequence[str]], None],
    sleep: Callable[[float], None],
) -> StatusReport:
    """Read until every stack has been deployed, no stack is in progress, and every import has ended.

    A read that fails is retried for a minute, except for the first one.

    Args:
        read: Reads one report.
        show: Shows a report, and the errors of the last read.
        sleep: Waits for some seconds.

    Returns:
        The last report.

    Raises:
        ClientError, BotoCoreError: The first read has failed, or too many consecutive ones.
    """
    seen: set[str] = set()
    report: StatusReport | None = None
    failed = 0
    while True:
        try:
            found = read()
        except (ClientError, BotoCoreError) as error:
            failed += 1
            if report is None or failed >= MOST_FAILED_READS:
                raise
            show(report, [f"The last read failed and is retried: {error}"])
        else:
            report = found
            is_cut_short = any(error.is_temporary for error in report.errors)
            failed = failed + 1 if is_cut_short else 0
            show(report, [f"{error.stack} could not be read. {error.message}" for error in report.errors])
            if failed >= MOST_FAILED_READS or not (is_cut_short or _goes_on(report, seen)):
                return report
            deployed = [stack for stack in report.stacks if not stack.is_in_review]
            seen |= {name for stack in deployed for name in (stack.name, stack.id)}
        sleep(SECONDS_BETWEEN_READS)


def _goes_on(report: StatusReport, seen: set[str]) -> bool:
    """Whether the watch must continue. It does not wait for a stack that was deleted."""
    is_empty = not (report.imports or report.stacks or report.missing or report.errors)
    is_awaited = bool(report.in_review) or any(stack not in seen for stack in report.missing)
    return report.is_under_way or is_empty or is_awaited
