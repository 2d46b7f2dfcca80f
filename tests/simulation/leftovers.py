# SPDX-License-Identifier: Apache-2.0
"""What may stay in the scheduler and in the table when nothing happens any more: invariants I3 and I6."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.fakes.account import Account

SECRET = "X-Amz-Signature"
UNANSWERED = "an id that CloudFormation makes up"


class Leftovers:
    """Checks what is left.

    Args:
        account: The account.
        violate: Records a violation.
    """

    def __init__(self, account: Account, violate: Callable[[str, str], None]) -> None:
        self._account = account
        self._violate = violate
        self._items = {item["Key"]["S"]: item for item in account.dynamodb.items()}

    def check_quiet(self, *, with_schedules: bool) -> None:
        """Minutes after the last request: what is done has no schedule, and no secret."""
        is_open = {
            key: json.loads(item["Record"]["S"])["event"] is not None for key, item in self._items.items()
        }
        for schedule in self._account.scheduler.schedules() if with_schedules else ():
            if not is_open.get(schedule.record_key):
                self._violate("I3", f"the schedule {schedule.name} still ticks for {schedule.record_key}")
        self._check_secrets(key for key in self._items if not is_open[key])

    def check_end(self) -> None:
        """Hours after the last request: the records are those of the resources that live."""
        for schedule in self._account.scheduler.schedules():
            self._violate("I3", f"the schedule {schedule.name} is left")
        self._check_secrets(self._items)
        living = self._living()
        for key in living:
            if key not in self._items or "ExpiresAt" in self._items[key]:
                self._violate("I3", f"the record {key} is gone, or about to go")
        for key, item in self._items.items():
            if key not in living and "ExpiresAt" not in item:
                self._violate("I3", f"the record {key} is left")

    def _check_secrets(self, keys: Iterable[str]) -> None:
        for key in keys:
            if SECRET in str(self._items[key]):
                self._violate("I6", f"the record {key} still has a secret")

    def _living(self) -> set[str]:
        """The keys of the records of the resources that exist, going by the answers that counted."""
        ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for request in self._account.cloudformation.requests.values():
            known = ids[request.resource]
            if request.type == "Create":
                known.clear()
            if request.type == "Delete":
                known -= {request.event["PhysicalResourceId"], UNANSWERED}
            elif request.answer and (request.type == "Create" or request.succeeded):
                known.add(request.answer["PhysicalResourceId"])
            elif request.type == "Create":
                known.add(UNANSWERED)
        return {
            f"{stack_id}/{logical_id}"
            for (stack_id, logical_id), known in ids.items()
            if known and not self._account.is_gone(stack_id)
        }
