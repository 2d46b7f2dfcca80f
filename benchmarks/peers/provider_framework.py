# SPDX-License-Identifier: Apache-2.0
"""`aws_cdk.custom_resources.Provider` with an is_complete_handler and its defaults (aws-cdk-lib 2.275).

The framework's function `onEvent` invokes the user's, then starts an execution of the state machine that
waits: one task, which invokes the framework's function `isComplete`, which invokes the user's. As long as
that says no, the task fails, and the state machine tries it again after the query interval, as often as the
total timeout holds the interval; then it goes on to `onTimeout`, which answers FAILED.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.meter import TRANSITION, Function
from benchmarks.peers.outside import ACTIVE, CREATE_FAILED, Outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.meter import Meter
    from tests.fakes.account import Account

QUERY_INTERVAL = 5.0
TOTAL_TIMEOUT = 1800.0
"""Seconds: https://docs.aws.amazon.com/cdk/api/v2/python/aws_cdk.custom_resources/Provider.html"""

# All with the defaults of the CDK's Function, for the framework's functions too.
ON_EVENT = Function("framework-onEvent", memory=128, architecture="x86_64")
IS_COMPLETE = Function("framework-isComplete", memory=128, architecture="x86_64")
ON_TIMEOUT = Function("framework-onTimeout", memory=128, architecture="x86_64")
USER_ON_EVENT = Function("on_event_handler", memory=128, architecture="x86_64")
USER_IS_COMPLETE = Function("is_complete_handler", memory=128, architecture="x86_64")


class ProviderFramework:
    """The framework, with handlers of a user who starts the job and looks whether it has ended."""

    def __init__(self, account: Account, meter: Meter) -> None:
        self._outside = Outside(account, meter)

    def serve(self, event: dict[str, Any], context: Any, services: Any) -> None:
        """Take a request of CloudFormation. What outlives the function runs beside it."""
        self._outside.kernel.start(lambda: self._run(event))

    def _run(self, event: dict[str, Any]) -> None:
        arn = self._on_event(event)
        if arn:
            self._execution(event, arn)

    def _on_event(self, event: dict[str, Any]) -> str:
        """Start the job and the execution; return the job's ARN, or nothing if it has failed."""
        outside = self._outside
        with outside.meter.invocation(ON_EVENT):
            try:
                arn: str = outside.invoke(
                    USER_ON_EVENT, lambda: outside.start_job(event["ResourceProperties"])
                )
            except Exception as error:
                outside.answer(event, "FAILED", event["RequestId"], str(error))
                return ""
            outside.exchange(lambda: None)  # StartExecution
        return arn

    def _execution(self, event: dict[str, Any], arn: str) -> None:
        outside = self._outside
        tries = 1 + round(TOTAL_TIMEOUT / QUERY_INTERVAL)
        for number in range(tries):
            if self._step(IS_COMPLETE, lambda: self._is_complete(event, arn)):
                return
            if number < tries - 1:
                outside.kernel.sleep(QUERY_INTERVAL)
        self._step(ON_TIMEOUT, lambda: outside.answer(event, "FAILED", arn, "Operation timed out"))

    def _step(self, function: Function, do: Callable[[], Any]) -> Any:
        """One step of the state machine: a transition, even if it is tried again, and an invocation."""
        self._outside.meter.used[TRANSITION] += 1
        return self._outside.invoke(function, do)

    def _is_complete(self, event: dict[str, Any], arn: str) -> bool:
        outside = self._outside
        status: str = outside.invoke(USER_IS_COMPLETE, lambda: outside.status(arn))
        if status == ACTIVE:
            outside.answer(event, "SUCCESS", arn)
        elif status == CREATE_FAILED:
            outside.answer(event, "FAILED", arn, "The import has failed.")
        return status in (ACTIVE, CREATE_FAILED)
