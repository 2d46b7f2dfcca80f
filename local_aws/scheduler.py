# SPDX-License-Identifier: Apache-2.0
"""EventBridge Scheduler: rates at the speed of the instance, start dates, and the schedule's role.

In ministack, rates begin one interval after the creation, dates may be in the past, and roles are not
checked.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import json
import logging
import time
from typing import Any

from ministack.core import iam_actions, router
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge
from ministack.services import scheduler as ministack_scheduler

from .access import access_key_of_request, caller_arn, may_pass_role, role_may, role_of, trusts
from .rates import accelerated

SCHEDULER = "scheduler.amazonaws.com"

SWEEP = 1
"""Seconds between two checks for due schedules. ministack checks every ten seconds, which is too late."""

EARLIEST_START = 300
"""Seconds before now."""

log = logging.getLogger(__name__)


def apply(ministack_app: Any, speed: float) -> None:
    """Apply the speed to rates and to the time before their StartDate, and check the roles."""
    ministack_scheduler._SCHEDULE_TICK_INTERVAL = SWEEP
    parse = eventbridge._parse_rate_seconds
    invoke = eventbridge._invoke_target
    create = ministack_scheduler._create_schedule
    handle = ministack_app.SERVICE_HANDLERS["scheduler"]

    def rate_seconds(expression: str) -> float | None:
        seconds = parse(expression)
        return None if seconds is None else accelerated(seconds, speed)

    def invoke_target(
        target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
    ) -> Any:
        if event.get("Source") == "aws.scheduler" and not _may_invoke(target, event):
            return None
        return invoke(target, event, rule, view)

    def create_schedule(name: str, request: dict[str, Any]) -> Any:
        problem = _dates_refused(request)
        if problem:
            return _error("ValidationException", problem)
        if start := _start_of_rate(request):
            now = time.time()
            request = {**request, "StartDate": now + accelerated(start - now, speed)}
        answer = create(name, request)
        if answer[0] == 200:
            _set_first_occurrence(name, request)
        return answer

    async def handler(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        refusal = _refusal(headers, body) if method in {"POST", "PUT"} and _names_schedule(path) else None
        return refusal or await handle(method, path, headers, body, query)

    eventbridge._parse_rate_seconds = rate_seconds
    eventbridge._invoke_target = invoke_target
    ministack_scheduler._create_schedule = create_schedule
    ministack_app.SERVICE_HANDLERS["scheduler"] = handler


def _dates_refused(request: dict[str, Any]) -> str:
    """Return the reason why a recurring schedule cannot have these dates; empty if it can."""
    start, end = (ministack_scheduler._to_epoch(request.get(name)) for name in ("StartDate", "EndDate"))
    now = time.time()
    if str(request.get("ScheduleExpression", "")).startswith("at("):
        return ""
    if start is not None and start < now - EARLIEST_START:
        return "The StartDate you specify cannot be earlier than 5 minutes ago."
    if end is not None and end <= max(now, start or now):
        return "The EndDate you specify cannot be in the past, or before the StartDate."
    return ""


def _start_of_rate(request: dict[str, Any]) -> float | None:
    """Return the StartDate of a rate in seconds since the epoch; None if the schedule has none."""
    is_rate = str(request.get("ScheduleExpression", "")).startswith("rate(")
    return ministack_scheduler._to_epoch(request.get("StartDate")) if is_rate else None


def _set_first_occurrence(name: str, request: dict[str, Any]) -> None:
    """Let a rate begin at StartDate or at once, and forget a deleted schedule with the same name."""
    key = (get_account_id(), get_region(), f"{request.get('GroupName', 'default')}/{name}")
    fired = ministack_scheduler._schedule_last_fired
    interval = eventbridge._parse_rate_seconds(request["ScheduleExpression"])
    fired.pop(key, None)
    if interval is not None:
        fired[key] = (ministack_scheduler._to_epoch(request.get("StartDate")) or time.time()) - interval


def _names_schedule(path: str) -> bool:
    return path.startswith("/schedules/")


def _refusal(headers: dict[str, str], body: bytes) -> Any:
    """Return the refusal of a role that the caller may not pass or the scheduler may not assume."""
    try:
        request = json.loads(body or b"{}")
        role_arn = str(request.get("Target", {}).get("RoleArn", ""))
    except (ValueError, AttributeError):
        return None
    key = router.extract_access_key_id(headers)
    token = access_key_of_request.set(key)
    try:
        if not may_pass_role(role_arn, SCHEDULER):
            return iam_actions.access_denied_response(
                "scheduler", "iam:PassRole", caller_arn(key), "", headers=headers, resource_arn=role_arn
            )
    finally:
        access_key_of_request.reset(token)
    role = role_of(role_arn)
    account, name = get_account_id(), request.get("GroupName", "default")
    group = f"arn:aws:scheduler:{get_region()}:{account}:schedule-group/{name}"
    if role is None or not trusts(role, SCHEDULER, _source(account, group)):
        message = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        return _error("ValidationException", message)
    return None


def _source(account: str, group_arn: str) -> dict[str, str]:
    return {"aws:sourceaccount": account, "aws:sourcearn": group_arn}


def _error(code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
    return 400, headers, json.dumps({"Message": message}).encode()


def _may_invoke(target: dict[str, Any], event: dict[str, Any]) -> bool:
    """Whether the scheduler may assume the target's role and invoke the function. Other targets pass."""
    arn = target["Arn"]
    if ":lambda:" not in arn:
        return True
    schedule = event["Resources"][0]
    group = schedule.replace(":schedule/", ":schedule-group/").rsplit("/", 1)[0]
    role = role_of(target.get("RoleArn", ""))
    source = _source(event["Account"], group)
    if role and trusts(role, SCHEDULER, source) and role_may(role, "lambda:InvokeFunction", arn):
        return True
    log.error("The role of %s may not be assumed by the scheduler, or may not invoke %s", schedule, arn)
    return False
