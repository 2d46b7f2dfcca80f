# SPDX-License-Identifier: Apache-2.0
"""The plainest function that imports: it creates the job and loops until it ends, as AWS's samples do.

The samples sleep a minute between two looks:
https://github.com/aws-samples/amazon-personalize-samples
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.meter import Function
from benchmarks.peers.outside import ACTIVE, CREATE_FAILED, Outside

if TYPE_CHECKING:
    from benchmarks.meter import Meter
    from tests.fakes.account import Account

PAUSE = 60.0
"""Seconds between two looks."""

LONGEST_RUN = 900.0
"""Seconds: AWS Lambda's limit, after which it ends the process.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

RETRY_AFTER = 60.0
"""Seconds after which AWS Lambda invokes the function again, to which a time-out is a failure.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

FUNCTION = Function("plain", memory=128, architecture="x86_64")
"""With the defaults of the CDK's Function."""


class PlainLoop:
    """One function, one loop. A time-out is followed by a second try, which finds the job's name taken."""

    def __init__(self, account: Account, meter: Meter) -> None:
        self._outside = Outside(account, meter)

    def serve(self, event: dict[str, Any], context: Any, services: Any) -> None:
        """Take a request of CloudFormation; the loop outlasts the simulator's own functions."""
        self._outside.kernel.start(lambda: self._run(event))

    def _run(self, event: dict[str, Any]) -> None:
        kernel, meter = self._outside.kernel, self._outside.meter
        with meter.invocation(FUNCTION):
            timed_out = not self._import(event, kernel.now + LONGEST_RUN)
        if timed_out:
            kernel.sleep(RETRY_AFTER)
            self._run(event)

    def _import(self, event: dict[str, Any], ends: float) -> bool:
        """Import, and return whether the function got to its end."""
        outside = self._outside
        try:
            arn = outside.start_job(event["ResourceProperties"])
            while (status := outside.status(arn)) not in (ACTIVE, CREATE_FAILED):
                outside.kernel.sleep(min(PAUSE, ends - outside.kernel.now))
                if outside.kernel.now >= ends:
                    return False
        except Exception as error:
            outside.answer(event, "FAILED", event["RequestId"], str(error))
            return True
        outside.answer(event, "SUCCESS" if status == ACTIVE else "FAILED", arn)
        return True
