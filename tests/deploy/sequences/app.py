# SPDX-License-Identifier: Apache-2.0
"""The app of a sequence's step: one stack with imports. `python app.py FOLDER STACK < STEP` synthesises it.

The tests synthesise in their own process. Only an app with the previous library needs a process of its own.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_personalize as personalize
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_personalize_import import DatasetImportJob, DataSource, ImportMode
from tests.deploy.sequences.model import Import

SCHEMA = Path(__file__).parents[1] / "interactions.avsc.json"
BUCKET = "data-of-sequences"
TAKEN = "taken"
"""The name of a schema that exists, so that a stack cannot make it."""


def synthesise(
    folder: Path, stack_name: str, imports: Sequence[Import], datasets: Mapping[str, str], *, breaks: bool
) -> None:
    """Write the assembly of a stack.

    Args:
        folder: Where to.
        stack_name: The name of the stack.
        imports: The imports of the stack.
        datasets: The ARNs of the datasets outside the stack.
        breaks: Whether a resource that is made after the imports fails.
    """
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    stack = cdk.Stack(app, stack_name)
    if not any(made.dataset for made in imports):
        datasets = {"": _dataset(stack)}
    jobs: dict[str, DatasetImportJob] = {}
    scopes: dict[str, Construct] = {"": stack}
    for made in imports:
        scope = scopes.setdefault(made.nested, stack)
        if made.nested and scope is stack:
            scope = scopes[made.nested] = cdk.NestedStack(stack, made.nested)
        revision = jobs[made.after].dataset_import_job_arn if made.after else made.revision
        jobs[made.id] = _job(scope, made, datasets[made.dataset], revision)
    if breaks:
        broken = personalize.CfnSchema(stack, "Broken", name=TAKEN, schema=SCHEMA.read_text())
        broken.node.add_dependency(*jobs.values())
    app.synth()


def _dataset(stack: cdk.Stack) -> str:
    name = stack.stack_name
    return personalize.CfnDataset(
        stack,
        "Dataset",
        name=name,
        dataset_type="Interactions",
        dataset_group_arn=personalize.CfnDatasetGroup(stack, "Group", name=name).attr_dataset_group_arn,
        schema_arn=personalize.CfnSchema(
            stack, "Schema", name=name, schema=SCHEMA.read_text()
        ).attr_schema_arn,
    ).attr_dataset_arn


def _job(scope: Construct, made: Import, dataset_arn: str, revision: str) -> DatasetImportJob:
    bucket = s3.Bucket.from_bucket_name(scope, f"{made.id}Data", BUCKET)
    given: dict[str, Any] = {"revision": revision} if revision else {}
    if made.prefix:
        given["job_name_prefix"] = made.prefix
    if made.role:
        given["role"] = iam.Role(
            scope, f"{made.id}Reader", assumed_by=iam.ServicePrincipal("personalize.amazonaws.com")
        )
    job = DatasetImportJob(
        scope,
        made.id,
        dataset_arn=dataset_arn,
        data_source=DataSource.from_bucket(bucket, made.key),
        import_mode=ImportMode(made.mode),
        timeout=cdk.Duration.minutes(made.minutes),
        wait=made.wait,
        **given,
    )
    if made.tag:
        cdk.Tags.of(job).add("environment", made.tag)
    return job


def step_as_json(imports: Sequence[Import], datasets: Mapping[str, str], *, breaks: bool) -> str:
    """The step for another process."""
    given = [dataclasses.asdict(made) for made in imports]
    return json.dumps({"imports": given, "datasets": dict(datasets), "breaks": breaks})


if __name__ == "__main__":
    _step = json.load(sys.stdin)
    _imports = [Import(**given) for given in _step["imports"]]
    synthesise(Path(sys.argv[1]), sys.argv[2], _imports, _step["datasets"], breaks=_step["breaks"])
