# SPDX-License-Identifier: Apache-2.0
"""EventBridge Scheduler's rates at the instance's speed, its role really judged."""

import logging
from typing import Any

from ministack.services import eventbridge
from ministack.services import scheduler as ministack_scheduler

from .access import role_may, role_of, trusts

SWEEP = 1
"""Seconds between two looks at what is due; ministack's ten would make every tick late."""

SHORTEST_RATE = 10.0
"""Seconds: no speed makes a rate shorter, so that ticks do not pile up."""

log = logging.getLogger(__name__)


def apply(speed: float) -> None:
    """Sweep every second, and let rates pass at the speed; EndDate and StartDate stay the wall clock's."""
    ministack_scheduler._SCHEDULE_TICK_INTERVAL = SWEEP
    parse = eventbridge._parse_rate_seconds

    def rate_seconds(expression: str) -> float | None:
        seconds = parse(expression)
        return None if seconds is None else min(seconds, max(seconds / speed, SHORTEST_RATE))

    eventbridge._parse_rate_seconds = rate_seconds
    invoke = eventbridge._invoke_target

    def invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any]) -> Any:
        if event.get("Source") == "aws.scheduler" and not _may_invoke(target, event):
            return None
        return invoke(target, event, rule)

    eventbridge._invoke_target = invoke_target


def _may_invoke(target: dict[str, Any], event: dict[str, Any]) -> bool:
    """Whether the target's role lets the scheduler assume it and invoke the function; others are let through."""
    arn = target["Arn"]
    if ":lambda:" not in arn:
        return True
    schedule = event["Resources"][0]
    group = schedule.replace(":schedule/", ":schedule-group/").rsplit("/", 1)[0]
    role = role_of(target.get("RoleArn", ""))
    source = {"aws:sourceaccount": event["Account"], "aws:sourcearn": group}
    if (
        role
        and trusts(role, "scheduler.amazonaws.com", source)
        and role_may(role, "lambda:InvokeFunction", arn)
    ):
        return True
    log.error("The role of %s may not be assumed by the scheduler, or may not invoke %s", schedule, arn)
    return False
