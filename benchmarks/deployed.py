# SPDX-License-Identifier: Apache-2.0
"""What an app with one import deploys, as the CDK synthesises it."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from benchmarks.meter import Function
from benchmarks.one_synth import our_stack


@cache
def _assembly() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    our_stack(cdk.Stack(app, "Bench"), 1)
    app.synth()
    return folder


def deployed_code() -> Path:
    """The folder of the function's code."""
    (handler,) = _assembly().glob("asset.*/dataset_import")
    return handler.parent


@cache
def deployed_function() -> Function:
    """The function's memory and architecture."""
    resources: dict[str, dict[str, Any]] = json.loads(
        (_assembly() / "Bench.template.json").read_text(encoding="utf-8")
    )["Resources"]
    (function,) = (
        resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Lambda::Function"
    )
    (architecture,) = function["Architectures"]
    return Function("ours", function["MemorySize"], architecture)
