# SPDX-License-Identifier: Apache-2.0
"""The invariant of copies, C.

A job begins with all copies of its files, and they stay until it has ended. At the end no copy is left, or
the log said that it could not be removed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dataset_import.record import IN_FLIGHT
from tests.fakes.aws_lambda import TIMEOUT
from tests.simulation.causes import LONGEST
from tests.simulation.staged_files import ASSETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_aws.personalize.state import ImportJob
    from tests.fakes.account import Account
    from tests.fakes.cloudformation import Request
    from tests.fakes.stacks import Properties


class StagedCopies:
    """Checks the invariant of copies.

    Args:
        account: The account.
        violate: Records a violation.
    """

    def __init__(self, account: Account, violate: Callable[[str, str], None]) -> None:
        self._account = account
        self._violate = violate
        self._kept: list[str] = []
        self._starters: dict[str, Request] = {}
        self._answered: dict[str, float] = {}

    def started(self, request: Request, arn: str) -> None:
        """A job was started for a request: its files are there."""
        self._starters[arn] = request
        location = self._account.personalize.jobs[arn].data_location
        staging = request.properties.get("Staging")
        if not staging or request.properties["DataSource"]["DataLocation"] != location:
            return
        objects = self._account.s3.objects
        for file in staging["Files"]:
            copy = (staging["Bucket"], staging["Prefix"] + file["Name"])
            is_there = objects.get(copy) == objects[file["Bucket"], file["Key"]]
            if not is_there and not self._has_new_stack(self._account.personalize.jobs[arn]):
                self._violate("C", f"{request.id} started {arn} without {copy}")

    def removed(self, bucket: str, key: str) -> None:
        """A copy was removed: no job reads it, but for one that a Delete runs again in a rollback.

        The copies that such a job needs are those of another import, and mostly gone.
        """
        now = self._account.kernel.now
        for job in self._account.personalize.jobs.values():
            is_read = job.unfinished(now) and f"s3://{bucket}/{key}".startswith(job.data_location)
            if not is_read or self._starters[job.arn].type == "Delete" or self._has_new_stack(job):
                continue
            self._violate("C", f"{bucket}/{key} was removed while {job.arn} read it")

    def _has_new_stack(self, job: ImportJob) -> bool:
        """Whether the function of a deleted stack may still run, whose name a job's stack has."""
        stacks = self._account.cloudformation.stacks
        stack = stacks[self._starters[job.arn].resource[0]]
        is_made_again = list(stacks.values()).count(stack) > 1
        return is_made_again and self._account.kernel.now < stack.created + TIMEOUT

    def answered(self, request: Request) -> None:
        """A request was answered, perhaps too late."""
        self._answered[request.id] = self._account.kernel.now

    def warned(self, message: str) -> None:
        """A line of the log at WARNING or above."""
        if "could not be removed" in message:
            self._kept += re.findall(r"s3://[^ ,:]+", message)

    def check_end(self) -> None:
        """Hours after the last request."""
        for bucket, key in self._account.s3.objects:
            is_said = any(f"s3://{bucket}/{key}".startswith(location) for location in self._kept)
            if bucket != ASSETS and not is_said and not self._may_stay(bucket, key):
                self._violate("C", f"the copy {bucket}/{key} is left")

    def _may_stay(self, bucket: str, key: str) -> bool:
        """Whether the last request that names a copy leaves it.

        A job may still read the copy when the time of its request is over, or when the request fails before
        its own job and the copies of before lie at the same place. A Create does not know what an earlier
        one has left running, nor does the Delete that follows it, if a job of the same prefix runs. A
        request that CloudFormation has taken back without an Update is not known to the next one.
        """
        *_, last = (
            request
            for request in self._account.cloudformation.requests.values()
            if any(_names(each, bucket, key) for each in (request.properties, request.old_properties))
        )
        is_late = self._answered.get(last.id, float("inf")) >= last.issued + _patience(last) - 1
        has_failed = any(answer["Status"] == "FAILED" for answer in last.answers) or self._has_signalled(last)
        is_shared = _names(last.properties, bucket, key) and _names(last.old_properties, bucket, key)
        is_left = has_failed and (is_shared or last.type == "Create")
        return is_late or is_left or self._is_taken_back(last) or self._may_be_read(last)

    def _has_signalled(self, request: Request) -> bool:
        """Whether an import of hours has signalled a failure."""
        waits = self._account.cloudformation.waits.by_url
        condition = waits.get(str(request.properties.get("WaitConditionHandle")))
        return bool(condition and condition.signals and not condition.succeeded)

    def _may_be_read(self, request: Request) -> bool:
        """Whether a job of a deleted import's prefix ran in its dataset before the Delete was answered."""
        given, then = request.properties, self._answered[request.id]
        return request.type == "Delete" and any(
            job.dataset_arn == given["DatasetArn"]
            and job.name.startswith(f"{given['JobNamePrefix']}-")
            and job.created <= then < job.ends_at + IN_FLIGHT
            for job in self._account.personalize.jobs.values()
        )

    def _is_taken_back(self, request: Request) -> bool:
        """Whether a later request of the same resource does not come from what a request has asked for."""
        return any(
            each.resource_life == request.resource_life and each.issued > request.issued
            for each in self._account.cloudformation.requests.values()
        )


def _patience(request: Request) -> float:
    """The seconds after which the time of a request is over."""
    return LONGEST if request.type == "Delete" else min(float(request.properties["Timeout"]), LONGEST)


def _names(properties: Properties, bucket: str, key: str) -> bool:
    """Whether a copy is one of the properties' files."""
    staging = properties.get("Staging")
    return bool(staging and staging["Bucket"] == bucket and key.startswith(staging["Prefix"]))
