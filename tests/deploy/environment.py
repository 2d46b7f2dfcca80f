# SPDX-License-Identifier: Apache-2.0
"""An account in an embedded AWS, and the real CDK CLI that deploys into it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from demo.cdk_cli import ROOT, CdkCli, CdkFailedError

if TYPE_CHECKING:
    from local_aws import LocalAws

CONTEXT = {**json.loads((ROOT / "cdk.json").read_text())["context"], "aws:cdk:enable-path-metadata": True}
"""The context that the CDK CLI gives to a new app."""

QUICK = {"NODE_OPTIONS": f"--require {Path(__file__).with_name('quick_cli.cjs')}"}
"""Environment variables that let the CDK CLI look at CloudFormation more often."""


def interactions(rows: int) -> str:
    """Make that many interactions."""
    lines = (f"u{n % 50},i{n % 90},{1_700_000_000 + n}\n" for n in range(rows))
    return "USER_ID,ITEM_ID,TIMESTAMP\n" + "".join(lines)


@dataclass
class Environment:
    """A bootstrapped account, and an app to deploy into it.

    Attributes:
        aws: The embedded AWS.
        home: A folder for assemblies and for the CLI's cache.
        add_stacks: Adds the stacks to an app, as its context says. The app is synthesised in this process,
            because to start another one takes longer than all that the CLI does.
        output: What the CLI wrote last.
    """

    aws: LocalAws
    home: Path
    add_stacks: Callable[[cdk.App], None]
    output: list[str] = field(default_factory=list)
    _assemblies: int = 0

    def deploy(self, stack: str, *options: str, **context: str) -> bool:
        """Deploy the app, and return whether that succeeded."""
        return self._run("deploy", "--require-approval", "never", *options, stack=stack, **context)

    def destroy(self, stack: str, *options: str, **context: str) -> bool:
        """Destroy the app, and return whether that succeeded."""
        return self._run("destroy", "--force", *options, stack=stack, **context)

    def jobs(self, stack: str) -> list[dict[str, Any]]:
        """The import jobs of a stack's dataset, in the order of their making."""
        personalize = self.aws.client("personalize")
        arns = [
            found["datasetArn"] for found in personalize.list_datasets()["datasets"] if found["name"] == stack
        ]
        if not arns:
            return []
        jobs: list[dict[str, Any]] = personalize.list_dataset_import_jobs(datasetArn=arns[0])[
            "datasetImportJobs"
        ]
        return sorted(jobs, key=lambda job: job["creationDateTime"])

    def output_of(self, stack: str, key: str) -> str:
        """A stack's output."""
        [found] = self.aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}
        return str(outputs[key])

    def status(self, stack: str) -> str:
        """A stack's status."""
        [found] = self.aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return str(found["StackStatus"])

    def resources(self, stack: str, kind: str) -> dict[str, str]:
        """The physical ids of a stack's resources of a type, by logical id."""
        described = self.aws.client("cloudformation").describe_stack_resources(StackName=stack)
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in described["StackResources"]
            if resource["ResourceType"] == kind
        }

    def events(self, stack: str) -> list[dict[str, Any]]:
        """The events of a stack, the newest first."""
        found: list[dict[str, Any]] = self.aws.client("cloudformation").describe_stack_events(
            StackName=stack
        )["StackEvents"]
        return found

    def reasons(self, stack: str) -> str:
        """What a stack's failed resources said."""
        return "\n".join(
            event.get("ResourceStatusReason", "")
            for event in self.events(stack)
            if event["ResourceStatus"].endswith("FAILED")
        )

    def _run(self, command: str, *options: str, **context: str) -> bool:
        assembly = self._synthesise(context)
        try:
            self._cdk(command, "--app", str(assembly), *options)
        except CdkFailedError:
            return False
        return True

    def _synthesise(self, context: dict[str, str]) -> Path:
        self._assemblies += 1
        folder = self.home / f"assembly-{self._assemblies}"
        app = cdk.App(outdir=str(folder), context={**CONTEXT, **context})
        self.add_stacks(app)
        app.synth()
        return folder

    def _cdk(self, *arguments: str) -> None:
        self.output.clear()
        CdkCli({**self.aws.environment, **QUICK}, self.home, self.output.append).run(*arguments)
