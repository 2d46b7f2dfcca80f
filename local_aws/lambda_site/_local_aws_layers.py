# SPDX-License-Identifier: Apache-2.0
"""Replaces /opt in Python functions: a program below /opt is started from the function's layers.

Lambda unpacks layers into /opt. ministack unpacks them into a folder of the function, which
`_LAMBDA_LAYERS_DIRS` names. Modules of layers are found there, but programs with an absolute path are not,
such as /opt/awscli/aws of BucketDeployment.
"""

import os
import subprocess
import sys
from typing import Any

_OPT = "/opt/"
_original = subprocess.Popen.__init__


def _in_layers(arguments: Any) -> Any:
    """Return the command with the program of a layer, and with Python for a script."""
    if not isinstance(arguments, (list, tuple)) or not str(arguments[0]).startswith(_OPT):
        return arguments
    for layer in os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep):
        program = os.path.join(layer, str(arguments[0])[len(_OPT) :])
        if layer and os.path.isfile(program):
            with open(program, "rb") as opened:
                first_line = opened.readline()
            # Its interpreter, /var/lang/bin/python, exists only in Lambda.
            python = [sys.executable] if first_line.startswith(b"#!") and b"python" in first_line else []
            return [*python, program, *arguments[1:]]
    return arguments


def _popen(self: Any, args: Any, *more: Any, **named: Any) -> None:
    _original(self, _in_layers(args), *more, **named)


def set_up() -> None:
    """Search the layers for every program below /opt that is started."""
    subprocess.Popen.__init__ = _popen  # type: ignore[method-assign]
