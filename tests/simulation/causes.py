# SPDX-License-Identifier: Apache-2.0
"""Why a request may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.stacks import files_of
from tests.simulation.staged_files import FILES, USABLE

if TYPE_CHECKING:
    from tests.fakes.account import Account
    from tests.fakes.cloudformation import Request

LATE_NEWS = 30.0
"""Seconds from the last look at a dataset or a job to the answer. Nobody notices what happens meanwhile."""

LONGEST = 3480.0
"""Seconds after which a request that waits has to be answered."""


def has_cause(account: Account, request: Request, reason: str, longest: float = LONGEST) -> bool:
    """Whether Personalize refused, the job failed, the dataset is gone, or the time was over."""
    now = account.kernel.now
    failed = [job for job in account.personalize.jobs.values() if job.status(now) == "CREATE FAILED"]
    timeout = min(float(request.properties.get("Timeout", 3600)), longest)
    dataset = account.personalize.datasets.get(request.properties.get("DatasetArn", ""))
    return (
        (request.refusals > 0 and not _is_readable(request))
        or None in FILES.get(files_of(request.properties), ())
        or any(job.arn in reason for job in failed)
        or now >= request.issued + timeout - 1
        or dataset is None
        or dataset.status(now) != "ACTIVE"
        or dataset.created > now - LATE_NEWS
        or _is_refused_switch(request)
        or _was_not_polled(account, request, reason)
    )


def _is_refused_switch(request: Request) -> bool:
    """Whether an Update would replace what the same import has added, which no rollback could restore."""
    modes = [each.get("ImportMode") for each in (request.old_properties, request.properties)]
    return modes == ["INCREMENTAL", "FULL"] and not request.started


def _was_not_polled(account: Account, request: Request, reason: str) -> bool:
    """Whether faults up to the end of the last invocation kept the request from a schedule."""
    last = account.journal.last_fault.get(request.id, float("-inf"))
    is_said = "could not be followed" in reason or "could not be polled" in reason
    return is_said and not request.started and account.kernel.now - last < 30


def _is_readable(request: Request) -> bool:
    """Whether nothing about a request is a reason to refuse its job: full data from staged files."""
    is_full = request.properties.get("ImportMode") == "FULL"
    return is_full and files_of(request.properties) in USABLE
