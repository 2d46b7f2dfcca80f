# SPDX-License-Identifier: Apache-2.0
"""Starts one handler once, in a process of its own, and prints what that took as JSON.

Ready for the first call means that the code has been loaded and the first client has been made. A call of
Personalize, which a server on the loopback answers, follows; then the memory is read.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

HELD: list[object] = []
"""What a module would hold."""


def boto3_alone() -> Any:
    """What nobody can do without."""
    import boto3

    return boto3.client("personalize")


def ours() -> Any:
    """This library's handler, and the client that a tick uses to look at the job."""
    from dataset_import import handler, services

    HELD.append(handler)
    return services.Services().personalize()


def crhelper() -> Any:
    """The plainest handler with crhelper, made as its README has it: three clients, and Personalize's."""
    import boto3
    from crhelper import CfnResource

    HELD.append(CfnResource())
    return boto3.client("personalize")


def provider() -> Any:
    """The handler that a Provider invokes: the framework's own functions are in Node.js."""
    import json  # noqa: F401  # what such a handler reads its event with
    import logging

    import boto3

    logging.getLogger().setLevel(logging.INFO)
    return boto3.client("personalize")


WAYS = {"boto3 alone": boto3_alone, "ours": ours, "crhelper": crhelper, "Provider": provider}


def peak_mebibytes() -> float:
    """The largest resident set of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: there, a process begins with what the one that started it had.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def main(way: str) -> None:
    """Start, call, and tell."""
    client = WAYS[way]()
    cpu = time.process_time()
    client.describe_dataset_import_job(datasetImportJobArn=os.environ["BENCH_JOB"])
    clients = _clients_made()
    print(json.dumps({"cpu": cpu, "mebibytes": peak_mebibytes(), "clients": clients}))


def _clients_made() -> int:
    """The clients that there are, of whatever service."""
    import gc

    from botocore.client import BaseClient

    return sum(isinstance(each, BaseClient) for each in gc.get_objects())


if __name__ == "__main__":
    main(sys.argv[1])
