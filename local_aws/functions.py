# SPDX-License-Identifier: Apache-2.0
"""Functions find what Lambda's own environment has."""

import os
from typing import Any

from ministack.core import lambda_runtime

SYSTEM_BUNDLE = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
"""The certificates of Lambda's operating system; the function of BucketDeployment is told to trust them."""


def apply() -> None:
    """Complete the environment of every function by what Lambda's own has."""
    initialise = lambda_runtime.Worker.__init__

    def with_environment(self: Any, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        initialise(self, func_name, config | {"Environment": {"Variables": _variables(config)}}, code_zip)

    lambda_runtime.Worker.__init__ = with_environment


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
