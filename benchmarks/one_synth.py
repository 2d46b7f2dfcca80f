# SPDX-License-Identifier: Apache-2.0
"""Synthesises one stack once, in a process of its own, and prints what came of it as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as s3_deployment

from benchmarks.hand_written import dataset_arn, plain_stack, provider_stack
from cdk_personalize_import import DatasetImportJob, DataSource

CONTEXT = json.loads((Path(__file__).parent.parent / "cdk.json").read_text(encoding="utf-8"))["context"]


def our_stack(stack: cdk.Stack, count: int, timeout: cdk.Duration | None = None) -> None:
    """The same imports with this library."""
    bucket = s3.Bucket(stack, "Data")
    for number in range(count):
        DatasetImportJob(
            stack,
            f"Import{number}",
            dataset_arn=dataset_arn(number),
            data_source=DataSource.from_bucket(bucket, "interactions/"),
            timeout=timeout,
        )


def our_long_stack(stack: cdk.Stack, count: int) -> None:
    """Imports of several hours, each with a wait condition."""
    our_stack(stack, count, cdk.Duration.hours(5))


def staged_stack(stack: cdk.Stack, count: int) -> None:
    """The same imports, of files of this machine."""
    for number in range(count):
        DatasetImportJob(
            stack,
            f"Import{number}",
            dataset_arn=dataset_arn(number),
            data_source=DataSource.from_asset(_csv_file(number)),
        )


def copied_stack(stack: cdk.Stack, count: int) -> None:
    """The same files, which a BucketDeployment for each import copies into one bucket."""
    bucket = s3.Bucket(stack, "Data")
    for number in range(count):
        files = s3_deployment.BucketDeployment(
            stack,
            f"Files{number}",
            sources=[s3_deployment.Source.asset(_csv_file(number).parent.as_posix())],
            destination_bucket=bucket,
            destination_key_prefix=f"interactions/{number}/",
        )
        job = DatasetImportJob(
            stack,
            f"Import{number}",
            dataset_arn=dataset_arn(number),
            data_source=DataSource.from_bucket(bucket, f"interactions/{number}/"),
        )
        job.node.add_dependency(files)


def _csv_file(number: int) -> Path:
    folder = Path(tempfile.gettempdir()) / "interactions" / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "interactions.csv"
    path.write_text(f"USER_ID,ITEM_ID,TIMESTAMP\nu{number},i1,1700000000\n", encoding="utf-8")
    return path


STACKS: dict[str, Callable[[cdk.Stack, int], None]] = {
    "ours": our_stack,
    "ours, several hours": our_long_stack,
    "plain": plain_stack,
    "Provider": provider_stack,
    "from_asset": staged_stack,
    "BucketDeployment": copied_stack,
}


def main(way: str, count: int) -> None:
    """Synthesise a stack of so many imports, made in this way."""
    # A stack that is too large is to be measured too, not refused.
    context = {**CONTEXT, "@aws-cdk/core:stackResourceLimit": 0}
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        app = cdk.App(context=context, outdir=folder, analytics_reporting=False)
        stack = cdk.Stack(app, "Bench")
        STACKS[way](stack, count)
        app.synth()
        seconds = time.perf_counter() - began
        template = (Path(folder) / "Bench.template.json").read_text(encoding="utf-8")
    resources = json.loads(template).get("Resources", {})
    print(json.dumps({"seconds": seconds, "resources": len(resources), "bytes": len(template.encode())}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
