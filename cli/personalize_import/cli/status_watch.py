# SPDX-License-Identifier: Apache-2.0
"""The loop of `personalize-import status --watch`: look until all have ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from personalize_import.status import StatusReport

SECONDS_BETWEEN_LOOKS = 5.0

MOST_FAILED_LOOKS = 12
"""Looks in a row that may fail for a reason that may pass: a minute."""


def until_ended(
    read: Callable[[], StatusReport],
    show: Callable[[StatusReport, Sequence[str]], None],
    sleep: Callable[[float], None],
) -> StatusReport:
    """Look until every stack is there, none is being deployed, and every import has ended.

    A look that fails is repeated, unless it is the first one, or a minute has passed.

    Args:
        read: Takes one look.
        show: Called with what each look has found, and with why a look has failed.
        sleep: Waits for some seconds.

    Returns:
        What the last look has found.

    Raises:
        ClientError, BotoCoreError: The first look, or too many in a row, have failed.
    """
    seen: set[str] = set()
    report: StatusReport | None = None
    failed = 0
    while True:
        try:
            found = read()
        except (ClientError, BotoCoreError) as error:
            failed += 1
            if report is None or failed >= MOST_FAILED_LOOKS:
                raise
            show(report, [f"The last look failed, and is repeated: {error}"])
        else:
            report = found
            is_cut_short = any(error.is_temporary for error in report.errors)
            failed = failed + 1 if is_cut_short else 0
            show(report, [f"{error.stack} could not be read. {error.message}" for error in report.errors])
            if failed >= MOST_FAILED_LOOKS or not (is_cut_short or _goes_on(report, seen)):
                return report
            seen |= {name for stack in report.stacks for name in (stack.name, stack.id)}
        sleep(SECONDS_BETWEEN_LOOKS)


def _goes_on(report: StatusReport, seen: set[str]) -> bool:
    """Whether there is something to wait for. A stack that is gone is not waited for again."""
    is_empty = not (report.imports or report.stacks or report.missing or report.errors)
    return report.is_under_way or is_empty or any(stack not in seen for stack in report.missing)
