# SPDX-License-Identifier: Apache-2.0
"""CloudFormation and EventBridge Scheduler invoke functions asynchronously.

Lambda therefore retries a failed invocation twice, and CloudFormation's wait for the answer begins with the
first invocation. ministack invokes once, and waits for the function before it waits for the answer.

A function that cannot run here fails its resource at once, instead of after the timeout of an hour.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import contextvars
import json
import threading
import time
from typing import Any

from ministack.services import eventbridge, lambda_svc
from ministack.services.cloudformation import custom_resource

from .answers import PATH, Reason
from .failed_creates import made_up_id

RETRIES_AFTER = (60.0, 120.0)
"""Seconds between retries, by Lambda's documentation of asynchronous invocations."""

RUNTIMES = ("python", "nodejs", "provided")
"""The prefixes of the runtimes that work here."""

NOT_LOADED = "Worker init failed: "
_never_ran: set[str] = set()
"""The generated ids of resources whose function could not run at their creation."""


def apply(speed: float) -> None:
    """Invoke in the background, and retry after a failure. The speed divides the pauses."""
    invoke = lambda_svc._execute_function_with_config_scope

    def invoke_until_it_works(function: dict[str, Any], event: dict[str, Any]) -> None:
        for pause in (*RETRIES_AFTER, None):
            result = invoke(function, event)
            reason = why_it_cannot_run(function, result)
            if reason and "ResponseURL" in event:
                _answer_for(function, event, reason)
            if reason or not result.get("error") or pause is None:
                return
            time.sleep(pause / speed)

    def begin(function: dict[str, Any], event: dict[str, Any]) -> None:
        context = contextvars.copy_context()
        arguments = (invoke_until_it_works, function, event)
        threading.Thread(target=context.run, args=arguments, daemon=True).start()

    def invoke_as_its_kind(function: dict[str, Any], event: Any) -> Any:
        if not isinstance(event, dict) or "ResponseURL" not in event:
            return invoke(function, event)
        begin(function, event)
        return {}

    def dispatch_to_lambda(arn: str, payload: str) -> None:
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and config:
            begin(lambda_svc._execution_record_for_config(function, config), json.loads(payload))

    lambda_svc._execute_function_with_config_scope = invoke_as_its_kind
    eventbridge._dispatch_to_lambda = dispatch_to_lambda


def why_it_cannot_run(function: dict[str, Any], result: dict[str, Any]) -> str:
    """Return the reason why the function cannot run here; empty if it can."""
    config = function.get("config") or function
    runtime = str(config.get("Runtime") or "a container image")
    if not runtime.startswith(RUNTIMES):
        return f"it runs on {runtime}"
    body = result.get("body")
    if not result.get("error") or not isinstance(body, dict):
        return ""
    message = str(body.get("errorMessage", ""))
    if message.startswith(NOT_LOADED):
        # The rest of the text is about settings of ministack.
        return message.removeprefix(NOT_LOADED).partition(";")[0]
    return f"{runtime} is not installed" if body.get("errorType") == "FileNotFoundError" else ""


def _answer_for(function: dict[str, Any], event: dict[str, Any], why: str) -> None:
    token = event["ResponseURL"].rpartition(PATH)[2]
    physical_id = event.get("PhysicalResourceId")
    if event["RequestType"] == "Delete" and physical_id in _never_ran:
        custom_resource.deliver_response(token, {"Status": "SUCCESS", "PhysicalResourceId": physical_id})
        return
    name = (function.get("config") or function)["FunctionName"]
    reason = Reason(f"The embedded AWS cannot run the function {name}: {why}")
    if event["RequestType"] == "Create":
        stack_name = event["StackId"].split("/")[1]
        reason.physical_id = made_up_id(stack_name, event["LogicalResourceId"])
        _never_ran.add(reason.physical_id)
    custom_resource.deliver_response(token, {"Status": "FAILED", "Reason": reason})
