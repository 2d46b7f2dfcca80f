# SPDX-License-Identifier: Apache-2.0
"""The invariant of copies, C.

A job begins with all copies of its files, and they stay until it has ended. At the end no copy is left, or the
log said that it could not be removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.staged_files import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.account import Account
    from tests.fakes.cloudformation import Request


class StagedCopies:
    """Checks the invariant of copies.

    Args:
        account: The account.
        violate: Records a violation.
    """

    def __init__(self, account: Account, violate: Callable[[str, str], None]) -> None:
        self._account = account
        self._violate = violate
        self._warnings: list[str] = []

    def started(self, request: Request, arn: str) -> None:
        """A job was started for a request: its files are there."""
        location = self._account.personalize.jobs[arn].data_location
        staging = request.properties.get("Staging")
        if not staging or request.properties["DataSource"]["DataLocation"] != location:
            return
        objects = self._account.s3.objects
        for file in staging["Files"]:
            copy = (staging["Bucket"], staging["Prefix"] + file["Name"])
            if objects.get(copy) != objects[file["Bucket"], file["Key"]]:
                self._violate("C", f"{request.id} started {arn} without {copy}")

    def removed(self, bucket: str, key: str) -> None:
        """A copy was removed: no job reads it."""
        now = self._account.kernel.now
        for job in self._account.personalize.jobs.values():
            if job.unfinished(now) and f"s3://{bucket}/{key}".startswith(job.data_location):
                self._violate("C", f"{bucket}/{key} was removed while {job.arn} read it")

    def warned(self, message: str) -> None:
        """A line of the log at WARNING or above."""
        if "could not be removed" in message:
            self._warnings.append(message)

    def check_end(self) -> None:
        """Hours after the last request."""
        for bucket, key in self._account.s3.objects:
            is_said = any(f"s3://{bucket}/{key}" in warning for warning in self._warnings)
            if bucket != ASSETS and not is_said:
                self._violate("C", f"the copy {bucket}/{key} is left")
