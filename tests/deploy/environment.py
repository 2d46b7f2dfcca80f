# SPDX-License-Identifier: Apache-2.0
"""An account in an embedded AWS, and the real CDK CLI that deploys into it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.cdk_cli import CdkCli, CdkFailedError

if TYPE_CHECKING:
    from local_aws import LocalAws

APP = Path(__file__).with_name("one_import.py")


def interactions(rows: int) -> str:
    """Make that many interactions."""
    lines = (f"u{n % 50},i{n % 90},{1_700_000_000 + n}\n" for n in range(rows))
    return "USER_ID,ITEM_ID,TIMESTAMP\n" + "".join(lines)


@dataclass
class Environment:
    """A bootstrapped account; what the CLI said last is in `output`."""

    aws: LocalAws
    home: Path
    app: Path = APP
    output: list[str] = field(default_factory=list)

    def bootstrap(self) -> None:
        """Prepare the account for the CDK."""
        account = self.aws.client("sts").get_caller_identity()["Account"]
        self._cdk("bootstrap", f"aws://{account}/{self.aws.region}")

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
        given = [part for key, value in context.items() for part in ("-c", f"{key}={value}")]
        try:
            self._cdk(command, "--app", f"{sys.executable} {self.app}", *options, *given)
        except CdkFailedError:
            return False
        return True

    def _cdk(self, *arguments: str) -> None:
        self.output.clear()
        CdkCli(self.aws.environment, self.home, self.output.append).run(*arguments)
