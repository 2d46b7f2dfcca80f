# SPDX-License-Identifier: Apache-2.0
"""Functions find what Lambda's own file system has."""

import copy
import os
from typing import Any

from ministack.core import lambda_runtime

SYSTEM_BUNDLE = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
"""The certificates of Lambda's operating system; the function of BucketDeployment is told to trust them."""


def apply() -> None:
    """Give a function that names the system's certificates those that hold for this instance."""
    initialise = lambda_runtime.Worker.__init__

    def with_certificates(self: Any, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        variables = (config.get("Environment") or {}).get("Variables") or {}
        named = [name for name, value in variables.items() if value == SYSTEM_BUNDLE]
        if named:
            config = copy.deepcopy(config)
            for name in named:
                config["Environment"]["Variables"][name] = os.environ["AWS_CA_BUNDLE"]
        initialise(self, func_name, config, code_zip)

    lambda_runtime.Worker.__init__ = with_certificates


def stop() -> None:
    """End the processes in which functions run."""
    lambda_runtime.reset()
