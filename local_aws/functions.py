# SPDX-License-Identifier: Apache-2.0
"""The environment of functions is that of Lambda, and their roles need permission to write logs.

ministack writes the logs without a permission, and creates a log group again that a stack has deleted.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-cwlpolicy.html
"""

import os
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, lambda_svc

from .access import role_may, role_of

SYSTEM_BUNDLE = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
"""The certificates of Lambda's operating system. The function of BucketDeployment names this file."""


def apply() -> None:
    """Add Lambda's environment to every function, and check the permissions for its logs."""
    initialise, write_logs = lambda_runtime.Worker.__init__, lambda_svc._emit_lambda_logs

    def with_environment(self: Any, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        initialise(self, func_name, config | {"Environment": {"Variables": _variables(config)}}, code_zip)

    def write_permitted_logs(function: dict[str, Any], *more: Any, **options: Any) -> None:
        if _may_log(function.get("config") or function):
            write_logs(function, *more, **options)

    lambda_runtime.Worker.__init__ = with_environment
    lambda_svc._emit_lambda_logs = write_permitted_logs


def _may_log(config: dict[str, Any]) -> bool:
    """Whether the function's role may write to its log group, and create the group if it does not exist."""
    role = role_of(config.get("Role", ""))
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    arn = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if role is None or not all(role_may(role, action, f"{arn}:log-stream:") for action in actions):
        return False
    return group in cloudwatch_logs._log_groups or role_may(role, "logs:CreateLogGroup", arn)


def _variables(config: dict[str, Any]) -> dict[str, str]:
    given = (config.get("Environment") or {}).get("Variables") or {}
    trusted = {name: os.environ["AWS_CA_BUNDLE"] for name, value in given.items() if value == SYSTEM_BUNDLE}
    logs = config.get("LoggingConfig") or {}
    format_and_level = {
        "AWS_LAMBDA_LOG_FORMAT": logs.get("LogFormat"),
        "AWS_LAMBDA_LOG_LEVEL": logs.get("ApplicationLogLevel"),
    }
    return {**{name: value for name, value in format_and_level.items() if value}, **given, **trusted}


def stop() -> None:
    """End the processes in which functions run."""
    lambda_runtime.reset()
