# SPDX-License-Identifier: Apache-2.0
"""Stands in for /opt in Python functions: a program below /opt is started from the function's layers.

Lambda unpacks layers into /opt. ministack unpacks them into a folder of the function's own and names it in
`_LAMBDA_LAYERS_DIRS`, so that modules of layers are found, but a program at an absolute path is not: the
handler of BucketDeployment starts /opt/awscli/aws.
"""

import os
import subprocess
import sys
from typing import Any

_OPT = "/opt/"
_original = subprocess.Popen.__init__


def _in_layers(arguments: Any) -> Any:
    """The command, with a program below /opt replaced by the layer's; scripts of Python by way of Python."""
    if not isinstance(arguments, (list, tuple)) or not str(arguments[0]).startswith(_OPT):
        return arguments
    for layer in os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep):
        program = os.path.join(layer, str(arguments[0])[len(_OPT) :])
        if layer and os.path.isfile(program):
            with open(program, "rb") as opened:
                first_line = opened.readline()
            # The interpreter that it names, /var/lang/bin/python, is Lambda's own.
            python = [sys.executable] if first_line.startswith(b"#!") and b"python" in first_line else []
            return [*python, program, *arguments[1:]]
    return arguments


def _popen(self: Any, args: Any, *more: Any, **named: Any) -> None:
    _original(self, _in_layers(args), *more, **named)


def set_up() -> None:
    """Have every program below /opt that is started looked for in the layers."""
    subprocess.Popen.__init__ = _popen  # type: ignore[method-assign]
