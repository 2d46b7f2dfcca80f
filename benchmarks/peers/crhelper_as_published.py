# SPDX-License-Identifier: Apache-2.0
"""crhelper as published, with its defaults: its own code, over a model of EventBridge's scheduled rules."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from benchmarks.meter import RULE, Function
from benchmarks.peers.outside import ACTIVE, CREATE_FAILED, Outside
from tests.fakes.crhelper_as_published import CrhelperAsPublished, Events

if TYPE_CHECKING:
    from benchmarks.meter import Meter
    from tests.fakes.account import Account

FUNCTION = Function("crhelper", memory=128, architecture="x86_64")
"""With the defaults of the CDK's Function."""


class Rules(Events):
    """Scheduled rules, which call a function for the first time one period after they were made.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
    """

    def __init__(self, outside: Outside, function_arn: str) -> None:
        super().__init__()
        self._outside = outside
        self._function_arn = function_arn
        self.period = 0.0

    def _begin(self, operation: str) -> None:
        self._outside.exchange(lambda: None)

    def put_rule(self, **params: Any) -> dict[str, str]:
        """Make a rule."""
        rate = re.fullmatch(r"rate\((\d+) minutes?\)", params["ScheduleExpression"])
        assert rate
        self.period = 60.0 * int(rate[1])
        made = super().put_rule(**params)
        self._outside.kernel.after(self.period, lambda: self._fire(params["Name"]))
        return made

    def _fire(self, rule: str) -> None:
        if rule not in self.rules:
            return
        outside, payload = self._outside, self.rules[rule]
        functions = outside.account.functions
        late = functions.faults.draw("", "Tick")
        outside.meter.used[RULE] += 1
        outside.kernel.after(
            late.seconds if late else 0.0, lambda: functions.invoke(self._function_arn, payload)
        )
        outside.kernel.after(self.period, lambda: self._fire(rule))


class PublishedCrhelper:
    """crhelper's `CfnResource`, with functions as its README has them: one starts the job, one polls."""

    def __init__(self, account: Account, meter: Meter) -> None:
        self._outside = Outside(account, meter)
        self._rules: dict[str, Rules] = {}

    def serve(self, event: dict[str, Any], context: Any, services: Any) -> None:
        """Run the function once."""
        arn = context.invoked_function_arn
        rules = self._rules.setdefault(arn, Rules(self._outside, arn))
        with self._outside.meter.invocation(FUNCTION):
            # An environment serves one event at a time; here, several run in this process.
            resource = CrhelperAsPublished(rules)
            resource.create(self._start)
            resource.poll_create(self._look)
            url = event["ResponseURL"]
            resource(event, context)
            for answer in resource.answers:
                self._outside.put(url, answer)

    def _start(self, event: dict[str, Any], _: Any) -> None:
        self._outside.start_job(event["ResourceProperties"])

    def _look(self, event: dict[str, Any], _: Any) -> str | None:
        dataset_arn, name = (event["ResourceProperties"][key] for key in ("DatasetArn", "JobNamePrefix"))
        arn = ":".join([*dataset_arn.split(":")[:5], f"dataset-import-job/{name}"])
        status = self._outside.status(arn)
        if status == CREATE_FAILED:
            raise RuntimeError(json.dumps({"datasetImportJobArn": arn, "status": status}))
        return arn if status == ACTIVE else None
