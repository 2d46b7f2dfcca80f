# SPDX-License-Identifier: Apache-2.0
"""CloudFormation invokes the function of a custom resource asynchronously.

So Lambda tries an invocation that fails again, twice, and the wait for the answer begins with the first one.
ministack invokes once, and waits for the function before it waits for its answer.
"""

import contextvars
import threading
import time
from typing import Any

from ministack.services import lambda_svc

RETRIES_AFTER = (60.0, 120.0)
"""Seconds after a failed invocation, by Lambda's documentation of asynchronous invocations."""


def apply(speed: float) -> None:
    """Invoke in the background, and again after a failure; the pauses pass at the speed."""
    invoke = lambda_svc._execute_function_with_config_scope

    def invoke_until_it_works(function: dict[str, Any], event: dict[str, Any]) -> None:
        for pause in RETRIES_AFTER:
            if not invoke(function, event).get("error"):
                return
            time.sleep(pause / speed)
        invoke(function, event)

    def invoke_as_its_kind(function: dict[str, Any], event: Any) -> Any:
        if not isinstance(event, dict) or "ResponseURL" not in event:
            return invoke(function, event)
        context = contextvars.copy_context()
        arguments = (invoke_until_it_works, function, event)
        threading.Thread(target=context.run, args=arguments, daemon=True).start()
        return {}

    lambda_svc._execute_function_with_config_scope = invoke_as_its_kind
